import type { FuncMap } from '@promptctl/go-template-js';
import { fixed, present, variadic, type Values } from './template-func.ts';
import {
  goKind,
  goText,
  goType,
  isDict,
  isTrue,
  mapDict,
  toInt64 as int,
} from './template-values.ts';

/** Lists and dicts as sprig and text/template treat them. */
export const LIST_FUNCTIONS: FuncMap = {
  len: fixed(1, lengthOf),
  index: variadic((collection, ...keys) => keys.reduce(indexOf, collection)),
  slice: variadic((list, ...bounds) => sliceOf(list, bounds)),
  join: fixed(2, (separator, list) => texts(list).join(goText(separator))),
  toStrings: fixed(1, texts),
  sortAlpha: fixed(1, (list) => texts(list).toSorted((a, b) => (a < b ? -1 : Number(a > b)))),
  deepCopy: fixed(1, deepCopy),
  dict: variadic((...args) => dictOf(args)),
  merge: variadic((target, ...sources) => mergeDicts(target, sources, false)),
  mergeOverwrite: variadic((target, ...sources) => mergeDicts(target, sources, true)),
};

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (isDict(value)) return Object.keys(value).length;
  throw new Error(`len of type ${goType(value)}`);
}

function indexOf(collection: unknown, key: unknown): unknown {
  if (Array.isArray(collection) || typeof collection === 'string') {
    const at = integerIndex(key);
    const bytes =
      typeof collection === 'string' ? new TextEncoder().encode(collection) : collection;
    if (at < 0 || at >= bytes.length) throw new Error(`index out of range: ${at}`);
    return (bytes as readonly unknown[])[at];
  }
  if (!isDict(collection)) throw new Error(`can't index item of type ${goType(collection)}`);
  if (collection instanceof Map) return collection.get(key);
  if (typeof key !== 'string') throw new Error(`value has type ${goType(key)}; should be string`);
  return Object.hasOwn(collection, key) ? collection[key] : null;
}

function integerIndex(key: unknown): number {
  if (typeof key === 'bigint' || (typeof key === 'number' && Number.isInteger(key)))
    return Number(key);
  throw new Error(`cannot index slice/array with type ${goType(key)}`);
}

/** sprig's slice, which takes the name from text/template's: lists only. */
function sliceOf(list: unknown, bounds: Values): unknown[] {
  if (!Array.isArray(list))
    throw new Error(`list should be type of slice or array but ${goKind(list)}`);
  const [start = 0, end = list.length] = bounds.map((bound) => Number(int(bound)));
  if (start < 0 || end > list.length || start > end)
    throw new Error('reflect.Value.Slice: slice index out of bounds');
  return list.slice(start, end);
}

/** sprig's strslice: the texts of a list without its nils; anything else is a list of one. */
function texts(value: unknown): string[] {
  if (!present(value)) return [];
  return Array.isArray(value) ? value.filter(present).map(goText) : [goText(value)];
}

function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy);
  return isDict(value) ? mapDict(value, deepCopy) : value;
}

function dictOf(args: Values): Record<string, unknown> {
  const dict = mapDict({}, deepCopy);
  for (let index = 0; index < args.length; index += 2)
    dict[goText(args[index])] = index + 1 < args.length ? args[index + 1] : '';
  return dict;
}

/** mergo: fills what is missing or empty, or overwrites with what is not empty; dicts go into each other. */
function mergeDicts(target: unknown, sources: Values, isOverwriting: boolean): unknown {
  if (!isDict(target)) throw new Error('wrong type for value; expected map[string]interface {}');
  for (const source of sources) mergeInto(target, source, isOverwriting);
  return target;
}

function mergeInto(target: Record<string, unknown>, source: unknown, isOverwriting: boolean): void {
  if (!isDict(source)) throw new Error('wrong type for value; expected map[string]interface {}');
  for (const [key, value] of Object.entries(source)) {
    const old = target[key];
    if (isDict(old) && isDict(value)) mergeInto(old, value, isOverwriting);
    else if (isOverwriting ? isTrue(value) : !isTrue(old)) target[key] = value;
  }
}
