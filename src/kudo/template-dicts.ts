import type { GoFunction } from './go-function.ts';
import { typed } from './template-go-types.ts';
import { goText, goType, isDict, isTrue, mapDict } from './template-values.ts';

type Dict = Record<string, unknown>;
type Values = readonly unknown[];

/** Dicts as sprig treats them. A nil dict, which a missing value gives, reads as an empty one. */
export const DICT_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  dict: (...args) => dictOf(args),
  set: (dict, key, value) => {
    if (dict === undefined) throw new Error('assignment to entry in nil map');
    (dict as Dict)[key as string] = value;
    return dict;
  },
  unset: (dict, key) => {
    const target = (dict ?? emptyDict()) as Dict;
    delete target[key as string];
    return target;
  },
  hasKey: (dict, key) => Object.hasOwn(entries(dict), key as string),
  pluck: (key, ...dicts) =>
    dicts
      .map(entries)
      .filter((dict) => Object.hasOwn(dict, key as string))
      .map((dict) => dict[key as string]),
  keys: (...dicts) =>
    typed(
      dicts.flatMap((dict) => Object.keys(entries(dict))),
      '[]string',
    ),
  values: (dict) => Object.values(entries(dict)),
  pick: (dict, ...keys) => filtered(entries(dict), (key) => keys.includes(key)),
  omit: (dict, ...keys) => filtered(entries(dict), (key) => !keys.includes(key)),
  merge: (target, ...sources) => mergeDicts(target, sources, false),
  mergeOverwrite: (target, ...sources) => mergeDicts(target, sources, true),
  deepCopy: (value) => {
    if (value === null || value === undefined) throw new Error('deepCopy of nil');
    return deepCopy(value);
  },
};

function entries(dict: unknown): Dict {
  return (dict ?? {}) as Dict;
}

function emptyDict(): Dict {
  return Object.create(null) as Dict;
}

function filtered(dict: Dict, isKept: (key: string) => boolean): Dict {
  const kept = emptyDict();
  for (const [key, value] of Object.entries(dict)) if (isKept(key)) kept[key] = value;
  return kept;
}

function dictOf(args: Values): Dict {
  const dict = emptyDict();
  for (let index = 0; index < args.length; index += 2)
    dict[goText(args[index])] = index + 1 < args.length ? args[index + 1] : '';
  return dict;
}

/** mergo's merge, of whose error sprig makes an empty text: where two types meet. */
function mergeDicts(target: unknown, sources: Values, isOverwriting: boolean): unknown {
  const merged = (target ?? emptyDict()) as Dict;
  const isMerged = sources.every((source) => mergeInto(merged, entries(source), isOverwriting));
  return isMerged ? merged : '';
}

/** Fills what is missing or empty, or overwrites with what is not; dicts go into each other. */
function mergeInto(target: Dict, source: Dict, isOverwriting: boolean): boolean {
  return Object.entries(source).every(([key, value]) => {
    if (!isNil(value)) return mergeKey(target, key, value, isOverwriting);
    if (isOverwriting) target[key] = value;
    return true;
  });
}

function mergeKey(target: Dict, key: string, value: unknown, isOverwriting: boolean): boolean {
  const old = target[key];
  if (!isNil(old) && goType(old) !== goType(value)) return false;
  if (isDict(old) && isDict(value)) return mergeInto(old, value, isOverwriting);
  if (isTrue(value) && (isOverwriting || !isTrue(old))) target[key] = value;
  return true;
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined;
}

function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy);
  return isDict(value) ? mapDict(value, deepCopy) : value;
}
