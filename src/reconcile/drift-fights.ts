import type { Clock } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';

/** Corrections of one field within one interval that are still no fight. */
const MAX_CORRECTIONS = 3;
const MAX_PAUSE_MS = 3_600_000;

interface Corrections {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * Who writes the same field again and again after we have set it back is not fought: after three
 * corrections within an interval there is a pause, which doubles with every further one. In memory
 * only: a service that starts anew begins to count anew.
 */
export class DriftFights {
  readonly #clock: Clock;
  readonly #intervalMs: () => number;
  readonly #corrections = new Map<ObjectKey, Map<string, Corrections>>();

  constructor(clock: Clock, intervalMs: () => number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** To be called for each field that is about to be set back. */
  corrected(key: ObjectKey, field: string): void {
    const now = this.#clock.now();
    const fields = this.#corrections.get(key) ?? new Map<string, Corrections>();
    const known = this.#known(key, field);
    fields.set(field, {
      count: (known?.count ?? 0) + 1,
      firstAt: known?.firstAt ?? now,
      lastAt: now,
    });
    this.#corrections.set(key, fields);
  }

  /** True while the field is left to the other side. */
  isFought(key: ObjectKey, field: string): boolean {
    return this.#pauseLeftMs(key, field) > 0;
  }

  /** How long until one of the Instance's fields may be set back again; undefined when all may. */
  pauseMs(key: ObjectKey): number | undefined {
    const fields = [...(this.#corrections.get(key)?.keys() ?? [])];
    const left = fields.map((field) => this.#pauseLeftMs(key, field)).filter((ms) => ms > 0);
    return left.length === 0 ? undefined : Math.min(...left);
  }

  #pauseLeftMs(key: ObjectKey, field: string): number {
    const known = this.#known(key, field);
    if (!known || known.count < MAX_CORRECTIONS) return 0;
    return known.lastAt + this.#pauseAfterMs(known) - this.#clock.now();
  }

  #pauseAfterMs({ count }: Corrections): number {
    return Math.min(this.#intervalMs() * 2 ** (count - MAX_CORRECTIONS), MAX_PAUSE_MS);
  }

  /** Undefined once the corrections are too old to count. */
  #known(key: ObjectKey, field: string): Corrections | undefined {
    const known = this.#corrections.get(key)?.get(field);
    if (!known) return undefined;
    const now = this.#clock.now();
    const isFight = known.count >= MAX_CORRECTIONS;
    const until = isFight
      ? known.lastAt + 2 * this.#pauseAfterMs(known)
      : known.firstAt + this.#intervalMs();
    return now < until ? known : undefined;
  }
}
