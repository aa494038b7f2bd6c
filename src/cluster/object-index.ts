import type { ObjectKey } from '../model/kube-object.ts';

/** Finds keys of objects by values computed from them. */
export class ObjectIndex<T> {
  readonly #valuesOf: Readonly<Record<string, (object: T) => readonly string[]>>;
  /** `<index>/<value>` → keys. */
  readonly #keys = new Map<string, Set<ObjectKey>>();
  readonly #entriesByKey = new Map<ObjectKey, readonly string[]>();

  constructor(valuesOf: Readonly<Record<string, (object: T) => readonly string[]>>) {
    this.#valuesOf = valuesOf;
  }

  /** @throws {Error} when there is no index `name` */
  keys(name: string, value: string): readonly ObjectKey[] {
    if (!this.#valuesOf[name]) throw new Error(`no index ${name}`);
    return [...(this.#keys.get(`${name}/${value}`) ?? [])];
  }

  set(key: ObjectKey, object: T): void {
    this.remove(key);
    const entries = Object.entries(this.#valuesOf).flatMap(([name, valuesOf]) =>
      valuesOf(object).map((value) => `${name}/${value}`),
    );
    if (entries.length === 0) return;
    this.#entriesByKey.set(key, entries);
    for (const entry of entries) {
      const keys = this.#keys.get(entry);
      if (keys) keys.add(key);
      else this.#keys.set(entry, new Set([key]));
    }
  }

  remove(key: ObjectKey): void {
    for (const entry of this.#entriesByKey.get(key) ?? []) {
      const keys = this.#keys.get(entry);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(entry);
    }
    this.#entriesByKey.delete(key);
  }
}
