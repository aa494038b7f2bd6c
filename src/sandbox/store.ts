import { expired } from './api-error.ts';
import { storeKey, withMeta, type ApiObject } from './api-object.ts';

/** One write. `previous` is what stood there before, for selectors and for going back in time. */
export interface StoreEvent {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The storage name of the resource, see {@link ResourceDefinition.storage}. */
  readonly storage: string;
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
}

export type StoreListener = (event: StoreEvent) => void;

/**
 * All objects, in memory, with one revision counter for all of them and the last `historyLimit`
 * writes, as etcd behind a real API server. Listeners are told of each write before it returns.
 */
export class ObjectStore {
  readonly #historyLimit: number;
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #listeners = new Set<StoreListener>();
  /** Keys in order; dropped when a key comes or goes. */
  readonly #order = new Map<string, readonly string[]>();
  #history: StoreEvent[] = [];
  #revision = 1;
  #compacted = 1;

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  /** The revision of the newest write. */
  get revision(): number {
    return this.#revision;
  }

  /** The newest revision whose successors are no longer known in full. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  get(storage: string, namespace: string | undefined, name: string): ApiObject | undefined {
    return this.#objects.get(storage)?.get(storeKey(namespace, name));
  }

  /** All objects of a resource, in the order of their keys. */
  list(storage: string): ApiObject[] {
    const objects = this.#objects.get(storage) ?? new Map<string, ApiObject>();
    const order = this.#order.get(storage) ?? [...objects.keys()].toSorted();
    this.#order.set(storage, order);
    return order.map((key) => objects.get(key)).filter((object) => object !== undefined);
  }

  /** All objects of a resource as they were at `revision`; throws 410 when that is too long ago. */
  listAt(storage: string, revision: number): ApiObject[] {
    const objects = new Map(this.#objects.get(storage));
    for (const event of this.eventsSince(revision).toReversed()) {
      if (event.storage !== storage) continue;
      const key = keyOfObject(event.object);
      if (event.previous === undefined) objects.delete(key);
      else objects.set(key, event.previous);
    }
    return [...objects.entries()]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Stores `object` under its own name and stamps it with a new resourceVersion. */
  put(storage: string, object: ApiObject): ApiObject {
    const all = this.#objects.get(storage) ?? new Map<string, ApiObject>();
    this.#objects.set(storage, all);
    const key = keyOfObject(object);
    const previous = all.get(key);
    const stored = withMeta(object, { resourceVersion: String(this.#revision + 1) });
    all.set(key, stored);
    if (previous === undefined) this.#order.delete(storage);
    this.#record(previous === undefined ? 'ADDED' : 'MODIFIED', storage, stored, previous);
    return stored;
  }

  /** Removes an object; the last state of it, stamped with the revision of its removal. */
  remove(storage: string, object: ApiObject): ApiObject {
    const all = this.#objects.get(storage);
    const key = keyOfObject(object);
    const previous = all?.get(key);
    all?.delete(key);
    this.#order.delete(storage);
    const last = withMeta(object, { resourceVersion: String(this.#revision + 1) });
    this.#record('DELETED', storage, last, previous ?? object);
    return last;
  }

  /** Every write after `revision`; throws 410 when some of them are forgotten. */
  eventsSince(revision: number): readonly StoreEvent[] {
    if (revision < this.#compacted) {
      throw expired(`too old resource version: ${revision} (${this.#compacted})`);
    }
    return this.#history.slice(Math.max(0, revision - this.#compacted));
  }

  /** Calls `listener` for each write from now on, until the returned function is called. */
  subscribe(listener: StoreListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all history, as etcd's compaction does. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#revision;
  }

  #record(
    type: StoreEvent['type'],
    storage: string,
    object: ApiObject,
    previous: ApiObject | undefined,
  ): void {
    this.#revision += 1;
    const event: StoreEvent = { revision: this.#revision, type, storage, object, previous };
    this.#history.push(event);
    if (this.#history.length > this.#historyLimit * 1.25) {
      this.#history = this.#history.slice(-this.#historyLimit);
      this.#compacted = this.#revision - this.#historyLimit;
    }
    for (const listener of this.#listeners) listener(event);
  }
}

function keyOfObject({ metadata }: ApiObject): string {
  return storeKey(metadata.namespace, metadata.name);
}
