import type { ApiObject } from './api-object.ts';
import type { StoreEvent } from './store.ts';

/** Where an object is. */
export interface Location {
  readonly storage: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Which objects there are by uid, and which of them name which others as their owners. */
export class OwnerIndex {
  readonly #locations = new Map<string, Location>();
  readonly #dependents = new Map<string, Set<string>>();

  /** Takes note of a write. */
  track({ type, storage, object, previous }: StoreEvent): void {
    const uid = object.metadata.uid ?? '';
    for (const owner of ownersOf(previous)) this.#dependents.get(owner)?.delete(uid);
    if (type === 'DELETED') {
      this.#locations.delete(uid);
      return;
    }
    const { namespace, name } = object.metadata;
    this.#locations.set(uid, { storage, namespace, name });
    for (const owner of ownersOf(object)) {
      const dependents = this.#dependents.get(owner) ?? new Set();
      this.#dependents.set(owner, dependents.add(uid));
    }
  }

  /** Where the object with this uid is; undefined when there is none. */
  locate(uid: string): Location | undefined {
    return this.#locations.get(uid);
  }

  /** The uids of all objects that name this one as an owner. */
  dependentsOf(uid: string): string[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }
}

/** The uids of an object's owners. */
export function ownersOf(object: ApiObject | undefined): string[] {
  return (object?.metadata.ownerReferences ?? []).map(({ uid }) => uid);
}
