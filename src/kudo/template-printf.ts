import { goQuote } from './go-text.ts';
import { goKind, goText, goType } from './template-values.ts';

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

const DIRECTIVE = /%([-+# 0]*)([0-9]*)(?:\.([0-9]*))?(.?)/gsu;

/** Go's fmt.Sprintf for the verbs and flags that templates use. */
export function goPrintf(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replaceAll(DIRECTIVE, (...match) => {
    const directive = directiveOf(match);
    if (directive.verb === '%') return '%';
    if (directive.verb === '') return '%!(NOVERB)';
    if (next >= args.length) return `%!${directive.verb}(MISSING)`;
    const argument = args[next];
    next += 1;
    return pad(directive, formatOne(directive, argument), argument);
  });
  const extra = args.slice(next).map((arg) => `${goType(arg)}=${goText(arg)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function directiveOf([, flags, width, precision, verb]: readonly unknown[]): Directive {
  return {
    flags: flags as string,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    verb: verb as string,
  };
}

function formatOne(directive: Directive, value: unknown): string {
  const { verb } = directive;
  if (verb === 'v') return goText(value);
  if (verb === 'T') return goType(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatOne(directive, item)).join(' ')}]`;
  const format = FORMATS[goKind(value)]?.[verb];
  return format === undefined ? wrongVerb(verb, value) : format(value, directive);
}

function wrongVerb(verb: string, value: unknown): string {
  if (value === null || value === undefined) return `%!${verb}(<nil>)`;
  return `%!${verb}(${goType(value)}=${goText(value)})`;
}

type Format = (value: unknown, directive: Directive) => string;

const INTEGER: Readonly<Record<string, Format>> = {
  d: (value, { flags }) => signed(flags, String(value)),
  x: (value) => BigInt(value as number).toString(16),
  X: (value) =>
    BigInt(value as number)
      .toString(16)
      .toUpperCase(),
  o: (value) => BigInt(value as number).toString(8),
  b: (value) => BigInt(value as number).toString(2),
  c: (value) => String.fromCodePoint(Number(value)),
  q: (value) => `'${String.fromCodePoint(Number(value))}'`,
};

const FORMATS: Readonly<Record<string, Readonly<Record<string, Format>>>> = {
  string: {
    s: (value, { precision }) => cut(value as string, precision),
    q: (value) => goQuote(value as string),
    x: (value) => hexOf(value as string),
    X: (value) => hexOf(value as string).toUpperCase(),
  },
  bool: { t: goText },
  int: INTEGER,
  int64: INTEGER,
  float64: {
    f: (value, { precision, flags }) => signed(flags, Number(value).toFixed(precision ?? 6)),
    g: goText,
    e: (value, { precision }) => exponent(Number(value), precision ?? 6),
  },
};

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('');
}

function signed(flags: string, text: string): string {
  return flags.includes('+') && !text.startsWith('-') ? `+${text}` : text;
}

function exponent(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([-+])([0-9])$/, 'e$10$2');
}

function hexOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Go itself gives up beyond a million. */
const MAX_WIDTH = 1_000_000;

function pad(directive: Directive, text: string, value: unknown): string {
  const { flags, width } = directive;
  if (width === 0) return text;
  const missing = Math.max(0, Math.min(width, MAX_WIDTH) - Array.from(text).length);
  if (flags.includes('-')) return text + ' '.repeat(missing);
  const isNumber = /^(int|float)/.test(goKind(value)) && !text.startsWith('%!');
  if (!flags.includes('0') || !(isNumber || directive.verb === 's'))
    return ' '.repeat(missing) + text;
  const sign = isNumber ? (/^[-+]/.exec(text)?.[0] ?? '') : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** Go's fmt.Sprint: a space between two values of which neither is text. */
export function goPrint(args: readonly unknown[]): string {
  return args
    .map((arg, index) => {
      const needsSpace =
        index > 0 && typeof arg !== 'string' && typeof args[index - 1] !== 'string';
      return `${needsSpace ? ' ' : ''}${goText(arg)}`;
    })
    .join('');
}
