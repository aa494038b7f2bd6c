import type { Scenario } from './scenario.ts';

/** One line of the first commit's files and what a person may write there instead. */
export interface FirstEdit {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

/** What the story changes first in one line of a file that is there; something to try for a person. */
export function firstEdit({
  steps,
  files,
}: Pick<Scenario, 'steps' | 'files'>): FirstEdit | undefined {
  for (const { commit } of steps) {
    for (const { file, from, to } of commit?.edits ?? []) {
      const text = files[file];
      const isOneLine = from !== undefined && !`${from}${to}`.includes('\n');
      if (commit === undefined || text === undefined || !isOneLine || !text.includes(from))
        continue;
      const line = text.slice(0, text.indexOf(from)).split('\n').length;
      return { file, line, from, to, message: commit.message };
    }
  }
  return undefined;
}
