const TYPE = Symbol("a collection's Go type");
const IS_NIL = Symbol('a nil slice');

interface Tagged {
  readonly [TYPE]?: string;
  readonly [IS_NIL]?: true;
}

/** Gives a list or dict another Go type than `[]interface {}` and `map[string]interface {}`. */
export function typed<T extends object>(collection: T, type: string): T {
  return Object.defineProperty(collection, TYPE, { value: type });
}

/** A slice that Go never made: it prints as an empty one, but is `null` in JSON. */
export function nilSlice(type = '[]interface {}'): unknown[] {
  return Object.defineProperty(typed([], type), IS_NIL, { value: true });
}

/** The type that `typed` gave; undefined for all others. */
export function typeTag(collection: object): string | undefined {
  return (collection as Tagged)[TYPE];
}

/** Whether `nilSlice` made it. */
export function isNilSlice(value: unknown): boolean {
  return Array.isArray(value) && (value as Tagged)[IS_NIL] === true;
}
