import type { OutboxEntry } from '../model/rollout.ts';

type Thread = Pick<OutboxEntry, 'commit' | 'context'>;

/**
 * The threads (one context on one commit) of which this process knows the forge's newest status,
 * because it sent or read it. All others are in doubt: an earlier process may have sent more than
 * it could record.
 */
export class KnownThreads {
  readonly #known = new Set<string>();

  has(thread: Thread): boolean {
    return this.#known.has(nameOf(thread));
  }

  add(thread: Thread): void {
    this.#known.delete(nameOf(thread));
    this.#known.add(nameOf(thread));
    for (const oldest of this.#known) {
      if (this.#known.size <= MAX_THREADS) break;
      this.#known.delete(oldest);
    }
  }

  /** A send failed: the status may have arrived nevertheless. */
  doubt(thread: Thread): void {
    this.#known.delete(nameOf(thread));
  }
}

const MAX_THREADS = 1_000;

function nameOf({ commit, context }: Thread): string {
  return `${commit} ${context}`;
}
