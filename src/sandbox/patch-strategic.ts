import { fieldsOf, isFields, isSame, listOf, type Fields } from './api-object.ts';

/**
 * Lists of built-in kinds that are merged item by item, and the keys of their items. The first key
 * that the items have is taken (`ports` are told apart by containerPort in pods, by port in services).
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  ports: ['containerPort', 'port'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  topologySpreadConstraints: ['topologyKey'],
  secrets: ['name'],
  webhooks: ['name'],
  addresses: ['type'],
};

/** Lists of plain values that are merged as sets. */
const SETS = new Set(['finalizers']);

/**
 * Strategic merge patch of a built-in object: like a JSON merge patch, but lists with a merge key are
 * merged item by item, with the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…`.
 */
export function strategicPatch(target: Fields, patch: Fields): Fields {
  if (patch['$patch'] === 'replace') return plain(patch);
  if (patch['$patch'] === 'delete') return {};
  const retained = patch['$retainKeys'];
  const result: Record<string, unknown> = Array.isArray(retained)
    ? Object.fromEntries(Object.entries(target).filter(([name]) => retained.includes(name)))
    : { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue;
    if (value === null) delete result[name];
    else result[name] = mergeValue(name, result[name], value);
  }
  applyPrimitiveDeletions(result, patch);
  applyOrder(result, patch);
  return result;
}

function mergeValue(name: string, before: unknown, patch: unknown): unknown {
  if (isFields(patch)) return strategicPatch(fieldsOf(before), patch);
  if (!Array.isArray(patch)) return patch;
  const items: readonly unknown[] = patch;
  if (SETS.has(name)) return [...new Set([...listOf(before), ...items])];
  const key = mergeKey(name, [...items, ...listOf(before)]);
  return key === undefined ? items : mergeList(listOf(before), items, key);
}

function mergeKey(name: string, items: readonly unknown[]): string | undefined {
  const keys = Object.hasOwn(MERGE_KEYS, name) ? (MERGE_KEYS[name] ?? []) : [];
  return keys.find((key) => items.some((item) => isFields(item) && item[key] !== undefined));
}

function mergeList(
  before: readonly unknown[],
  patch: readonly unknown[],
  key: string,
): readonly unknown[] {
  const items = patch.map(fieldsOf);
  const replaces = items.some((item) => item['$patch'] === 'replace' && item[key] === undefined);
  let result: Fields[] = replaces ? [] : before.map(fieldsOf);
  for (const item of items) {
    if (item[key] === undefined) continue;
    const at = result.findIndex((one) => isSame(one[key], item[key]));
    if (item['$patch'] === 'delete') result = result.filter((_one, index) => index !== at);
    else if (at === -1) result = [...result, strategicPatch({}, item)];
    else result = result.with(at, strategicPatch(result[at] ?? {}, item));
  }
  return result;
}

const DELETE_PREFIX = '$deleteFromPrimitiveList/';
const ORDER_PREFIX = '$setElementOrder/';

function applyPrimitiveDeletions(result: Record<string, unknown>, patch: Fields): void {
  for (const [directive, removed] of Object.entries(patch)) {
    if (!directive.startsWith(DELETE_PREFIX)) continue;
    const name = directive.slice(DELETE_PREFIX.length);
    result[name] = listOf(result[name]).filter((item) => !listOf(removed).includes(item));
  }
}

function applyOrder(result: Record<string, unknown>, patch: Fields): void {
  for (const [directive, order] of Object.entries(patch)) {
    const name = directive.slice(ORDER_PREFIX.length);
    if (!directive.startsWith(ORDER_PREFIX) || !Array.isArray(result[name])) continue;
    const wanted = listOf(order);
    const key = mergeKey(name, wanted);
    const place = (item: unknown): number => {
      const at = wanted.findIndex((one) =>
        key === undefined ? isSame(one, item) : isSame(fieldsOf(one)[key], fieldsOf(item)[key]),
      );
      return at === -1 ? wanted.length : at;
    };
    result[name] = listOf(result[name]).toSorted((left, right) => place(left) - place(right));
  }
}

function plain(patch: Fields): Fields {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')));
}
