import { goQuote } from './go-text.ts';
import { floatText } from './template-float-verbs.ts';
import { GoFloat, goKind, goText, goType, isDict } from './template-values.ts';

/** `%` and what follows it, taken apart. */
export interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** A value as Go's fmt writes it for one directive; wrong verbs as `%!d(string=x)`. */
export function formatVerb(directive: Directive, value: unknown): string {
  const { verb, flags } = directive;
  if (verb === 'T') return pad(directive, goType(value));
  if (value === null || value === undefined)
    return verb === 'v' ? pad(directive, '<nil>') : `%!${verb}(<nil>)`;
  if (verb !== 'v') return formatValue(directive, value);
  if (flags.includes('#')) return goSyntax(directive, value);
  return formatValue({ ...directive, flags: flags.replaceAll('+', '') }, value);
}

function formatValue(directive: Directive, value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  const inner = (item: unknown): string => formatValue(directive, item);
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`;
  if (isDict(value)) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, item]) => `${inner(key)}:${inner(item)}`).join(' ')}]`;
  }
  return formatScalar(directive, value) ?? wrongVerb(directive, value);
}

/** `%!d(string=x)`: the value keeps width and precision. */
function wrongVerb(directive: Directive, value: unknown): string {
  const plain = formatValue({ ...directive, verb: 'v' }, value);
  return `%!${directive.verb}(${goType(value)}=${plain})`;
}

function formatScalar(directive: Directive, value: unknown): string | undefined {
  switch (goKind(value)) {
    case 'bool':
      return /[tv]/.test(directive.verb) ? pad(directive, goText(value)) : undefined;
    case 'int':
    case 'int64':
      return formatInteger(directive, BigInt(value as number | bigint));
    case 'float64':
      return formatFloat(directive, Number(value));
    default:
      return formatText(directive, goText(value));
  }
}

function formatText(directive: Directive, text: string): string | undefined {
  const { verb, precision, flags } = directive;
  const cut =
    precision === undefined || /x/i.test(verb)
      ? text
      : Array.from(text).slice(0, precision).join('');
  if (verb === 'v' || verb === 's') return pad(directive, cut);
  if (verb === 'q') return pad(directive, quoted(cut, flags));
  if (verb !== 'x' && verb !== 'X') return undefined;
  const bytes = Array.from(new TextEncoder().encode(text)).slice(0, precision);
  const separator = flags.includes(' ') ? ' ' : '';
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(separator);
  return pad(directive, verb === 'X' ? hex.toUpperCase() : hex);
}

function quoted(text: string, flags: string): string {
  const canBeRaw = flags.includes('#') && !/[`\uFEFF]|(?!\t)\p{Cc}/u.test(text);
  return canBeRaw ? `\`${text}\`` : goQuote(text);
}

const BASES: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function formatInteger(directive: Directive, value: bigint): string | undefined {
  const { verb } = directive;
  if (verb === 'c') return pad(directive, characterOf(value));
  if (verb === 'q') return pad(directive, runeQuote(value));
  if (verb === 'U') return pad(directive, `U+${hexOf(value).toUpperCase().padStart(4, '0')}`);
  const base = BASES[verb];
  return base === undefined ? undefined : formatNumber(directive, value, base);
}

const hexOf = (value: bigint): string => value.toString(16);

function characterOf(value: bigint): string {
  const isValid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return isValid ? String.fromCodePoint(Number(value)) : '\uFFFD';
}

function runeQuote(value: bigint): string {
  const character = characterOf(value);
  if (character === "'") return String.raw`'\''`;
  return character === '"' ? `'"'` : `'${goQuote(character).slice(1, -1)}'`;
}

const PREFIXES: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

function formatNumber(directive: Directive, value: bigint, base: number): string {
  const { verb, flags, width, precision } = directive;
  if (precision === 0 && value === 0n) return ' '.repeat(width);
  const magnitude = (value < 0n ? -value : value).toString(base);
  const digits = verb === 'X' ? magnitude.toUpperCase() : magnitude;
  const sign = signOf(value < 0n, flags);
  const least = precision ?? (hasZeros(flags) ? width - sign.length : 0);
  const text = sign + prefixOf(verb, flags) + digits.padStart(least, '0');
  return pad({ ...directive, flags: flags.replaceAll('0', '') }, text);
}

function prefixOf(verb: string, flags: string): string {
  if (verb === 'O') return '0o';
  return flags.includes('#') ? (PREFIXES[verb] ?? '') : '';
}

function hasZeros(flags: string): boolean {
  return flags.includes('0') && !flags.includes('-');
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function formatFloat(directive: Directive, value: number): string | undefined {
  const { flags, verb, width, precision } = directive;
  const text = floatText(verb, precision, Math.abs(value));
  if (text === undefined) return undefined;
  const sign = signOf(value < 0 || Object.is(value, -0), flags);
  if (hasZeros(flags) && Number.isFinite(value))
    return sign + text.padStart(width - sign.length, '0');
  return pad({ ...directive, flags: flags.replaceAll('0', '') }, sign + text);
}

/** `%#v`. */
function goSyntax(directive: Directive, value: unknown): string {
  const inner = (item: unknown): string =>
    item === null || item === undefined ? 'interface {}(nil)' : goSyntax(directive, item);
  if (Array.isArray(value)) return `${goType(value)}{${value.map(inner).join(', ')}}`;
  if (isDict(value)) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `${goType(value)}{${entries.map(([key, item]) => `${inner(key)}:${inner(item)}`).join(', ')}}`;
  }
  const plain = { ...directive, flags: directive.flags.replaceAll('#', '') };
  if (typeof value === 'string') return pad(plain, goQuote(value));
  if (value instanceof GoFloat) return formatScalar({ ...plain, verb: 'g' }, value) ?? '';
  return formatScalar(plain, value) ?? '';
}

/** Spaces, or zeros on the left, up to the width. */
function pad({ flags, width }: Directive, text: string): string {
  const missing = Math.max(0, width - Array.from(text).length);
  if (missing === 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}
