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

/** `file:line:column: text. What to do`. */
export function problemText({ file, line, column, message, hint }: Problem): string {
  const where = `${file}:${String(line)}:${String(column)}`;
  return hint === undefined ? `${where}: ${message}` : `${where}: ${message} (${hint})`;
}

const MAX_TEXT = 1_000;

/** The problem with its texts cut: names and values in them come from files that anybody may have written. */
export function boundedProblem(problem: Problem): Problem {
  return { ...problem, message: cut(problem.message), hint: problem.hint && cut(problem.hint) };
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
