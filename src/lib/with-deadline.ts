import { setMaxListeners } from 'node:events';
import { Failure } from './failure.ts';
import type { Scope } from './scope.ts';

/** How long something may take, and what is said when it took longer. */
export interface Deadline {
  readonly ms: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * Runs `run` with a signal that aborts when the scope stops or after `ms` milliseconds. Any number of
 * them may hang on one scope. What `run` waits for need not know of the signal.
 *
 * @throws {Failure} `timeout` when the time is over
 */
export async function withDeadline<T>(
  { ms, message, hint }: Deadline,
  run: (signal: AbortSignal) => Promise<T>,
  scope: Scope,
): Promise<T> {
  scope.signal.throwIfAborted();
  const stop = new AbortController();
  const timer = new AbortController();
  const onAbort = () => {
    stop.abort(scope.signal.reason);
  };
  setMaxListeners(0, scope.signal);
  scope.signal.addEventListener('abort', onAbort, { once: true });
  const expire = async (): Promise<void> => {
    await scope.clock.sleep(ms, timer.signal);
    stop.abort(new Failure('timeout', message, { hint }));
  };
  expire().catch(() => undefined);
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => {
      reject(stop.signal.reason as Error);
    });
  });
  try {
    return await Promise.race([run(stop.signal), stopped]);
  } catch (thrown) {
    stop.signal.throwIfAborted();
    throw thrown;
  } finally {
    scope.signal.removeEventListener('abort', onAbort);
    timer.abort();
  }
}
