import { Failure } from '../lib/failure.ts';
import type { Styles } from './styles.ts';
import { printable } from './table.ts';

/** One thing that must be so, or that cannot be told from here. */
export interface Check {
  readonly check: string;
  /** `warning`: it works, but not as people expect. */
  readonly state: 'good' | 'warning' | 'bad' | 'unknown';
  readonly detail: string;
  readonly hint?: string | undefined;
}

/** What `look` finds; a Failure is a bad check, anything else thrown a bug. */
export async function checked(check: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { check, state: 'good', detail: await look() };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { check, state: 'bad', detail: thrown.message, hint: thrown.hint };
  }
}

/** A line each, with what to do below what is bad. */
export function checkText(checks: readonly Check[], styles: Styles): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const mark = {
    good: styles.green('ok '),
    warning: styles.yellow('!  '),
    bad: styles.red('BAD'),
    unknown: styles.yellow('?  '),
  };
  return checks
    .map(({ check, state, detail, hint }) => {
      const advice = hint === undefined || state === 'good' ? '' : `      → ${printable(hint)}\n`;
      return `${mark[state]} ${printable(check).padEnd(width)}  ${printable(detail)}\n${advice}`;
    })
    .join('');
}
