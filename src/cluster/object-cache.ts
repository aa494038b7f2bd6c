import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import {
  keyOf,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectKey,
} from '../model/kube-object.ts';
import type { WatchEvent } from './kube-client.ts';
import { ObjectIndex } from './object-index.ts';
import { type ReflectedSource, Reflector, type ReflectorHealth } from './reflector.ts';
import { isOlder } from './resource-version.ts';

export interface ObjectCacheOptions<T extends KubeObject> {
  /** managedFields are half of many objects; they are dropped but for what this says that somebody reads. */
  readonly keepManagedFields?: (
    entries: readonly ManagedFieldsEntry[],
  ) => readonly ManagedFieldsEntry[] | undefined;
  /** For `indexed()`: the values under which an object is found, e.g. its namespace. */
  readonly indexes?: Readonly<Record<string, (object: T) => readonly string[]>>;
}

export type ChangeListener<T> = (key: ObjectKey, object: T | undefined) => void;

/** A copy of the API server's objects of one resource that keeps itself up to date. */
export class ObjectCache<T extends KubeObject> {
  /** Resolves when the first list is in; rejects when the scope stops before that. */
  readonly synced: Promise<void>;

  readonly #reflector: Reflector<T>;
  readonly #keepManagedFields: NonNullable<ObjectCacheOptions<T>['keepManagedFields']>;
  readonly #objects = new Map<ObjectKey, T>();
  readonly #index: ObjectIndex<T>;
  readonly #listeners = new Set<ChangeListener<T>>();
  #firstList: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  /** Written by ourselves since the last list began; such a list may be older than they are. */
  readonly #updatedSinceListing = new Set<ObjectKey>();
  #resourceVersion: string | undefined;
  #scope: Scope | undefined;

  constructor(source: ReflectedSource, options: ObjectCacheOptions<T> = {}) {
    this.#keepManagedFields = options.keepManagedFields ?? (() => undefined);
    this.#index = new ObjectIndex(options.indexes ?? {});
    this.synced = new Promise((resolve, reject) => {
      this.#firstList = { resolve, reject };
    });
    this.synced.catch(() => undefined);
    this.#reflector = new Reflector<T>(source, {
      listing: () => {
        this.#updatedSinceListing.clear();
      },
      replace: (objects, resourceVersion) => {
        this.#replace(objects, resourceVersion);
      },
      apply: (event) => {
        this.#apply(event);
      },
    });
  }

  /** Follows the API server in the background until the scope stops. To be called once. */
  start(scope: Scope): void {
    this.#scope = scope;
    void this.#reflector.run(scope).finally(() => {
      this.#firstList?.reject(scope.signal.reason);
    });
  }

  get health(): ReflectorHealth {
    return this.#reflector.health;
  }

  /** The newest resourceVersion seen; undefined before the first list. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** The objects that index `name` of the options has under `value`. */
  indexed(name: string, value: string): readonly T[] {
    return this.#index
      .keys(name, value)
      .map((key) => this.#objects.get(key))
      .filter((object) => object !== undefined);
  }

  /** Calls `listener` after each change, with undefined for an object that is gone; returns how to stop. */
  onChange(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes over an object from the answer to a write, so that whoever looks next sees their own write.
   * Older objects than those known are ignored, and so are objects deleted meanwhile.
   */
  update(object: T): void {
    const key = keyOf(object);
    const known = this.#objects.get(key)?.metadata.resourceVersion ?? this.#resourceVersion;
    if (known !== undefined && !isOlder(known, object.metadata.resourceVersion)) return;
    this.#updatedSinceListing.add(key);
    this.#set(key, object);
  }

  #replace(objects: readonly T[], resourceVersion: string): void {
    const listed = new Set<ObjectKey>();
    for (const object of objects) {
      const key = keyOf(object);
      listed.add(key);
      const known = this.#objects.get(key)?.metadata.resourceVersion;
      if (known === object.metadata.resourceVersion) continue;
      if (this.#isOwnNewerWrite(key, object.metadata.resourceVersion)) continue;
      this.#set(key, object);
    }
    for (const key of this.#objects.keys()) {
      if (!listed.has(key) && !this.#isOwnNewerWrite(key, resourceVersion)) this.#remove(key);
    }
    this.#resourceVersion = resourceVersion;
    this.#firstList?.resolve();
  }

  #isOwnNewerWrite(key: ObjectKey, resourceVersion: string | undefined): boolean {
    const known = this.#objects.get(key)?.metadata.resourceVersion;
    return this.#updatedSinceListing.has(key) && isOlder(resourceVersion, known);
  }

  #apply({ type, object }: WatchEvent<T>): void {
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (type === 'BOOKMARK') return;
    const key = keyOf(object);
    const known = this.#objects.get(key)?.metadata.resourceVersion;
    if (known !== undefined && isOlder(object.metadata.resourceVersion, known)) return;
    if (type === 'DELETED') this.#remove(key);
    else if (known !== object.metadata.resourceVersion) this.#set(key, object);
  }

  #set(key: ObjectKey, object: T): void {
    const kept = this.#trimmed(object);
    this.#objects.set(key, kept);
    this.#index.set(key, kept);
    this.#notify(key, kept);
  }

  #trimmed(object: T): T {
    const { managedFields, ...metadata } = object.metadata;
    if (managedFields === undefined) return object;
    const kept = this.#keepManagedFields(managedFields);
    return { ...object, metadata: kept ? { ...metadata, managedFields: kept } : metadata };
  }

  #remove(key: ObjectKey): void {
    if (!this.#objects.delete(key)) return;
    this.#index.remove(key);
    this.#notify(key, undefined);
  }

  /** A listener that throws is a bug of its own and must not end the watch for everybody else. */
  #notify(key: ObjectKey, object: T | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(key, object);
      } catch (thrown) {
        this.#scope?.log.error('cache listener failed', { key, reason: messageOf(thrown) });
      }
    }
  }
}
