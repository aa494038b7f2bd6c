import { formatGoFloat } from '../lib/go-yaml-float.ts';
import { hexadecimalValue, parseFloatError } from './go-numbers.ts';
import { typeTag } from './template-go-types.ts';
import { GoVersion } from './template-version.ts';

/**
 * A float64 of Go inside a template. KUDO decodes numbers in map and list parameters to float64, which
 * print otherwise than ints (1000000 as `1e+06`) and do not compare with them; numbers that templates
 * write or compute are plain.
 */
export class GoFloat {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  valueOf(): number {
    return this.#value;
  }

  toString(): string {
    return Object.is(this.#value, -0) ? '-0' : formatGoFloat(this.#value);
  }
}

/** A decoded parameter as templates see it: each number a GoFloat. */
export function toTemplateValue(value: unknown): unknown {
  if (typeof value === 'number') return new GoFloat(value);
  if (Array.isArray(value)) return value.map(toTemplateValue);
  return isDict(value) ? mapDict(value, toTemplateValue) : value;
}

/** A template's value as JSON and YAML writers take it: floats as numbers, whole plain numbers as bigints. */
export function fromTemplateValue(value: unknown): unknown {
  if (value instanceof GoFloat) return value.valueOf();
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(fromTemplateValue);
  if (value instanceof GoVersion) return value.isPointer ? value.text() : emptyObject();
  return isDict(value) ? mapDict(value, fromTemplateValue) : (value ?? null);
}

type Dict = Record<string, unknown>;

const emptyObject = (): object => ({});

/** Whether a value is a map of Go. */
export function isDict(value: unknown): value is Dict {
  if (typeof value !== 'object' || value === null) return false;
  return ![Array, GoFloat, Date, GoVersion].some((type) => value instanceof type);
}

/** A copy without what objects inherit, so that no template reaches JavaScript's own methods. */
export function mapDict(
  dict: Readonly<Dict>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(dict)) copy[key] = change(value);
  return copy;
}

/** text/template's truth: everything but false, zero, nil and what is empty. */
export function isTrue(value: unknown): boolean {
  if (value instanceof GoFloat) return value.valueOf() !== 0;
  if (Array.isArray(value)) return value.length > 0;
  return isDict(value) ? Object.keys(value).length > 0 : Boolean(value);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  number: 'int',
  bigint: 'int64',
};

/** reflect's kind of a value: what Go calls int is a number here, int64 a bigint. */
export function goKind(value: unknown): string {
  if (value === null || value === undefined) return 'invalid';
  if (value instanceof GoFloat) return 'float64';
  if (Array.isArray(value)) return 'slice';
  if (value instanceof Date) return 'struct';
  if (value instanceof GoVersion) return value.isPointer ? 'ptr' : 'struct';
  return KINDS[typeof value] ?? 'map';
}

const TYPES: Readonly<Record<string, string>> = {
  invalid: '<nil>',
  slice: '[]interface {}',
  map: 'map[string]interface {}',
  ptr: '*semver.Version',
};

/** What `%T` prints of a value. */
export function goType(value: unknown): string {
  const tag = typeof value === 'object' && value !== null ? typeTag(value) : undefined;
  if (tag !== undefined) return tag;
  const kind = goKind(value);
  if (kind === 'struct') return value instanceof Date ? 'time.Time' : 'semver.Version';
  return TYPES[kind] ?? kind;
}

/** What `%v` prints of a value. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (value instanceof Date) return dateText(value);
  if (value instanceof GoFloat || value instanceof GoVersion) return value.toString();
  if (isDict(value)) return dictText(value);
  return `${value as string | number | boolean | bigint}`;
}

function dictText(value: Dict): string {
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${sorted.map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`;
}

/** time.Time's String of a time in UTC. */
function dateText(date: Date): string {
  const [day = '', time = ''] = date.toISOString().split('T');
  return `${day} ${time.replace(/\.?0*Z$/, '')} +0000 UTC`;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** sprig's toInt64: text by ParseInt, floats cut, booleans 0 and 1, anything else 0. */
export function toInt64(value: unknown): bigint {
  if (typeof value === 'string') return parseInt64(value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'number' && !(value instanceof GoFloat)) return 0n;
  const number = Math.trunc(Number(value));
  return number >= -(2 ** 63) && number < 2 ** 63 ? BigInt(number) : MIN_INT64;
}

/** A Go int: beyond what a number holds exactly it is a bigint, and takes part as an int64. */
export function toInt(value: unknown): number | bigint {
  const integer = toInt64(value);
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}

function parseInt64(text: string): bigint {
  if (!/^[-+]?[0-9]+$/.test(text)) return 0n;
  const value = BigInt(text.replace('+', ''));
  return value <= MAX_INT64 && value >= MIN_INT64 ? value : 0n;
}

/** sprig's toFloat64. */
export function toFloat64(value: unknown): number {
  if (typeof value === 'string') return parseFloat64(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint' || value instanceof GoFloat;
  return isNumber ? Number(value) : 0;
}

function parseFloat64(text: string): number {
  if (parseFloatError(text) !== undefined) return 0;
  if (/^[-+]?inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const digits = text.replaceAll('_', '');
  if (!/^[-+]?0x/i.test(digits)) return Number(digits);
  return (digits.startsWith('-') ? -1 : 1) * hexadecimalValue(digits);
}

/** About as many characters as a value would print, counted no further than `most`. */
export function weightOf(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let weight = 1;
  for (const item of Object.values(value)) {
    weight += weightOf(item, most - weight);
    if (weight > most) break;
  }
  return weight;
}
