export type Severity = 'error' | 'warning';

/** Something wrong with what Git says. Line and column count from 1. */
export interface Problem {
  /** Stable id for machines, e.g. `unknown-parameter`. */
  readonly id: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}
