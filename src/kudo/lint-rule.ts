import type { Severity } from '../model/problem.ts';

/** One kind of finding about an operator package. */
export interface FindingRule {
  readonly severity: Severity;
  /** True when a Sync, a preview and `validate` name it too: it concerns what runs, not how a package is written. */
  readonly runs: boolean;
  /** True when `kubectl kudo package verify` refuses or warns as well. */
  readonly kudo: boolean;
  /** What is wrong, for the list in docs/packages.md. */
  readonly says: string;
  /** What to do about it. */
  readonly cure: string;
}

/** `run`: see `runs`; `kudo`: see `kudo`. */
type Scope = 'run' | 'run kudo' | 'lint' | 'lint kudo';

/** A rule whose findings make `package lint` fail. */
export function error(scope: Scope, says: string, cure: string): FindingRule {
  return rule('error', scope, says, cure);
}

/** A rule whose findings are worth a look. */
export function warning(scope: Scope, says: string, cure: string): FindingRule {
  return rule('warning', scope, says, cure);
}

function rule(severity: Severity, scope: Scope, says: string, cure: string): FindingRule {
  return { severity, runs: scope.startsWith('run'), kudo: scope.endsWith('kudo'), says, cure };
}
