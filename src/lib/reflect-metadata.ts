/**
 * The three functions of the reflect-metadata proposal that tsyringe, a dependency of @peculiar/x509,
 * wants to find on `Reflect` when it is loaded. Import this file before @peculiar/x509.
 */
interface MetadataReflect {
  defineMetadata(key: unknown, value: unknown, target: object): void;
  getOwnMetadata(key: unknown, target: object): unknown;
  getMetadata(key: unknown, target: object): unknown;
}

const stored = new WeakMap<object, Map<unknown, unknown>>();

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object) {
    const values = stored.get(at);
    if (values?.has(key)) return values.get(key);
  }
  return undefined;
}

const missing: MetadataReflect = {
  defineMetadata: (key, value, target) => {
    const values = stored.get(target) ?? new Map<unknown, unknown>();
    stored.set(target, values.set(key, value));
  },
  getOwnMetadata: (key, target) => stored.get(target)?.get(key),
  getMetadata,
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, missing);
