import { backoffMs, type BackoffLimits } from './backoff.ts';
import { messageOf } from './failure.ts';
import type { Scope } from './scope.ts';

/** What is to happen with a key after a pass. */
export type PassResult =
  | { readonly kind: 'settled' }
  | { readonly kind: 'again'; readonly afterMs: number }
  /** Looked at again after a growing delay, or after `afterMs` where the other side said when. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number | undefined };

export interface WorkQueueOptions<Key extends string> {
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  readonly backoff: BackoffLimits;
  readonly pass: (key: Key) => Promise<PassResult>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/**
 * Keys to look at, each by one worker at a time. A key added while it is worked on is looked at again
 * afterwards; a failing one later and later. A key says "look", never why (invariant 1 of the design).
 */
export class WorkQueue<Key extends string> {
  readonly #options: WorkQueueOptions<Key>;
  readonly #scope: Scope;
  readonly #waiting = new Set<Key>();
  readonly #running = new Set<Key>();
  readonly #failures = new Map<Key, number>();
  readonly #delayed = new Map<Key, AbortController>();
  #idle: (() => void)[] = [];

  constructor(options: WorkQueueOptions<Key>, scope: Scope) {
    this.#options = options;
    this.#scope = scope;
  }

  /** Asks for a look at `key` now. */
  add(key: Key): void {
    if (this.#scope.signal.aborted) return;
    this.#waiting.add(key);
    this.#startWorkers();
  }

  /** Forgets what was planned for `key`; a pass under way ends as it likes. */
  forget(key: Key): void {
    this.#waiting.delete(key);
    this.#failures.delete(key);
    this.#cancelDelay(key);
  }

  /** How many keys wait or are worked on. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Resolves when nothing is being worked on; after a stop that is the end. */
  async drained(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #startWorkers(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#work(key);
    }
  }

  async #work(key: Key): Promise<void> {
    const result = await this.#guardedPass(key);
    this.#running.delete(key);
    this.#settle(key, result);
    if (!this.#scope.signal.aborted) this.#startWorkers();
    if (this.#running.size > 0) return;
    for (const wake of this.#idle.splice(0)) wake();
  }

  async #guardedPass(key: Key): Promise<PassResult> {
    try {
      return await this.#options.pass(key);
    } catch (thrown) {
      if (!this.#scope.signal.aborted) {
        this.#scope.log.error('pass crashed', { key, reason: messageOf(thrown) });
      }
      return { kind: 'failed', reason: messageOf(thrown) };
    }
  }

  #settle(key: Key, result: PassResult): void {
    this.#cancelDelay(key);
    if (result.kind !== 'failed') this.#failures.delete(key);
    if (result.kind === 'again') this.#addLater(key, result.afterMs);
    if (result.kind !== 'failed') return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const { backoff, random } = this.#options;
    this.#addLater(key, result.afterMs ?? backoffMs(failures, backoff, random));
  }

  #addLater(key: Key, afterMs: number): void {
    const { clock, signal } = this.#scope;
    if (signal.aborted) return;
    const delay = new AbortController();
    this.#delayed.set(key, delay);
    const lookLater = async (): Promise<void> => {
      await clock.sleep(afterMs, AbortSignal.any([signal, delay.signal]));
      this.add(key);
    };
    lookLater().catch(() => undefined);
  }

  #cancelDelay(key: Key): void {
    this.#delayed.get(key)?.abort();
    this.#delayed.delete(key);
  }
}
