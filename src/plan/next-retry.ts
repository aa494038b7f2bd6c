import type { ChangeRecord } from '../model/rollout.ts';

const MAX_PAUSE_MS = 3_600_000;

/**
 * When a failed plan is to be run again by itself, epoch ms: after `backoffMs`, then twice that, and so
 * on up to an hour. Undefined when it has been run again often enough, or when KUDO refused the change.
 */
export function nextRetryAt(
  { state, cause, retries = 0, finishedAt }: ChangeRecord,
  { limit, backoffMs }: { readonly limit: number; readonly backoffMs: number },
): number | undefined {
  if (state !== 'failed' || cause !== 'plan' || retries >= limit) {
    return undefined;
  }
  const pauseMs = Math.min(MAX_PAUSE_MS, backoffMs * 2 ** retries);
  return Date.parse(finishedAt ?? '1970-01-01T00:00:00Z') + pauseMs;
}
