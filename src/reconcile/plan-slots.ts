import type { ObjectKey } from '../model/kube-object.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import type { RolloutRecord } from './rollout-record.ts';

/** How many Instances of a Rollout may have a plan under way at once, and which have. */
export class PlanSlots {
  readonly #limit: number;
  readonly #taken: Set<ObjectKey>;
  #refused = 0;

  constructor(record: RolloutRecord, limit: number) {
    this.#limit = limit;
    this.#taken = new Set([...record.keys()].filter((key) => isUnderWay(record.recordsOf(key))));
  }

  get isFull(): boolean {
    return this.#taken.size >= this.#limit;
  }

  /** True when an Instance that was refused could have one by now. */
  get hasFreed(): boolean {
    return this.#refused > 0 && !this.isFull;
  }

  /** A slot for the Instance, or the one that it has; false when there is none. */
  take(key: ObjectKey): boolean {
    if (!this.#taken.has(key) && this.isFull) {
      this.refuse();
      return false;
    }
    this.#taken.add(key);
    return true;
  }

  /** An Instance was left out because there is no slot. */
  refuse(): void {
    this.#refused += 1;
  }

  /** Gives the slot back when nothing of the Instance is under way any more. */
  settle(key: ObjectKey, records: readonly NumberedRecord[]): void {
    if (!isUnderWay(records)) this.#taken.delete(key);
  }
}

/** A plan that is to run again is under way only when it was sent. */
function isUnderWay(records: readonly NumberedRecord[]): boolean {
  return records.some(
    ({ record: { state, startedAt } }) =>
      state === 'running' || (state === 'sending' && startedAt !== undefined),
  );
}
