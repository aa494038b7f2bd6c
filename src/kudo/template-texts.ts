import type { FuncMap } from '@promptctl/go-template-js';
import { toGoYamlOfFloats } from '../lib/go-yaml-emit.ts';
import { goQuote } from './go-text.ts';
import { fixed, present, variadic, type Values } from './template-func.ts';
import { goPrint, goPrintf } from './template-printf.ts';
import { fromTemplateValue, goText, isDict } from './template-values.ts';

/** Printing, quoting and encoding as Go does it. */
export const TEXT_FUNCTIONS: FuncMap = {
  toString: fixed(1, goText),
  quote: variadic((...args) =>
    args
      .filter(present)
      .map((arg) => goQuote(goText(arg)))
      .join(' '),
  ),
  squote: variadic((...args) =>
    args
      .filter(present)
      .map((arg) => `'${goText(arg)}'`)
      .join(' '),
  ),
  cat: variadic((...args) => args.filter(present).map(goText).join(' ')),
  trimall: { fn: trimAll, argTypes: ['string', 'string'] },
  trimAll: { fn: trimAll, argTypes: ['string', 'string'] },
  trunc: { fn: truncate, argTypes: ['int', 'string'] },
  repeat: { fn: repeat, argTypes: ['int', 'string'] },
  indent: { fn: indentLines, argTypes: ['int', 'string'] },
  nindent: {
    fn: (spaces: number, text: string) => `\n${indentLines(spaces, text)}`,
    argTypes: ['int', 'string'],
  },
  hello: fixed(0, () => 'Hello!'),
  printf: { fn: printf, argTypes: ['string', 'value'] },
  print: variadic((...args) => goPrint(args)),
  println: variadic((...args) => `${args.map(goText).join(' ')}\n`),
  html: variadic((...args) => escapeHtml(goPrint(args))),
  js: variadic((...args) => escapeJs(goPrint(args))),
  urlquery: variadic((...args) => escapeQuery(goPrint(args))),
  toYaml: fixed(1, (value) => toGoYamlOfFloats(fromTemplateValue(value))),
  toJson: fixed(1, (value) => goJson(fromTemplateValue(value))),
  toPrettyJson: fixed(1, (value) => goJson(fromTemplateValue(value), 2)),
  b64dec: { fn: decodeBase64, argTypes: ['string'] },
  regexReplaceAll: { fn: replaceAll, argTypes: ['string', 'string', 'string'] },
};

function printf(format: string, ...args: Values): string {
  return goPrintf(format, args);
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

function truncate(length: number, text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= length) return text;
  if (length < 0) throw new Error(`runtime error: slice bounds out of range [:${length}]`);
  return new TextDecoder().decode(bytes.slice(0, length));
}

/** encoding/json: keys in order, `<`, `>` and `&` escaped, and with `indent` one value a line. */
function goJson(value: unknown, indent = 0, depth = 0): string {
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
  if (typeof value === 'bigint') return String(value);
  return escapeJson(JSON.stringify(value));
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

function decodeBase64(text: string): string {
  const clean = text.replaceAll(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/]/.exec(clean.replace(/={1,2}$/, ''));
  if (wrong) return `illegal base64 data at input byte ${wrong.index}`;
  if (clean.length % 4 !== 0)
    return `illegal base64 data at input byte ${clean.length - (clean.length % 4)}`;
  const bytes = Uint8Array.from(atob(clean), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/** Go expands `$1`, `$name` and `${name}`; an unknown name is empty. */
function replaceAll(pattern: string, text: string, replacement: string): string {
  return text.replaceAll(new RegExp(pattern, 'gu'), (...match: unknown[]) => {
    const groups = match.filter((part): part is string => typeof part === 'string');
    return replacement.replaceAll(
      /\$(?:\$|\{(\w+)\}|(\w+))/g,
      (all, braced?: string, bare?: string) =>
        all === '$$' ? '$' : (groups[Number(braced ?? bare)] ?? ''),
    );
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
