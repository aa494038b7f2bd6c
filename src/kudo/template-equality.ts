import { goText, goType, isDict } from './template-values.ts';

/** reflect.DeepEqual: the same type and the same content. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (goType(a) !== goType(b)) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
  if (isDict(a) && isDict(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]))
    );
  }
  return goText(a) === goText(b);
}
