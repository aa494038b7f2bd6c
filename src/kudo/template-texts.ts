import { toGoYamlOfFloats } from '../lib/go-yaml-emit.ts';
import { goQuote } from './go-text.ts';
import type { GoFunction } from './go-function.ts';
import { isNilSlice, typed } from './template-go-types.ts';
import { goPrint, goPrintf } from './template-printf.ts';
import { fromTemplateValue, GoFloat, goText, isDict } from './template-values.ts';
import { GoVersion } from './template-version.ts';

/** Printing, quoting and encoding as Go does it. */
export const TEXT_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  toString: goText,
  quote: (...args) =>
    args
      .filter(present)
      .map((arg) => goQuote(goText(arg)))
      .join(' '),
  squote: (...args) =>
    args
      .filter(present)
      .map((arg) => `'${goText(arg)}'`)
      .join(' '),
  cat: (...args) => catOf(args.filter(present)),
  trimall: (cutset, text) => trimAll(cutset as string, text as string),
  trimAll: (cutset, text) => trimAll(cutset as string, text as string),
  repeat: (count, text) => repeat(count as number, text as string),
  indent: (spaces, text) => indentLines(spaces as number, text as string),
  nindent: (spaces, text) => `\n${indentLines(spaces as number, text as string)}`,
  plural: (one, many, count) => (count === 1 ? one : many),
  replace: (old, replacement, text) =>
    (text as string).replaceAll(old as string, () => replacement as string),
  split: (separator, text) => numbered(splitText(separator as string, text as string)),
  splitn: (separator, count, text) =>
    numbered(splitText(separator as string, text as string, count as number)),
  splitList: (separator, text) => typed(splitText(separator as string, text as string), '[]string'),
  hello: () => 'Hello!',
  printf: (format, ...args) => goPrintf(format as string, args),
  print: (...args) => goPrint(args),
  println: (...args) => `${args.map(goText).join(' ')}\n`,
  html: (...args) => escapeHtml(goPrint(args.map(printable))),
  js: (...args) => escapeJs(goPrint(args.map(printable))),
  urlquery: (...args) => escapeQuery(goPrint(args.map(printable))),
  toYaml: (value) => toGoYamlOfFloats(fromTemplateValue(value)),
  toJson: (value) => jsonOf(value, 0),
  toPrettyJson: (value) => jsonOf(value, 2),
};

/** What text/template prints for nil. */
const printable = (value: unknown): unknown => value ?? '<no value>';

const present = (value: unknown): boolean => value !== null && value !== undefined;

/** sprig builds a format of `%v`s and trims it; a lone text keeps its own spaces. */
function catOf(args: readonly unknown[]): string {
  return args.map(goText).join(' ');
}

/** strings.SplitN; an empty separator cuts after each character. */
function splitText(separator: string, text: string, most = -1): string[] {
  if (most === 0) return [];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (most < 0 || parts.length <= most) return parts;
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}

/** sprig's `_0`, `_1` and so on. */
function numbered(parts: readonly string[]): Record<string, string> {
  const dict = Object.create(null) as Record<string, string>;
  for (const [index, part] of parts.entries()) dict[`_${index}`] = part;
  return typed(dict, 'map[string]string');
}

const MAX_LENGTH = 4 * 1024 * 1024;

function repeat(count: number | bigint, text: string): string {
  if (count < 0) throw new Error('strings: negative Repeat count');
  if (Number(count) * text.length > MAX_LENGTH)
    throw new Error(`makes more than ${MAX_LENGTH} characters`);
  return text.repeat(Number(count));
}

function indentLines(spaces: number, text: string): string {
  const lines = text.split('\n');
  const pad = repeat(spaces, ' ');
  if (pad.length * lines.length > MAX_LENGTH)
    throw new Error(`makes more than ${MAX_LENGTH} characters`);
  return lines.map((line) => pad + line).join('\n');
}

function trimAll(cutset: string, text: string): string {
  const characters = Array.from(text);
  const isKept = (character: string): boolean => !cutset.includes(character);
  const start = characters.findIndex(isKept);
  return start < 0 ? '' : characters.slice(start, characters.findLastIndex(isKept) + 1).join('');
}

/** json.Marshal, whose error sprig drops: numbers that JSON lacks make no text at all. */
function jsonOf(value: unknown, indent: number): string {
  try {
    return goJson(value, indent);
  } catch (thrown) {
    if (thrown instanceof NoJson) return '';
    throw thrown;
  }
}

class NoJson extends Error {}

/** encoding/json: keys in order, `<`, `>` and `&` escaped, and with `indent` one value a line. */
function goJson(value: unknown, indent = 0, depth = 0): string {
  if (!present(value) || isNilSlice(value)) return 'null';
  if (Array.isArray(value)) {
    const items = value.map((item) => goJson(item, indent, depth + 1));
    return jsonBlock('[]', items, indent, depth);
  }
  if (isDict(value)) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const colon = indent > 0 ? ': ' : ':';
    const items = entries.map(
      ([key, item]) => `${goJson(key)}${colon}${goJson(item, indent, depth + 1)}`,
    );
    return jsonBlock('{}', items, indent, depth);
  }
  return jsonScalar(value);
}

function jsonScalar(value: unknown): string {
  if (value instanceof GoFloat) return jsonNumber(value.valueOf());
  if (value instanceof Date) return JSON.stringify(value.toISOString().replace(/\.?0*Z$/, 'Z'));
  if (value instanceof GoVersion) return value.isPointer ? `"${value.original}"` : '{}';
  if (typeof value === 'string') return escapeJson(JSON.stringify(value));
  return `${value as bigint | number | boolean}`;
}

/** encoding/json writes exponents below 1e-6 and from 1e21 on, without a leading zero. */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new NoJson();
  return Object.is(value, -0) ? '-0' : String(value);
}

function jsonBlock(
  [open = '', close = '']: string,
  items: readonly string[],
  indent: number,
  depth: number,
): string {
  if (items.length === 0 || indent === 0) return `${open}${items.join(',')}${close}`;
  const pad = `\n${' '.repeat(indent * depth)}`;
  const inner = pad + ' '.repeat(indent);
  return `${open}${inner}${items.join(`,${inner}`)}${pad}${close}`;
}

function escapeJson(text: string): string {
  return text.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

const HTML: Readonly<Record<string, string>> = {
  '\0': '\uFFFD',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeHtml(text: string): string {
  return Array.from(text, (character) => HTML[character] ?? character).join('');
}

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** template.JSEscape: control characters and unprintable ones as \\uXXXX. */
function escapeJs(text: string): string {
  return Array.from(text, (character) => {
    const escape = JS[character];
    if (escape !== undefined) return escape;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && (code < 0x80 || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)))
      return character;
    return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }).join('');
}

/** url.QueryEscape. */
function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}
