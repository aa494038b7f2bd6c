import { diffLines } from 'diff';
import type { ParameterEdit } from '../model/change.ts';
import { authorText } from '../model/field-author.ts';

const MAX_LINES = 60;
const MAX_LENGTH = 4_000;

/**
 * A parameter edit as lines of a diff; secret values are masked, long ones cut.
 *
 * @param hidesFrom true when the cluster's value must not be shown
 */
export function editDiff(edit: ParameterEdit, hidesFrom: boolean): readonly string[] {
  if (edit.secret) return [`! ${edit.name} (secret, not shown)`];
  const from = hidesFrom ? undefined : edit.from;
  const isShort = [from, edit.to].every((value) => value === undefined || !value.includes('\n'));
  const author = edit.setBy && !hidesFrom ? [`! ${edit.name}: ${authorText(edit.setBy)}`] : [];
  const lines = isShort ? shortDiff(edit, from) : longDiff(edit.name, from ?? '', edit.to ?? '');
  if (lines.length <= MAX_LINES) return [...author, ...lines];
  return [...author, ...lines.slice(0, MAX_LINES), `  … ${lines.length - MAX_LINES} more lines`];
}

function shortDiff({ name, to }: ParameterEdit, from: string | undefined): string[] {
  return [
    ...(from === undefined ? [] : [`- ${name}: ${cut(from)}`]),
    to === undefined ? `  ${name}: (default)` : `+ ${name}: ${cut(to)}`,
  ];
}

function longDiff(name: string, from: string, to: string): string[] {
  const parts = diffLines(cut(from), cut(to), { timeout: 100 }) ?? [
    { removed: true, added: false, value: cut(from) },
    { removed: false, added: true, value: cut(to) },
  ];
  const lines = parts.flatMap(({ added, removed, value }) => {
    const sign = added ? '+' : removed ? '-' : ' ';
    return value
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${sign}   ${line}`);
  });
  return [`  ${name}:`, ...lines];
}

function cut(value: string): string {
  return value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH)}…` : value;
}
