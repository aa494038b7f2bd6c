import { backoffMs } from '../lib/backoff.ts';
import { Failure } from '../lib/failure.ts';

/** How many writes of one token a forge bears; what other programs write with it comes on top. */
export interface WriteLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const BACKOFF = { minMs: 500, maxMs: 60_000 };
/** Longer than a call may take: while one finds out whether the forge is back, others wait. */
const PROBE_MS = 25_000;
/** A single one may be the fault of what was asked, and says nothing of the forge. */
const FAILURES_IN_A_ROW = 3;

/**
 * When one token may speak to one forge: shared by everything that uses both, so that a pause that the
 * forge asked one Sync for is kept by all, and a forge that is down is asked by one at a time.
 */
export class ForgePace {
  readonly #limits: WriteLimits | undefined;
  readonly #random: () => number;
  /** When writes of the last hour were sent, epoch ms, oldest first. */
  #writes: number[] = [];
  /** What the forge asked for: kept, whatever calls that were on their way bring. */
  #askedUntil = 0;
  /** What we keep of ourselves while it does not answer. */
  #pausedUntil = 0;
  #failures = 0;

  /** @param random 0 ≤ x < 1 */
  constructor(limits: WriteLimits | undefined, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Milliseconds until a call may be made; 0 when it may be made now. */
  waitMs(isWrite: boolean, now: number): number {
    return Math.max(
      0,
      this.#askedUntil - now,
      this.#pausedUntil - now,
      isWrite ? this.#writeWaitMs(now) : 0,
    );
  }

  /** Told before a call. */
  started(isWrite: boolean, now: number): void {
    if (isWrite && this.#limits) this.#writes.push(now);
    if (this.#failures >= FAILURES_IN_A_ROW) this.#pausedUntil = now + PROBE_MS;
  }

  /** Told after a call that the forge answered, and how long it asked to be left alone, if it did. */
  succeeded(pauseMs: number | undefined, now: number): void {
    this.#failures = 0;
    this.#pausedUntil = now;
    this.#asked(pauseMs, now);
  }

  /** Told after a call that failed; what the forge refuses for other reasons than load pauses nothing. */
  failed(thrown: unknown, now: number): void {
    if (!(thrown instanceof Failure)) return;
    const isDown = thrown.kind === 'unreachable' || thrown.kind === 'timeout';
    if (!isDown) {
      this.succeeded(undefined, now);
      return;
    }
    this.#failures += 1;
    this.#pausedUntil = now + (thrown.retryAfterMs === undefined ? this.#backoffMs() : 0);
    this.#asked(thrown.retryAfterMs, now);
  }

  #asked(pauseMs: number | undefined, now: number): void {
    this.#askedUntil = Math.max(this.#askedUntil, now + Math.min(pauseMs ?? 0, HOUR_MS));
  }

  #backoffMs(): number {
    const failures = this.#failures - FAILURES_IN_A_ROW + 1;
    return failures < 1 ? 0 : backoffMs(failures, BACKOFF, this.#random);
  }

  #writeWaitMs(now: number): number {
    if (!this.#limits) return 0;
    this.#writes = this.#writes.filter((at) => at > now - HOUR_MS);
    const { perMinute, perHour } = this.#limits;
    const minute = (this.#writes.at(-perMinute) ?? -Infinity) + MINUTE_MS;
    const hour = (this.#writes.at(-perHour) ?? -Infinity) + HOUR_MS;
    return Math.max(minute, hour) - now;
  }
}

/** Paces kept; a token or forge that was not spoken to for longest starts afresh. */
const MAX_PACES = 256;

/** One pace a forge and token. */
export class ForgePaces {
  readonly #paces = new Map<string, ForgePace>();
  readonly #random: () => number;

  /** @param random 0 ≤ x < 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** @param identity names forge and token, without telling the token */
  of(identity: string, limits: WriteLimits | undefined): ForgePace {
    const pace = this.#paces.get(identity) ?? new ForgePace(limits, this.#random);
    this.#paces.delete(identity);
    this.#paces.set(identity, pace);
    const [oldest] = this.#paces.keys();
    if (oldest !== undefined && this.#paces.size > MAX_PACES) this.#paces.delete(oldest);
    return pace;
  }
}
