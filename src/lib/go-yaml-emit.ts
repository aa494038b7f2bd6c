import { formatGoFloat } from './go-yaml-float.ts';
import { compareGoKeys } from './go-yaml-keys.ts';
import { resolveGoScalar } from './go-yaml-scalar.ts';

/**
 * `value` (as JSON) as YAML text exactly as sigs.k8s.io/yaml's Marshal writes it: keys in yaml.v2's
 * order, its quoting, numbers as JSON would hold them, a newline at the end.
 */
export function toGoYaml(value: unknown): string {
  return `${emit(value, 0, jsonNumber)}\n`;
}

/** The same for values that Go holds as float64, as templates see them: 1000000 is written `1e+06`. */
export function toGoYamlOfFloats(value: unknown): string {
  return `${emit(value, 0, goNumber)}\n`;
}

type NumberText = (value: number | bigint) => string;

function jsonNumber(value: number | bigint): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  const scalar = resolveGoScalar(text);
  if (scalar.kind === 'integer') return String(scalar.value);
  return scalar.kind === 'float' ? formatGoFloat(scalar.value) : text;
}

function goNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value);
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return formatGoFloat(value);
}

/** Text whose first line is not indented; the others are, by `indent`. */
function emit(value: unknown, indent: number, numberText: NumberText): string {
  const pad = `\n${' '.repeat(indent)}`;
  if (Array.isArray(value) && value.length > 0)
    return value.map((item) => `- ${emit(item, indent + 2, numberText)}`).join(pad);
  const entries = entriesOf(value);
  if (entries !== undefined && entries.length > 0)
    return entries.map(([key, item]) => entry(key, item, indent, numberText)).join(pad);
  return emitLeaf(value, indent, numberText);
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.toSorted(([a], [b]) => compareGoKeys(a, b));
}

function entry(key: string, value: unknown, indent: number, numberText: NumberText): string {
  const isSimple = !key.includes('\n') && utf8Length(key) <= 128;
  if (!isSimple) {
    const pad = `\n${' '.repeat(indent)}`;
    const written = emitString(key, indent + 2);
    return `? ${written}${pad}: ${emit(value, indent + 2, numberText)}`;
  }
  const written = emitString(key, indent);
  if (Array.isArray(value) && value.length > 0)
    return `${written}:\n${' '.repeat(indent)}${emit(value, indent, numberText)}`;
  if ((entriesOf(value) ?? []).length > 0)
    return `${written}:\n${' '.repeat(indent + 2)}${emit(value, indent + 2, numberText)}`;
  return `${written}: ${emitLeaf(value, indent + 2, numberText)}`;
}

function emitLeaf(value: unknown, indent: number, numberText: NumberText): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return emitString(value, indent === 0 ? 2 : indent);
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? '[]' : '{}';
}

function emitString(text: string, indent: number): string {
  const style = styleOf(text);
  switch (style) {
    case 'plain':
      return text;
    case 'single':
      return `'${text.replaceAll("'", "''")}'`;
    case 'double':
      return doubleQuoted(text);
    case 'literal':
      return literal(text, indent);
  }
}

/** stringv in yaml.v2's encode.go, then yaml_emitter_select_scalar_style. */
function styleOf(text: string): 'plain' | 'single' | 'double' | 'literal' {
  const hasSpaceBreak = / [\n\u2028\u2029]/.test(text);
  const isSpecial = hasSpaceBreak || UNPRINTABLE.test(text);
  if (text.includes('\n')) return isSpecial || text.endsWith(' ') ? 'double' : 'literal';
  if (resolveGoScalar(text).kind !== 'string' || BASE60.test(text)) return 'double';
  if (isSpecial) return 'double';
  return isBlockPlain(text) ? 'plain' : 'single';
}

/** What yaml.v2's is_printable refuses; everything beyond the basic plane, too. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function isBlockPlain(text: string): boolean {
  if (/^ | $/.test(text) || /^(---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:]([ \t]|$)/.test(text)) return false;
  return !/:([ \t]|$)/.test(text.slice(1)) && !/[ \t]#/.test(text) && !/[\u2028\u2029]/.test(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  const escaped = Array.from(text, (character) => {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    return UNPRINTABLE.test(character) ? escapeCode(character) : character;
  });
  return `"${escaped.join('')}"`;
}

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function literal(text: string, indent: number): string {
  const hint = /^[ \n\u2028\u2029]/.test(text) ? '2' : '';
  const pad = ' '.repeat(indent);
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line === '' ? '' : pad + line));
  return `|${hint}${chomping(text)}\n${lines.join('\n')}`;
}

function chomping(text: string): string {
  if (!text.endsWith('\n')) return '-';
  return text === '\n' || text.endsWith('\n\n') ? '+' : '';
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
