import * as z from 'zod';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import { retryAfterMs } from '../lib/retry-after.ts';
import { KubeError } from './kube-client.ts';

const MAX_MESSAGE = 8_192;

const Status = z.object({
  kind: z.literal('Status'),
  reason: z.string().optional(),
  message: z.string().optional(),
  code: z.number().optional(),
  details: z.object({ retryAfterSeconds: z.number().optional() }).nullish(),
});

/** An answer of an API server, or of a proxy before it, that is not a success. */
export interface RefusedAnswer {
  readonly code: number;
  readonly body: string;
  /** The header as it came: seconds or an HTTP date. */
  readonly retryAfter?: string | undefined;
}

/**
 * The error that says what a refusal says. `request` (`GET /api/v1/secrets`) and `nowMs` (for a
 * Retry-After that is a date) are used where the answer itself does not say enough.
 */
export function errorFromAnswer(answer: RefusedAnswer, request: string, nowMs: number): KubeError {
  const fromHeader = retryAfterMs(answer.retryAfter, nowMs);
  const status = Status.safeParse(jsonOrUndefined(answer.body));
  if (status.success) {
    return errorFromStatusFields(status.data, answer.code, request, fromHeader);
  }
  const text = answer.body.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  const message = `${request} was answered with HTTP ${answer.code}${text === '' ? '' : `: ${text}`}`;
  return new KubeError(answer.code, '', message, fromHeader);
}

/** The error in an ERROR event of a watch. */
export function errorFromWatchEvent(object: unknown, request: string): KubeError {
  const status = Status.safeParse(object);
  if (status.success) return errorFromStatusFields(status.data, 500, request, undefined);
  return new KubeError(500, '', `${request} ended with an error event without a status`);
}

function errorFromStatusFields(
  status: z.infer<typeof Status>,
  httpCode: number,
  request: string,
  fromHeader: number | undefined,
): KubeError {
  const code = status.code ?? httpCode;
  const reason = status.reason ?? '';
  const text = status.message ?? reason;
  const message = text === '' ? `${request} was answered with HTTP ${code}` : text;
  const seconds = status.details?.retryAfterSeconds;
  const waitMs = fromHeader ?? (seconds === undefined ? undefined : seconds * 1_000);
  return new KubeError(code, reason.slice(0, MAX_MESSAGE), shortened(message), waitMs);
}

function shortened(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message;
}
