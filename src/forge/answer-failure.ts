import { Failure, type FailureKind } from '../lib/failure.ts';

/** An HTTP answer of a forge. */
export interface ForgeAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const MAX_MESSAGE = 200;
const MAX_RETRY_AFTER_MS = 3_600_000;

const HINTS: Partial<Record<FailureKind, string>> = {
  denied: 'Check that the forge token is valid and may write statuses and comments there.',
  missing: 'Check the URL of the repository and that the token may see it.',
};

/** What is wrong with an answer, if something is: its status, or a body that is not JSON. `now` in epoch ms. */
export function answerFailure(answer: ForgeAnswer, now: number): Failure | undefined {
  if (answer.status < 400) return notJson(answer);
  const retryAfterMs = readRetryAfter(answer.headers, now);
  const kind = kindOf(answer.status, retryAfterMs !== undefined);
  const text = `answered ${answer.status} ${messageIn(answer.body)}`.trim();
  return new Failure(kind, text, { hint: HINTS[kind], retryAfterMs });
}

/** GitHub answers 403 beside a time to come back when it limits the rate. */
function kindOf(status: number, saidWhen: boolean): FailureKind {
  if (status >= 500 || status === 429 || (status === 403 && saidWhen)) return 'unreachable';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'missing';
  return status === 408 ? 'timeout' : 'invalid';
}

/** `Retry-After` in seconds or as a date, or the reset time of an exhausted rate limit; never over an hour. */
function readRetryAfter(headers: ForgeAnswer['headers'], now: number): number | undefined {
  const after = headers['retry-after'] ?? '';
  const reset = headers['x-ratelimit-remaining'] === '0' ? headers['x-ratelimit-reset'] : undefined;
  const ms = /^\d+$/.test(after)
    ? Number(after) * 1_000
    : (after ? Date.parse(after) : Number(reset ?? Number.NaN) * 1_000) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** A login or maintenance page may come with status 200; taking it for an answer would lose the write. */
function notJson({ headers, body }: ForgeAnswer): Failure | undefined {
  if (parsed(body) !== undefined) return undefined;
  const type = (headers['content-type'] ?? 'no content type').slice(0, MAX_MESSAGE);
  return new Failure('unreachable', `answered ${type} instead of JSON`, {
    hint: 'Something before the forge may be answering, or spec.forge.apiUrl is not its API.',
  });
}

/** The `message` of an error answer on one line, without control characters. */
function messageIn(body: string): string {
  const value = parsed(body);
  const message =
    typeof value === 'object' && value !== null && 'message' in value ? value.message : undefined;
  if (typeof message !== 'string') return '';
  return message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_MESSAGE);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
