/** A schema of which nothing is known. */
export interface LooseSchema {
  readonly [key: string]: unknown;
}

/** A copy without the keys named, at any depth but not among the names of properties. */
export function without(keys: readonly string[], schema: unknown, isNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => without(keys, item));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => isNames || !keys.includes(key))
      .map(([key, value]) => [
        key,
        normal(key, without(keys, value, key === 'properties' && !isNames)),
      ]),
  );
}

/** Slashes need no escape outside JavaScript, and the order of an enum means nothing. */
function normal(key: string, value: unknown): unknown {
  if (key === 'pattern' && typeof value === 'string') return value.replaceAll('\\/', '/');
  if (key === 'enum' && Array.isArray(value)) return value.map(String).toSorted();
  return value;
}
