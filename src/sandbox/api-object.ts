import { isDeepStrictEqual } from 'node:util';
import type { ObjectMeta } from '../model/kube-object.ts';

/** Any JSON object whose fields are not known here. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object as the store holds it. Never changed in place: every write makes a new one. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Whether `value` is a JSON object (no list, no null). */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` if it is a JSON object, else an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** `value` if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `value` if it is a string, else an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What stands at `path` in `value`; undefined when any part of it is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const name of path) {
    if (!isFields(here)) return undefined;
    here = here[name];
  }
  return here;
}

/** A copy of `value` in which `path` holds `leaf`; missing objects on the way are made. */
export function withValueAt(value: Fields, path: readonly string[], leaf: unknown): Fields {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const next = rest.length === 0 ? leaf : withValueAt(fieldsOf(value[name]), rest, leaf);
  if (next !== undefined) return { ...value, [name]: next };
  const { [name]: _removed, ...others } = value;
  return others;
}

/** `object` with some fields of its metadata replaced; a field given as undefined is removed. */
export function withMeta(object: ApiObject, changes: Partial<ObjectMeta>): ApiObject {
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete metadata[name];
    else metadata[name] = value;
  }
  return { ...object, metadata: metadata as unknown as ObjectMeta };
}

/** `object` without the named top-level fields. */
export function withoutFields(object: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Whether two JSON values are the same. */
export function isSame(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(left, right);
}

/** The key of an object within its resource; cluster-scoped objects have an empty namespace. */
export function storeKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

const texts = new WeakMap<object, string>();

/** `object` as JSON. The text is kept as long as the object is, as lists and watches send it often. */
export function jsonOf(object: object): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
