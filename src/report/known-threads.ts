import type { CommitState } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';

type Thread = Pick<OutboxEntry, 'commit' | 'context'>;

interface Said {
  readonly state: CommitState;
  /** As it was cut for the forge. */
  readonly description: string;
}

interface Known {
  /** What stands at the forge by now; undefined when nothing does. */
  readonly newest: Said | undefined;
  /** The Rollout for which it was sent or read. */
  readonly rollout: string;
}

/**
 * The threads (one context on one commit) of which this process knows the forge's newest status,
 * because it sent or read it. All others are in doubt: an earlier process may have sent more than
 * it could record.
 */
export class KnownThreads {
  readonly #known = new Map<string, Known>();

  has(thread: Thread): boolean {
    return this.#known.has(nameOf(thread));
  }

  /** True when the newest status of the thread is known to say just this. */
  says(thread: Thread, { state, description }: Said): boolean {
    const newest = this.#known.get(nameOf(thread))?.newest;
    return newest?.state === state && newest.description === description;
  }

  /** The newest status of the thread, when it is known from this very Rollout. */
  newestOf(thread: Thread, rollout: string): Said | undefined {
    const known = this.#known.get(nameOf(thread));
    return known?.rollout === rollout ? known.newest : undefined;
  }

  /** @param newest what stands at the forge by now, if anything does */
  add(thread: Thread, newest: Said | undefined, rollout: string): void {
    this.#known.delete(nameOf(thread));
    this.#known.set(nameOf(thread), { newest, rollout });
    for (const oldest of this.#known.keys()) {
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
