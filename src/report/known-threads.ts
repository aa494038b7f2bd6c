import type { CommitState, CommitStatus } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';

type Thread = Pick<OutboxEntry, 'commit' | 'context'>;

interface Said {
  readonly state: CommitState;
  /** As it was cut for the forge. */
  readonly description: string;
}

/**
 * The threads (one context on one commit) of which this process knows the forge's newest status,
 * because it sent or read it. All others are in doubt: an earlier process may have sent more than
 * it could record.
 */
export class KnownThreads {
  readonly #newest = new Map<string, Said | undefined>();

  has(thread: Thread): boolean {
    return this.#newest.has(nameOf(thread));
  }

  /** True when the newest status of the thread is known to say just this. */
  says(thread: Thread, { state, description }: Said): boolean {
    const newest = this.#newest.get(nameOf(thread));
    return newest?.state === state && newest.description === description;
  }

  /** @param newest what stands at the forge by now, if anything does */
  add(thread: Thread, newest: Pick<CommitStatus, 'state' | 'description'> | undefined): void {
    this.#newest.delete(nameOf(thread));
    this.#newest.set(nameOf(thread), newest);
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= MAX_THREADS) break;
      this.#newest.delete(oldest);
    }
  }

  /** A send failed: the status may have arrived nevertheless. */
  doubt(thread: Thread): void {
    this.#newest.delete(nameOf(thread));
  }
}

const MAX_THREADS = 1_000;

function nameOf({ commit, context }: Thread): string {
  return `${commit} ${context}`;
}
