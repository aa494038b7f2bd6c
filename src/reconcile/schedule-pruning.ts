import { schedule } from 'node-cron';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';

const HOURLY = '0 * * * *';
/** Services of many clusters do not all write in the same second. */
const MAX_RANDOM_DELAY_MS = 10 * 60_000;

/**
 * Carries out `prune` once an hour until the scope stops; a failure is logged, and the next hour tries
 * again. Gives a function that resolves when none is under way any more.
 */
export function schedulePruning(
  prune: (scope: Scope) => Promise<void>,
  scope: Scope,
): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    if (scope.signal.aborted) return;
    underWay = prune(scope).catch((thrown: unknown) => {
      if (!scope.signal.aborted) scope.log.error('pruning failed', { reason: messageOf(thrown) });
    });
    await underWay;
  };
  const task = schedule(HOURLY, run, {
    name: 'prune history',
    noOverlap: true,
    maxRandomDelay: MAX_RANDOM_DELAY_MS,
    suppressMissedWarning: true,
    logger: loggerOf(scope),
    unref: true,
  });
  scope.signal.addEventListener('abort', () => void task.destroy(), { once: true });
  return async () => {
    await task.destroy();
    await underWay;
  };
}

/** The scheduler's own words, as our log has them. */
function loggerOf({ log }: Scope): {
  info(message: string): void;
  warn(message: string): void;
  error(message: string | Error): void;
  debug(message: string | Error): void;
} {
  const say = (message: string | Error): void => {
    log.debug('scheduler', { message: messageOf(message) });
  };
  return { info: say, warn: say, error: say, debug: say };
}
