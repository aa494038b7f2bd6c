import type { ObjectKey } from '../model/kube-object.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import type { ClusterView } from './cluster-view.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncSettings } from './sync-settings.ts';

/** What was decided of an Instance while it, and what Git says of it, stay as they are. */
interface Quiet {
  readonly mark: string;
  /** Those with which it waits for something; undefined when it needs nothing, whatever was recorded. */
  readonly records: readonly NumberedRecord[] | undefined;
  /** Epoch ms of the moment that is waited for at the latest. */
  readonly until: number;
}

/** Instances that need no look while they, and what Git says of them, stay as they are. */
export class QuietInstances {
  readonly #known = new Map<ObjectKey, Quiet>();
  #under: string | undefined;

  /** What an Instance and its children are and are to be, as one text; a moment without it gives another. */
  static mark(key: ObjectKey, revision: RevisionState, view: ClusterView): string {
    const observed = view.caches.instances.get(key);
    const seen = observed ? [observed, ...view.descendants(observed)] : [];
    const versions = seen.map(({ metadata }) => metadata.resourceVersion).join(' ');
    return `${versions || '-'} ${revision.hashes.get(key) ?? '-'}`;
  }

  /** What was decided under other settings of the Sync is forgotten. */
  holdUnder({
    driftPolicy,
    planTimeoutMs,
  }: Pick<SyncSettings, 'driftPolicy' | 'planTimeoutMs'>): void {
    const under = `${driftPolicy} ${String(planTimeoutMs)}`;
    if (this.#under !== under) this.clear();
    this.#under = under;
  }

  /** True for one that needs nothing. */
  has(key: ObjectKey, mark: string): boolean {
    const known = this.#known.get(key);
    return known?.mark === mark && known.records === undefined;
  }

  /** Milliseconds until one is to be looked at that needs nothing, or only waits; 0 for any other. */
  restsFor(key: ObjectKey, mark: string, record: RolloutRecord, now: number): number {
    const known = this.#known.get(key);
    if (known?.mark !== mark) return 0;
    if (known.records === undefined) return Infinity;
    return known.records === record.recordsOf(key) ? Math.max(0, known.until - now) : 0;
  }

  /** Nothing is left to do. */
  add(key: ObjectKey, mark: string): void {
    this.#known.set(key, { mark, records: undefined, until: Infinity });
  }

  /** Nothing is to be done until it changes, its records do, or that moment comes (epoch ms). */
  addWaiting(key: ObjectKey, mark: string, record: RolloutRecord, until: number): void {
    this.#known.set(key, { mark, records: record.recordsOf(key), until });
  }

  clear(): void {
    this.#known.clear();
  }

  /** Instances with anything but a plain success have to be looked at under the next Rollout. */
  forgetUnsettled(record: RolloutRecord | undefined): void {
    for (const key of record?.keys() ?? []) {
      const states = record?.recordsOf(key).map(({ record: { state } }) => state) ?? [];
      if (states.some((state) => state !== 'succeeded')) this.#known.delete(key);
    }
  }
}
