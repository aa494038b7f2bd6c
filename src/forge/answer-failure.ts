import { Failure, type FailureKind } from '../lib/failure.ts';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import type { ForgeAnswer } from './forge-wire.ts';
import { readRetryAfter } from './rate-limit.ts';

const MAX_MESSAGE = 200;

const HINTS: Partial<Record<FailureKind, string>> = {
  denied: 'Check that the forge token is valid and may do this there.',
  missing: 'Check the URL of the repository and that the token may see it.',
};

const NOT_THE_FORGE =
  'Something before the forge may be answering, or spec.forge.apiUrl is not its API.';

/** What is wrong with an answer, if something is: its status, or a body that is not JSON. `now` in epoch ms. */
export function answerFailure(answer: ForgeAnswer, now: number): Failure | undefined {
  if (answer.status < 400) return notJson(answer);
  const retryAfterMs = readRetryAfter(answer, now);
  const refusal = kindOf(answer.status, retryAfterMs !== undefined);
  // What a proxy or firewall in between refuses so was not refused by the forge: it is told again later.
  const kind = refusal === 'invalid' && isPage(answer) ? 'unreachable' : refusal;
  const text = `answered ${answer.status} ${messageIn(answer.body)}`.trim();
  const hint = kind === refusal ? HINTS[kind] : NOT_THE_FORGE;
  return new Failure(kind, text, { hint, retryAfterMs });
}

/** GitHub answers 403 beside a time to come back when it limits the rate. */
function kindOf(status: number, saidWhen: boolean): FailureKind {
  if (status >= 500 || status === 429 || (status === 403 && saidWhen)) return 'unreachable';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'missing';
  // GitLab when two write one status at once.
  if (status === 409) return 'conflict';
  return status === 408 ? 'timeout' : 'invalid';
}

const isPage = ({ headers, body }: ForgeAnswer): boolean =>
  /^text\/html\b/i.test(headers['content-type'] ?? '') && jsonOrUndefined(body) === undefined;

/** A login or maintenance page may come with status 200; taking it for an answer would lose the write. */
function notJson({ status, headers, body }: ForgeAnswer): Failure | undefined {
  if (status === 204 || jsonOrUndefined(body) !== undefined) return undefined;
  const type = (headers['content-type'] ?? 'no content type').slice(0, MAX_MESSAGE);
  // Azure DevOps answers a bad token with 203 and a page to sign in.
  return new Failure(
    status === 203 ? 'denied' : 'unreachable',
    `answered ${type} instead of JSON`,
    {
      hint: NOT_THE_FORGE,
    },
  );
}

/** What an error answer says of itself, on one line, without control characters. */
function messageIn(body: string): string {
  const value = jsonOrUndefined(body);
  if (typeof value !== 'object' || value === null) return '';
  const said = 'message' in value ? value.message : 'error' in value ? value.error : undefined;
  const text = typeof said === 'object' ? JSON.stringify(said) : said;
  if (typeof text !== 'string') return '';
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_MESSAGE);
}
