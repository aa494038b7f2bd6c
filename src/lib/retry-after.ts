/** Servers are not trusted with more. */
const MAX_MS = 3_600_000;

/**
 * How long a server asks to be left alone, in milliseconds: header `Retry-After` in seconds or as a date
 * (RFC 9110 §10.2.3), never over an hour. Undefined when it is absent or says something else.
 *
 * @param now epoch ms
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : boundedWaitMs(ms);
}

/** A wait that a server asked for: 0 to an hour. */
export function boundedWaitMs(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_MS);
}
