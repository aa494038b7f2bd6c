import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';

/**
 * Runs `work` with a signal that stops it after `timeoutMs` on the scope's clock.
 *
 * @throws {Failure} `timeout`; the scope's own reason when the scope was stopped
 */
export async function withDeadline<T>(
  timeoutMs: number,
  { signal, clock }: Scope,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  void abortAfter(late, clock.sleep(timeoutMs, AbortSignal.any([signal, done.signal])));
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (cause) {
    signal.throwIfAborted();
    if (late.signal.aborted)
      throw new Failure('timeout', `no answer within ${timeoutMs / 1_000} s`);
    throw cause;
  } finally {
    done.abort();
  }
}

/** Aborts when the sleep ends, and not when it is cut short. */
async function abortAfter(late: AbortController, sleep: Promise<void>): Promise<void> {
  try {
    await sleep;
    late.abort();
  } catch {
    // The work ended first.
  }
}
