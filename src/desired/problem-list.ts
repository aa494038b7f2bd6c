import type { SourcePosition } from '../model/desired.ts';
import { boundedProblem, type Problem } from '../model/problem.ts';

interface ProblemText {
  readonly id: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Problems in the order of files and lines; beyond `max` they are counted, not kept. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #max: number;
  #errors = 0;
  #dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  error(position: SourcePosition, text: ProblemText): void {
    this.#errors += 1;
    this.#add({ severity: 'error', ...position, ...text });
  }

  warning(position: SourcePosition, text: ProblemText): void {
    this.#add({ severity: 'warning', ...position, ...text });
  }

  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) {
      if (problem.severity === 'error') this.#errors += 1;
      this.#add(problem);
    }
  }

  /** How many errors were met, kept or not. */
  get errors(): number {
    return this.#errors;
  }

  sorted(): readonly Problem[] {
    const problems = this.#problems.toSorted(
      (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column,
    );
    if (this.#dropped === 0) return problems;
    const message = `${this.#dropped} more problems are not listed`;
    const place = { file: problems.at(-1)?.file ?? '.', line: 1, column: 1 };
    return [...problems, { id: 'too-many-problems', severity: 'warning', ...place, message }];
  }

  #add(problem: Problem): void {
    if (this.#problems.length >= this.#max) this.#dropped += 1;
    else this.#problems.push(boundedProblem(problem));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
