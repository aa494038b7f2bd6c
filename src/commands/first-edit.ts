import type { Edit, Scenario } from './scenario.ts';

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
    for (const edit of commit?.edits ?? []) {
      const text = files[edit.file];
      if (!commit || !text || !isOneLine(edit) || !text.includes(edit.from)) continue;
      const { file, from, to } = edit;
      const line = text.slice(0, text.indexOf(from)).split('\n').length;
      return { file, line, from, to, message: commit.message };
    }
  }
  return undefined;
}

const isOneLine = (edit: Edit): edit is Edit & { from: string; to: string } =>
  edit.from !== undefined && edit.to !== null && !`${edit.from}${edit.to}`.includes('\n');
