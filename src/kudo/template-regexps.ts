import type { GoFunction } from './go-function.ts';
import { nilSlice, typed } from './template-go-types.ts';
import { toRegExp } from './template-re2.ts';

/** sprig's functions of regular expressions. */
export const REGEXP_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  regexMatch: (pattern, text) => isMatch(pattern as string, text as string),
  regexFind: (pattern, text) => toRegExp(pattern as string).exec(text as string)?.[0] ?? '',
  regexFindAll: (pattern, text, most) => findAll(pattern as string, text as string, most as number),
  regexReplaceAll: (pattern, text, replacement) =>
    replaceAll(pattern as string, text as string, (groups, names) =>
      expand(replacement as string, groups, names),
    ),
  regexReplaceAllLiteral: (pattern, text, replacement) =>
    replaceAll(pattern as string, text as string, () => replacement as string),
  regexSplit: (pattern, text, most) => split(pattern as string, text as string, most as number),
};

/** sprig drops the error of a pattern that Go does not take, here alone. */
function isMatch(pattern: string, text: string): boolean {
  try {
    return toRegExp(pattern).test(text);
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.startsWith('error parsing regexp')) return false;
    throw thrown;
  }
}

/** Go's matches: an empty one right behind another match does not count. */
function matchesOf(pattern: string, text: string): RegExpExecArray[] {
  let end = -1;
  return [...text.matchAll(toRegExp(pattern))].filter((match) => {
    const isCounted = match[0] !== '' || match.index !== end;
    end = match.index + match[0].length;
    return isCounted;
  });
}

function findAll(pattern: string, text: string, most: number): string[] {
  const found = matchesOf(pattern, text).map(([all]) => all);
  const kept = most < 0 ? found : found.slice(0, most);
  return kept.length === 0 ? (nilSlice('[]string') as string[]) : typed(kept, '[]string');
}

function replaceAll(
  pattern: string,
  text: string,
  replacement: (groups: readonly (string | undefined)[], names: Groups) => string,
): string {
  let result = '';
  let end = 0;
  for (const match of matchesOf(pattern, text)) {
    result += text.slice(end, match.index) + replacement(match, match.groups ?? {});
    end = match.index + match[0].length;
  }
  return result + text.slice(end);
}

type Groups = Readonly<Record<string, string | undefined>>;

/** Go expands `$1`, `$name` and `${name}`; an unknown name is empty. */
function expand(template: string, groups: readonly (string | undefined)[], names: Groups): string {
  return template.replaceAll(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (all, braced?: string, bare?: string) => {
      if (all === '$$') return '$';
      const name = braced ?? bare ?? '';
      return (/^[0-9]+$/.test(name) ? groups[Number(name)] : names[name]) ?? '';
    },
  );
}

/** regexp.Split. */
function split(pattern: string, text: string, most: number): string[] {
  const matches = matchesOf(pattern, text);
  if (most === 0) return nilSlice('[]string') as string[];
  if (pattern !== '' && text === '') return typed([''], '[]string');
  const parts: string[] = [];
  let [begin, end] = [0, 0];
  for (const match of matches) {
    if (most > 0 && parts.length === most - 1) break;
    end = match.index;
    if (match.index + match[0].length !== 0) parts.push(text.slice(begin, end));
    begin = match.index + match[0].length;
  }
  if (end !== text.length) parts.push(text.slice(begin));
  return typed(parts, '[]string');
}
