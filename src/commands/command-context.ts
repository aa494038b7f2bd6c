import type { Scope } from '../lib/scope.ts';

/** What a command may know of the process around it; main.ts builds the real one. */
export interface CommandContext {
  readonly scope: Scope;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to standard output, without adding a line end. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** True when standard output is a terminal, so that colours and redrawing make sense. */
  readonly isTerminal: boolean;
  /** Asks a yes/no question on the terminal; false when there is none. */
  confirm(question: string): Promise<boolean>;
  /** Sets the exit code of the process. */
  exit(code: number): void;
  /** Folder of the bundled program, where its workers lie. */
  readonly programFolder: string;
  readonly version: string;
}
