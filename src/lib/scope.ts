import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './log.ts';

/**
 * What every effect needs: a way to be stopped, a log, the time.
 *
 * A function that takes a `scope` may reach outside the process. A function that does not is pure.
 * Keep it the last parameter.
 */
export interface Scope {
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with `signal.reason` when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Node fires a timer at once that is set for longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      let leftMs = ms;
      for (; leftMs > LONGEST_TIMER_MS; leftMs -= LONGEST_TIMER_MS) {
        await sleep(LONGEST_TIMER_MS, undefined, { signal });
      }
      await sleep(leftMs, undefined, { signal });
    } catch (thrown) {
      signal.throwIfAborted();
      throw thrown;
    }
  },
};

/** The same scope with more to say in every log line. */
export function withFields(scope: Scope, fields: Readonly<Record<string, unknown>>): Scope {
  return { ...scope, log: scope.log.with(fields) };
}

/** The same scope with another signal: it stops when either the scope or `signal` says so. */
export function withSignal(scope: Scope, signal: AbortSignal): Scope {
  return { ...scope, signal: AbortSignal.any([scope.signal, signal]) };
}

/** The same scope, which nothing stops: for what is to be ended in order after the scope has stopped. */
export function unstoppable(scope: Scope): Scope {
  return { ...scope, signal: new AbortController().signal };
}

/** Resolves when the scope stops. */
export async function untilStopped({ signal }: Scope): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
