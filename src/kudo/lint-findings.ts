import type { Problem } from '../model/problem.ts';
import { OPERATOR_RULES } from './lint-operator-rules.ts';
import { PARAMETER_RULES } from './lint-parameter-rules.ts';
import type { FindingRule } from './lint-rule.ts';

/** Everything that can be found, by its stable id; docs/packages.md is made of this. */
export const FINDINGS = {
  ...OPERATOR_RULES,
  ...PARAMETER_RULES,
} as const satisfies Readonly<Record<string, FindingRule>>;

export type FindingId = keyof typeof FINDINGS;

/** Where something stands in a package; the file is relative to it. */
export interface PackagePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A problem of this kind; `cure` replaces the general advice where more is known. */
export function finding(
  id: FindingId,
  place: PackagePlace,
  message: string,
  cure: string = FINDINGS[id].cure,
): Problem {
  const { file, line, column } = place;
  return { id, severity: FINDINGS[id].severity, file, line, column, message, hint: cure };
}

/** The rule of a problem; undefined for problems that are not about packages. */
export function findingRule(id: string): FindingRule | undefined {
  return Object.hasOwn(FINDINGS, id) ? FINDINGS[id as FindingId] : undefined;
}
