import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  recordingServer,
  say,
  type CannedAnswer,
  type RecordedRequest,
} from '../../test/fakes/recording-server.ts';
import { FORGE_CASES } from '../../test/forges/all-cases.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { TOKEN, type ForgeCase, type ForgeCases } from '../../test/forges/forge-cases.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import type { ForgeType } from '../model/forge-type.ts';
import { openForge } from './forge-registry.ts';

type Answer = (response: ServerResponse) => void;

const HTML = { headers: { 'content-type': 'text/html' }, body: `<html>Sign in, ${TOKEN}</html>` };
const answering =
  (answer: CannedAnswer): Answer =>
  (response) => {
    say({ body: { message: `no, ${TOKEN}` }, ...answer })(response, 0);
  };

interface Fault {
  readonly why: string;
  readonly answer: Answer;
  readonly expected: RegExp;
}

const FAULTS: readonly Fault[] = [
  { why: '401', answer: answering({ status: 401 }), expected: /^denied$/ },
  { why: '403', answer: answering({ status: 403 }), expected: /^denied$/ },
  { why: '404', answer: answering({ status: 404 }), expected: /^missing$/ },
  { why: '409', answer: answering({ status: 409 }), expected: /^conflict$/ },
  { why: '422', answer: answering({ status: 422 }), expected: /^invalid$/ },
  {
    why: '429 with Retry-After',
    answer: answering({ status: 429, headers: { 'retry-after': '9' } }),
    expected: /^unreachable 9000$/,
  },
  { why: '500', answer: answering({ status: 500 }), expected: /^unreachable$/ },
  { why: 'HTML instead of JSON', answer: answering(HTML), expected: /^unreachable$/ },
  {
    why: 'HTML of something in between that refuses',
    answer: answering({ status: 400, ...HTML }),
    expected: /^unreachable$/,
  },
  {
    why: 'JSON of something else',
    answer: answering({ body: '"ok"' }),
    expected: /^(invalid|denied)$/,
  },
  {
    why: 'a redirect to a page to sign in',
    answer: answering({ status: 302, headers: { location: 'https://login.example/' } }),
    expected: /^denied$/,
  },
  {
    why: 'a cut connection',
    answer: (response) => response.socket?.destroy(),
    expected: /^unreachable$/,
  },
];

const server = recordingServer();

/** What comes of the case when its call number `faulty` goes wrong. */
async function outcomeOf(
  [type, { repository, apiPath, credentials }]: readonly [ForgeType, ForgeCases],
  { act, answers }: ForgeCase,
  { fault, faulty }: { readonly fault: Answer; readonly faulty: number },
): Promise<string> {
  server.forget();
  server.answer = (response, nth) => {
    if (nth === faulty) fault(response);
    else say(...answers)(response, nth);
  };
  const url = server.origin + repository;
  const apiUrl = apiPath === undefined ? undefined : server.origin + apiPath;
  const forge = openForge({ type, url, apiUrl, credentials });
  try {
    return `gave ${JSON.stringify(await act(forge, testScope()))}`;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) return `a bug: ${messageOf(thrown)}`;
    const said = `${thrown.message} ${String(thrown.hint)}`;
    if (said.includes(TOKEN)) return `the token in ${said}`;
    return [thrown.kind, thrown.retryAfterMs ?? []].flat().join(' ');
  } finally {
    forge.close();
  }
}

/** What is expected of this call instead: a status that is not there, an answer of which nothing matters. */
function isAsGood({ why }: Fault, call: RecordedRequest | undefined, outcome: string): boolean {
  if (!outcome.startsWith('gave')) return false;
  return why === (call?.method === 'GET' ? '404' : 'JSON of something else');
}

/** Why: webhooks, comments and pull requests meet the same faults as statuses, at whichever of their calls. */
describe.each(Object.entries(FORGE_CASES) as [ForgeType, ForgeCases][])(
  '%s',
  (type, forgeCases) => {
    test.each(FAULTS)('$why is told for what it is, whatever was asked', async (fault) => {
      const { answer, expected } = fault;
      const wrong: string[] = [];
      for (const one of forgeCases.cases) {
        for (let faulty = 0; faulty < one.calls.length; faulty += 1) {
          const place = { fault: answer, faulty };
          // oxlint-disable-next-line no-await-in-loop
          const outcome = await outcomeOf([type, forgeCases], one, place);
          if (expected.test(outcome) || isAsGood(fault, one.calls[faulty], outcome)) continue;
          wrong.push(`${one.why}, call ${String(faulty)}: ${outcome}`);
        }
      }
      expect(wrong).toEqual([]);
    });
  },
);
