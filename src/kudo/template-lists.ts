import type { GoFunction } from './go-function.ts';
import { deepEqual } from './template-equality.ts';
import { nilSlice, typed } from './template-go-types.ts';
import { goKind, goText, goType, isDict, isTrue, toInt64 } from './template-values.ts';

type Values = readonly unknown[];

/** Lists as sprig and text/template treat them. */
export const LIST_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  len: lengthOf,
  index: (collection, ...keys) => indexOf(collection, keys),
  slice: sliceOf,
  list: (...items) => items,
  tuple: (...items) => items,
  append: (list, item) => [...itemsOf(list), item],
  push: (list, item) => [...itemsOf(list), item],
  prepend: (list, item) => [item, ...itemsOf(list)],
  first: (list) => itemsOf(list)[0],
  last: (list) => itemsOf(list).at(-1),
  rest: (list) => (itemsOf(list).length === 0 ? nilSlice() : itemsOf(list).slice(1)),
  initial: (list) => (itemsOf(list).length === 0 ? nilSlice() : itemsOf(list).slice(0, -1)),
  reverse: (list) => itemsOf(list).toReversed(),
  compact: (list) => itemsOf(list).filter((item) => isTrue(item)),
  uniq: (list) => {
    const items = itemsOf(list);
    return items.filter(
      (item, index) => items.findIndex((other) => deepEqual(item, other)) === index,
    );
  },
  without: (list, ...omitted) =>
    itemsOf(list).filter((item) => !omitted.some((other) => deepEqual(other, item))),
  has: (item, list) => isPresent(list) && itemsOf(list).some((other) => deepEqual(item, other)),
  concat: (...lists) => {
    const items = lists.flatMap((list) => itemsOf(list));
    return items.length === 0 ? nilSlice() : items;
  },
  join: (separator, list) => texts(list).join(separator as string),
  toStrings: (list) => typed(texts(list), '[]string'),
  sortAlpha: (list) =>
    typed(Array.isArray(list) ? texts(list).toSorted(byBytes) : [goText(list)], '[]string'),
};

const isPresent = (value: unknown): boolean => value !== null && value !== undefined;

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (isDict(value)) return Object.keys(value).length;
  throw new Error(`len of type ${goType(value)}`);
}

function indexOf(collection: unknown, keys: Values): unknown {
  if (!isPresent(collection)) throw new Error('index of untyped nil');
  let item = collection;
  for (const key of keys) item = itemAt(item, key);
  return item;
}

function itemAt(collection: unknown, key: unknown): unknown {
  if (Array.isArray(collection) || typeof collection === 'string') {
    const items =
      typeof collection === 'string' ? new TextEncoder().encode(collection) : collection;
    return (items as Values)[integerIndex(key, items.length - 1)];
  }
  if (!isPresent(collection)) throw new Error('index of nil pointer');
  if (!isDict(collection)) throw new Error(`can't index item of type ${goType(collection)}`);
  if (typeof key !== 'string') throw new Error(`value has type ${goType(key)}; should be string`);
  if (Object.hasOwn(collection, key)) return collection[key];
  return goType(collection) === 'map[string]string' ? '' : undefined;
}

function integerIndex(key: unknown, most: number): number {
  if (typeof key !== 'bigint' && typeof key !== 'number')
    throw new Error(`cannot index slice/array with type ${goType(key)}`);
  if (key < 0 || key > most) throw new Error(`index out of range: ${key}`);
  return Number(key);
}

/** sprig's slice, which takes the name from text/template's: lists only. */
function sliceOf(list: unknown, ...bounds: Values): unknown {
  const items = itemsOf(list);
  if (items.length === 0) return undefined;
  const [start = 0, end = items.length] = bounds.map((bound) => Number(toInt64(bound)));
  if (start < 0 || end > items.length || start > end)
    throw new Error('reflect.Value.Slice: slice index out of bounds');
  return typed(items.slice(start, end), goType(list));
}

/** The items of a list; sprig's list functions panic on all else. */
function itemsOf(list: unknown): Values {
  if (Array.isArray(list)) return list;
  throw new Error(`cannot be done with type ${goKind(list)}, a list is wanted`);
}

/** sprig's strslice: the texts of a list without its nils; anything else is a list of one. */
function texts(value: unknown): string[] {
  if (!isPresent(value)) return [];
  return Array.isArray(value)
    ? value.filter(isPresent).map((item) => goText(item))
    : [goText(value)];
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
