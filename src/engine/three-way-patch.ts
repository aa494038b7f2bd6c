import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from './json-object.ts';

/** The three states that a patch is made of. */
export interface ThreeStates {
  /** What was applied last; empty when unknown. */
  readonly original: JsonObject;
  /** What is to be applied now. */
  readonly modified: JsonObject;
  /** What the API server has. */
  readonly current: JsonObject;
}

/**
 * The JSON merge patch that brings `current` to `modified` and drops what only `original` had; other
 * writers' keys and the API server's defaults stay. With `strategic`, lists of the built-in kinds are
 * merged by their key (containers by name …) as KUDO's strategic three-way merge does
 * (task/task_apply.go:160-240); otherwise lists are replaced. Empty when there is nothing to do.
 */
export function threeWayPatch(states: ThreeStates, strategic: boolean): JsonObject {
  const wanted = mergedObject(states, strategic, []);
  return mergePatchBetween(states.current, wanted);
}

type Path = readonly string[];

function mergedObject(states: ThreeStates, strategic: boolean, path: Path): JsonObject {
  const { original, modified, current } = states;
  const merged: Record<string, unknown> = {};
  for (const key of Object.keys({ ...current, ...modified })) {
    const dropped = !Object.hasOwn(modified, key) && Object.hasOwn(original, key);
    if (dropped) continue;
    const value = Object.hasOwn(modified, key)
      ? mergedValue({
          states: { original: original[key], modified: modified[key], current: current[key] },
          strategic,
          path: [...path, key],
        })
      : current[key];
    if (value !== undefined && value !== null) merged[key] = value;
  }
  return merged;
}

interface ValueMerge {
  readonly states: { readonly [Key in keyof ThreeStates]: unknown };
  readonly strategic: boolean;
  readonly path: Path;
}

function mergedValue(merge: ValueMerge): unknown {
  const { original, modified, current } = merge.states;
  if (isJsonObject(modified) && isJsonObject(current)) {
    const states = { original: isJsonObject(original) ? original : {}, modified, current };
    const object = mergedObject(states, merge.strategic, merge.path);
    return merge.strategic ? retained(object, states, merge.path) : object;
  }
  if (merge.strategic && Array.isArray(modified) && Array.isArray(current))
    return mergedList(merge, modified, current);
  return modified;
}

/** The lists of built-in kinds that are merged by a key: field name → key (the `patchMergeKey` tags of k8s.io/api). */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
  imagePullSecrets: 'name',
  secrets: 'name',
  webhooks: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  hostAliases: 'ip',
  conditions: 'type',
  ownerReferences: 'uid',
  topologySpreadConstraints: 'topologyKey',
};

function mergeKeyOf(path: Path): string | undefined {
  const field = path.at(-1) ?? '';
  if (field === 'ports') return path.includes('containers') ? 'containerPort' : 'port';
  return MERGE_KEYS[field];
}

function mergedList(
  merge: ValueMerge,
  modified: readonly unknown[],
  current: readonly unknown[],
): readonly unknown[] {
  const original: readonly unknown[] = Array.isArray(merge.states.original)
    ? merge.states.original
    : [];
  if (merge.path.at(-1) === 'finalizers') return mergedSet(original, modified, current);
  const key = mergeKeyOf(merge.path);
  if (key === undefined || ![...modified, ...current].every((item) => hasKey(item, key)))
    return modified;
  const find = (list: readonly unknown[], item: unknown): unknown =>
    list.find((other) => keyValue(other, key) === keyValue(item, key));
  const wanted = modified.map((item) => {
    const states = { original: find(original, item), modified: item, current: find(current, item) };
    return mergedValue({ ...merge, states });
  });
  const foreign = current.filter(
    (item) => find(modified, item) === undefined && find(original, item) === undefined,
  );
  return [...wanted, ...foreign];
}

function mergedSet(
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
): readonly unknown[] {
  const foreign = current.filter((item) => !modified.includes(item) && !original.includes(item));
  return [...modified, ...foreign];
}

function hasKey(item: unknown, key: string): boolean {
  return keyValue(item, key) !== undefined;
}

function keyValue(item: unknown, key: string): unknown {
  return isJsonObject(item) ? item[key] : undefined;
}

/**
 * Unions such as a volume or a Deployment's strategy keep only the keys that are wanted once they
 * change (`patchStrategy: retainKeys`): a volume that becomes a Secret is no longer an emptyDir.
 */
function retained(object: JsonObject, states: ThreeStates, path: Path): JsonObject {
  const isUnion = path.at(-1) === 'volumes' || (path.length === 2 && path[1] === 'strategy');
  if (!isUnion || isDeepStrictEqual(object, states.current)) return object;
  return Object.fromEntries(
    Object.entries(object).filter(([key]) => Object.hasOwn(states.modified, key)),
  );
}

function mergePatchBetween(current: JsonObject, wanted: JsonObject): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(current)) if (!Object.hasOwn(wanted, key)) patch[key] = null;
  for (const [key, value] of Object.entries(wanted)) {
    const before = current[key];
    if (isDeepStrictEqual(before, value)) continue;
    patch[key] =
      isJsonObject(before) && isJsonObject(value) ? mergePatchBetween(before, value) : value;
  }
  return patch;
}
