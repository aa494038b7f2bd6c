import { fromGoBytes, toGoBytes } from './go-bytes.ts';
import type { GoFunction } from './go-function.ts';

/** sprig's functions of texts that go by bytes or by Go's idea of letters. */
export const STRING_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  upper: (text) => upper(text as string),
  lower: (text) => Array.from(text as string, lowerLetter).join(''),
  title: (text) => title(text as string),
  swapcase: (text) => swapCase(text as string),
  nospace: (text) => withoutSpace(text as string),
  initials: (text) => initials(text as string),
  substr: (start, end, text) => substring(start as number, end as number, text as string),
  trunc: (length, text) => truncate(length as number, text as string),
  wrap: (length, text) => wrap(text as string, length as number),
  wrapWith: (length, separator, text) =>
    wrap(text as string, length as number, separator as string),
  abbrev: (width, text) => abbreviate(text as string, 0, width as number),
  abbrevboth: (left, right, text) => {
    const isKept = (right as number) < 4 || ((left as number) > 0 && (right as number) < 7);
    return isKept ? text : abbreviate(text as string, left as number, right as number);
  },
};

/** A letter's upper case if that is one letter, as `ß` has none. */
function upperLetter(letter: string): string {
  const changed = letter.toUpperCase();
  return Array.from(changed).length === 1 ? changed : letter;
}

function lowerLetter(letter: string): string {
  const changed = letter.toLowerCase();
  return Array.from(changed).length === 1 ? changed : letter;
}

function upper(text: string): string {
  return Array.from(text, upperLetter).join('');
}

/** strings.Title: what follows a separator is a title letter. */
function title(text: string): string {
  let previous = ' ';
  return Array.from(text, (letter) => {
    const changed = isSeparator(previous) ? upperLetter(letter) : letter;
    previous = letter;
    return changed;
  }).join('');
}

function isSeparator(letter: string): boolean {
  if (/[\p{L}\p{Nd}_]/u.test(letter)) return false;
  return letter < '\u0080' || /\s/.test(letter);
}

function swapCase(text: string): string {
  return Array.from(text, (letter) => {
    if (/[\p{Lu}\p{Lt}]/u.test(letter)) return lowerLetter(letter);
    return /\p{Ll}/u.test(letter) ? upperLetter(letter) : letter;
  }).join('');
}

const SPACE = /[\t\n\v\f\r \u0085\u00A0]/;

/** goutils takes each byte for a letter: texts with a space in them lose all that is not ASCII. */
function withoutSpace(text: string): string {
  const bytes = toGoBytes(text);
  return SPACE.test(bytes) ? bytes.replaceAll(new RegExp(SPACE, 'g'), '') : text;
}

function initials(text: string): string {
  const starts = Array.from(toGoBytes(text)).filter(
    (byte, index, bytes) =>
      !SPACE.test(byte) && (index === 0 || SPACE.test(bytes[index - 1] ?? '')),
  );
  return starts.join('');
}

function substring(start: number, end: number, text: string): string {
  const bytes = toGoBytes(text);
  const from = start < 0 ? 0 : start;
  const to = start >= 0 && (end < 0 || end > bytes.length) ? bytes.length : end;
  if (from > to || to > bytes.length || to < 0)
    throw new Error(`runtime error: slice bounds out of range [${from}:${to}]`);
  return fromGoBytes(bytes.slice(from, to));
}

function truncate(length: number, text: string): string {
  const bytes = toGoBytes(text);
  if (bytes.length <= length) return text;
  if (length < 0) throw new Error(`runtime error: slice bounds out of range [:${length}]`);
  return fromGoBytes(bytes.slice(0, length));
}

/** goutils.WrapCustom; words that are too long stay whole unless there is a `separator` of one's own. */
function wrap(text: string, length: number, separator?: string): string {
  const bytes = toGoBytes(text);
  const width = Math.max(length, 1);
  const lineEnd = toGoBytes(separator === undefined || separator === '' ? '\n' : separator);
  let wrapped = '';
  let at = 0;
  while (bytes.length - at > width) {
    if (bytes.charAt(at) === ' ') {
      at += 1;
      continue;
    }
    const end = lineEndAt(bytes, at, { width, cutsWords: separator !== undefined });
    if (end >= bytes.length) break;
    wrapped += bytes.slice(at, end) + lineEnd;
    at =
      bytes.charAt(end) === ' ' && (separator === undefined || end - at <= width) ? end + 1 : end;
  }
  return fromGoBytes(wrapped + bytes.slice(at));
}

/** Where the line that begins at `at` ends. */
function lineEndAt(
  bytes: string,
  at: number,
  { width, cutsWords }: { readonly width: number; readonly cutsWords: boolean },
): number {
  const space = bytes.slice(at, at + width + 1).lastIndexOf(' ');
  if (space >= 0) return at + space;
  if (cutsWords) return at + width;
  const next = bytes.indexOf(' ', at + width);
  return next < 0 ? bytes.length : next;
}

/** goutils.AbbreviateFull. */
function abbreviate(text: string, offset: number, width: number): string {
  const bytes = toGoBytes(text);
  if (width < 4 || bytes.length <= width) return text;
  let from = Math.min(offset, bytes.length);
  if (bytes.length - from < width - 3) from = bytes.length - (width - 3);
  if (from <= 4) return fromGoBytes(`${bytes.slice(0, width - 3)}...`);
  if (width < 7) return '';
  if (from + width - 3 >= bytes.length) return fromGoBytes(`...${bytes.slice(3 - width)}`);
  const middle = bytes.slice(from);
  const isWhole = middle.length <= width - 3;
  return fromGoBytes(`...${isWhole ? middle : `${middle.slice(0, width - 6)}...`}`);
}
