import { formatGoFloat } from '../lib/go-yaml-float.ts';

/** Holds the number under a name that no template can write; absent for zero, which Go takes as false. */
const NUMBER = '\0float64';

/**
 * A float64 of Go inside a template. KUDO decodes numbers in map and list parameters to float64, which
 * print otherwise than ints (1000000 as `1e+06`) and do not compare with them; numbers that templates
 * write or compute are plain.
 */
export class GoFloat {
  readonly [NUMBER]?: number;

  constructor(value: number) {
    if (value !== 0) this[NUMBER] = value;
  }

  valueOf(): number {
    return this[NUMBER] ?? 0;
  }

  toString(): string {
    return formatGoFloat(this.valueOf());
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
  if (value instanceof Map) return mapDict(Object.fromEntries(value), fromTemplateValue);
  return isDict(value) ? mapDict(value, fromTemplateValue) : (value ?? null);
}

type Dict = Record<string, unknown>;

/** Whether a value is a map of Go. */
export function isDict(value: unknown): value is Dict {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof GoFloat) && !(value instanceof Date);
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
  if (value instanceof Map) return value.size > 0;
  return isDict(value) ? Object.keys(value).length > 0 : Boolean(value);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  bigint: 'int64',
};

/** reflect's kind of a value. */
export function goKind(value: unknown): string {
  if (value === null || value === undefined) return 'invalid';
  if (value instanceof GoFloat) return 'float64';
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return KINDS[typeof value] ?? 'map';
}

const TYPES: Readonly<Record<string, string>> = {
  invalid: '<nil>',
  slice: '[]interface {}',
  map: 'map[string]interface {}',
};

/** What `%T` prints of a value. */
export function goType(value: unknown): string {
  const kind = goKind(value);
  return TYPES[kind] ?? kind;
}

/** What `%v` prints of a value. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : formatGoFloat(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (value instanceof Date) return dateText(value);
  if (value instanceof GoFloat) return value.toString();
  if (typeof value !== 'object') return `${value as string | boolean | bigint}`;
  return dictText(value);
}

function dictText(value: object): string {
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const sorted = entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return `map[${sorted.map(([key, item]) => `${goText(key)}:${goText(item)}`).join(' ')}]`;
}

/** time.Time's String of a time in UTC. */
function dateText(date: Date): string {
  const [day = '', time = ''] = date.toISOString().split('T');
  return `${day} ${time.replace(/\.?0*Z$/, '')} +0000 UTC`;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** sprig's toInt64: text by ParseInt, floats cut, booleans 0 and 1, anything else 0. */
export function toInt64(value: unknown): bigint {
  if (typeof value === 'string') return parseInt64(value);
  if (typeof value === 'bigint') return BigInt.asIntN(64, value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'number' && !(value instanceof GoFloat)) return 0n;
  const number = Number(value);
  return Number.isFinite(number) ? BigInt.asIntN(64, BigInt(Math.trunc(number))) : 0n;
}

function parseInt64(text: string): bigint {
  if (!/^[-+]?[0-9]+$/.test(text)) return 0n;
  const value = BigInt(text.replace('+', ''));
  return value <= MAX_INT64 && value >= -MAX_INT64 - 1n ? value : 0n;
}

/** sprig's toFloat64. */
export function toFloat64(value: unknown): number {
  if (typeof value === 'string') return /^[-+.0-9eE]+$/.test(value) ? Number(value) || 0 : 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint' || value instanceof GoFloat;
  return isNumber ? Number(value) : 0;
}

/** An int of Go as templates compute with it. */
export function plainInt(value: bigint): number | bigint {
  const wrapped = BigInt.asIntN(64, value);
  return Number.isSafeInteger(Number(wrapped)) ? Number(wrapped) : wrapped;
}

/** About as many characters as a value would print, counted no further than `most`. */
export function weightOf(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let weight = 1;
  for (const item of value instanceof Map ? value.values() : Object.values(value)) {
    weight += weightOf(item, most - weight);
    if (weight > most) break;
  }
  return weight;
}
