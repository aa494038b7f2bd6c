import type { ObjectKey } from '../model/kube-object.ts';
import type { ClusterView } from './cluster-view.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';

/** Instances that need nothing while they, and what Git says of them, stay as they are. */
export class QuietInstances {
  readonly #marks = new Map<ObjectKey, string>();

  /** What an Instance is and is to be, as one text; a moment without it gives another. */
  static mark(key: ObjectKey, revision: RevisionState, view: ClusterView): string {
    const version = view.caches.instances.get(key)?.metadata.resourceVersion ?? '-';
    return `${version} ${revision.hashes.get(key) ?? '-'}`;
  }

  has(key: ObjectKey, mark: string): boolean {
    return this.#marks.get(key) === mark;
  }

  add(key: ObjectKey, mark: string): void {
    this.#marks.set(key, mark);
  }

  clear(): void {
    this.#marks.clear();
  }

  /** Instances with anything but a plain success have to be looked at under the next Rollout. */
  forgetUnsettled(record: RolloutRecord | undefined): void {
    for (const key of record?.keys() ?? []) {
      const states = record?.recordsOf(key).map(({ record: { state } }) => state) ?? [];
      if (states.some((state) => state !== 'succeeded')) this.#marks.delete(key);
    }
  }
}
