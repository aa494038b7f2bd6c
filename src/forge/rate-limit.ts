import { boundedWaitMs, retryAfterMs } from '../lib/retry-after.ts';
import type { ForgeAnswer } from './forge-wire.ts';

/** What GitHub asks for when it names no time (docs: "wait for at least one minute"). */
const UNNAMED_MS = 60_000;

/** What a forge still allows, as its last answer said. */
export interface Quota {
  readonly remaining: number;
  /** Epoch ms from which the allowance is whole again. */
  readonly resetAt: number;
}

/**
 * The allowance in `X-RateLimit-*` (GitHub, Gitea behind some proxies, Azure DevOps) or `RateLimit-*` (GitLab).
 * `now` in epoch ms.
 */
export function readQuota(headers: ForgeAnswer['headers'], now: number): Quota | undefined {
  const value = (name: string): number =>
    Number.parseFloat(headers[`x-ratelimit-${name}`] ?? headers[`ratelimit-${name}`] ?? '');
  const [remaining, reset] = [value('remaining'), value('reset')];
  if (!Number.isFinite(remaining) || !Number.isFinite(reset)) return undefined;
  return { remaining, resetAt: momentOf(reset, now) };
}

/**
 * How long to leave a forge alone after a refusal: `Retry-After` in seconds or as a date, or the reset time of an
 * exhausted allowance, or a minute when the answer only speaks of a limit. Never over an hour; undefined
 * when the answer says nothing of it.
 */
export function readRetryAfter(
  { headers, status, body }: ForgeAnswer,
  now: number,
): number | undefined {
  const after = headers['retry-after'];
  const askedMs = after ? retryAfterMs(after, now) : resetMs(headers, now);
  const isLimited = status === 429 || status === 403;
  if (askedMs !== undefined) return askedMs;
  return isLimited && /rate limit/i.test(body.slice(0, 2_000)) ? UNNAMED_MS : undefined;
}

/** How long until an exhausted allowance is whole again. */
function resetMs(headers: ForgeAnswer['headers'], now: number): number | undefined {
  const quota = readQuota(headers, now);
  return quota?.remaining === 0 ? boundedWaitMs(quota.resetAt - now) : undefined;
}

/** A reset is an epoch second, or in the drafts of the IETF the seconds until then. */
function momentOf(reset: number, now: number): number {
  return reset > 1_000_000_000 ? reset * 1_000 : now + reset * 1_000;
}
