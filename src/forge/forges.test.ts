import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  RecordingServer,
  say,
  type CannedAnswer,
  type RecordedRequest,
} from '../../test/fakes/recording-server.ts';
import { liveScope } from '../../test/fakes/scope.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { Forge } from './forge.ts';
import { openForge, type ForgeType } from './forge-registry.ts';

const TOKEN = 'token-of-the-forge';
const SHA = 'a'.repeat(40);
const BASE_SHA = 'b'.repeat(40);
const STATUS: CommitStatus = {
  context: 'kudo-gitops/prod/db/fleet',
  state: 'pending',
  description: 'kafka: deploy 1/3 phases',
  targetUrl: 'https://gitops.example.org/rollouts/1',
};

/** What one call of ours is in a forge's words: the whole requests it makes, what comes back, what we read from it. */
interface Case {
  readonly why: string;
  readonly act: (forge: Forge, scope: Scope) => Promise<unknown>;
  readonly calls: readonly RecordedRequest[];
  readonly answers: readonly CannedAnswer[];
  readonly result?: unknown;
}

const repo = '/api/v1/repos/Acme/fleet';
const page = (n: number): string => `page=${n}&limit=50`;

const giteaPull = (number: number, head: object = {}): object => ({
  number,
  title: `Pull ${number}`,
  user: { id: 1, login: 'ann' },
  html_url: `https://git.example.org/Acme/fleet/pulls/${number}`,
  head: { label: 'topic', ref: 'topic', sha: SHA, repo_id: 7, ...head },
  base: { label: 'main', ref: 'main', sha: BASE_SHA, repo_id: 7 },
});
const pull = (number: number, rest: object = {}): object => ({
  number,
  title: `Pull ${number}`,
  author: 'ann',
  url: `https://git.example.org/Acme/fleet/pulls/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'main',
  baseSha: BASE_SHA,
  fromFork: false,
  ...rest,
});
const giteaStatus = (rest: object): object => ({
  id: 2,
  status: 'success',
  context: STATUS.context,
  description: 'done',
  target_url: '',
  url: 'https://git.example.org/api/v1/repos/Acme/fleet/statuses/x',
  creator: null,
  created_at: '2026-01-01T00:00:00Z',
  ...rest,
});

const CASES = {
  gitea: [
    {
      why: 'a status is sent with every field of it',
      act: (forge, scope) => forge.setStatus(SHA, STATUS, scope),
      calls: [
        {
          method: 'POST',
          path: `${repo}/statuses/${SHA}`,
          body: {
            context: STATUS.context,
            state: 'pending',
            description: STATUS.description,
            target_url: STATUS.targetUrl,
          },
        },
      ],
      answers: [{ status: 201, body: giteaStatus({}) }],
    },
    {
      why: 'the newest status of a context is read in our words',
      act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
      calls: [{ method: 'GET', path: `${repo}/commits/${SHA}/status?${page(1)}` }],
      answers: [
        {
          body: { statuses: [giteaStatus({ context: 'ci', status: 'warning' }), giteaStatus({})] },
        },
      ],
      result: { context: STATUS.context, state: 'success', description: 'done' },
    },
    {
      why: 'a context that is not there is looked for on every page',
      act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
      calls: [
        { method: 'GET', path: `${repo}/commits/${SHA}/status?${page(1)}` },
        { method: 'GET', path: `${repo}/commits/${SHA}/status?${page(2)}` },
      ],
      answers: [
        { body: { statuses: [giteaStatus({ context: 'ci' })] }, headers: { 'x-total-count': '1' } },
        { body: { statuses: null } },
      ],
      result: undefined,
    },
    {
      why: 'open pull requests are read page by page up to the total, and a head that is gone is left out',
      act: (forge, scope) => forge.openPullRequests(scope),
      calls: [
        { method: 'GET', path: `${repo}/pulls?state=open&${page(1)}` },
        { method: 'GET', path: `${repo}/pulls?state=open&${page(2)}` },
      ],
      answers: [
        {
          body: [giteaPull(3), giteaPull(2, { repo_id: 8 })],
          headers: { 'x-total-count': '4' },
        },
        {
          body: [giteaPull(1, { label: '', ref: 'refs/pull/1/head' }), giteaPull(4, { sha: '' })],
          headers: { 'x-total-count': '4' },
        },
      ],
      result: [
        pull(3),
        pull(2, { fromFork: true }),
        pull(1, { headRef: 'refs/pull/1/head', fromFork: true }),
      ],
    },
    {
      why: 'comments come with their authors',
      act: (forge, scope) => forge.comments(5, scope),
      calls: [{ method: 'GET', path: `${repo}/issues/5/comments?${page(1)}` }],
      answers: [
        {
          body: [
            { id: 1, user: { login: 'ann' }, body: 'looks good' },
            { id: 2, user: null, body: '' },
          ],
          headers: { 'x-total-count': '2' },
        },
      ],
      result: [
        { id: 1, author: 'ann', body: 'looks good' },
        { id: 2, author: '', body: '' },
      ],
    },
    {
      why: 'a comment is created on the pull request',
      act: (forge, scope) => forge.createComment(5, 'preview', scope),
      calls: [{ method: 'POST', path: `${repo}/issues/5/comments`, body: { body: 'preview' } }],
      answers: [{ status: 201, body: { id: 9 } }],
    },
    {
      why: 'a comment is edited in place',
      act: (forge, scope) => forge.editComment(9, 'preview 2', scope),
      calls: [{ method: 'PATCH', path: `${repo}/issues/comments/9`, body: { body: 'preview 2' } }],
      answers: [{ body: { id: 9 } }],
    },
    {
      why: 'the token says who it is',
      act: (forge, scope) => forge.whoAmI(scope),
      calls: [{ method: 'GET', path: '/api/v1/user' }],
      answers: [{ body: { id: 3, login: 'gitops-bot' } }],
      result: 'gitops-bot',
    },
  ],
} satisfies Record<ForgeType, readonly Case[]>;

const server = new RecordingServer();
beforeAll(() => server.listen());
afterAll(() => {
  server.close();
});
beforeEach(() => {
  server.forget();
});

describe.each(Object.entries(CASES))('%s', (type, cases) => {
  test.each<Case>(cases)('$why', async ({ act, calls, answers, result }) => {
    server.answer = say(...answers);
    const url = `${server.origin}/Acme/fleet.git`;
    const forge = openForge({ type: type as ForgeType, url, token: TOKEN });
    expect(await act(forge, liveScope())).toEqual(result);
    forge.close();
    expect(server.requests).toEqual(calls);
    for (const [index, headers] of server.headers.entries()) {
      expect(headers).toMatchObject({
        accept: 'application/json',
        authorization: `token ${TOKEN}`,
        'user-agent': 'kudo-gitops',
        ...(calls[index]?.body === undefined ? {} : { 'content-type': 'application/json' }),
      });
    }
  });
});
