/** Any JSON object, e.g. a Kubernetes object of a kind that is not known here. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with keys: no list, no null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at `path` below `value`, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

/** `object` with `value` at `path`, making the objects on the way; undefined when something else stands there. */
export function withValueAt(
  object: JsonObject,
  path: readonly string[],
  value: unknown,
): JsonObject | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return isJsonObject(value) ? value : undefined;
  if (rest.length === 0) return { ...object, [key]: value };
  const below = object[key] ?? {};
  if (!isJsonObject(below)) return undefined;
  const changed = withValueAt(below, rest, value);
  return changed && { ...object, [key]: changed };
}
