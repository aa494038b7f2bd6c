import { setImmediate } from 'node:timers/promises';
import type { Scope } from './scope.ts';

/**
 * A function to call often in a long computation: every 20 ms it lets other work run, and it
 * rejects with `signal.reason` when the scope has been stopped.
 */
export function createPacer({ clock, signal }: Scope): () => Promise<void> {
  let rested = clock.now();
  let calls = 0;
  return async () => {
    if (++calls % CALLS_PER_LOOK !== 0 || clock.now() - rested < SLICE_MS) return;
    await setImmediate();
    signal.throwIfAborted();
    rested = clock.now();
  };
}

const SLICE_MS = 20;
const CALLS_PER_LOOK = 16;
