import { backoffMs, type BackoffLimits } from '../lib/backoff.ts';
import { Failure } from '../lib/failure.ts';
import type { ObjectKey } from '../model/kube-object.ts';

/**
 * How long another side is left alone for each Sync after it failed: longer each time, or as long as it
 * asked for. News of a Sync does not shorten it.
 */
export class HoldOffs {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  readonly #notBefore = new Map<ObjectKey, { readonly at: number; readonly failures: number }>();

  /** @param random 0 ≤ x < 1 */
  constructor(limits: BackoffLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Milliseconds until it may be tried; none left when not above 0. */
  waitMs(sync: ObjectKey, now: number): number {
    return (this.#notBefore.get(sync)?.at ?? 0) - now;
  }

  /** After a failure; gives the milliseconds until the next try. */
  failed(sync: ObjectKey, thrown: unknown, now: number): number {
    const failures = (this.#notBefore.get(sync)?.failures ?? 0) + 1;
    const asked = thrown instanceof Failure ? thrown.retryAfterMs : undefined;
    const afterMs = asked ?? backoffMs(failures, this.#limits, this.#random);
    this.#notBefore.set(sync, { at: now + afterMs, failures });
    return afterMs;
  }

  succeeded(sync: ObjectKey): void {
    this.#notBefore.delete(sync);
  }
}
