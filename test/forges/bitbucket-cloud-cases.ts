import { bitbucketHookCases } from './bitbucket-hook-cases.ts';
import { MERGE_BASE, SHA, STATUS, TOKEN, type ForgeCase, type ForgeCases } from './forge-cases.ts';

const repo = '/2.0/repositories/Acme/fleet';
const page = (n: number): string => `page=${n}&pagelen=50`;
/** Longer than 40 characters, so that Bitbucket would refuse it. */
const LONG = { ...STATUS, context: `${STATUS.context}/a-rather-long-instance-name` };
const KEY = 'db9a3a5805749d5542626f0fb62fb2a882ac261f';

const side = (repository: string, branch: string): object => ({
  branch: { name: branch },
  commit: { hash: SHA.slice(0, 12) },
  repository: { full_name: repository, uuid: '{r}' },
});
const aPull = (id: number, rest: object = {}): object => ({
  id,
  title: `Pull ${id}`,
  author: { nickname: 'ann', uuid: '{a}' },
  links: { html: { href: `https://bitbucket.org/Acme/fleet/pull-requests/${id}` } },
  source: side('Acme/fleet', 'topic'),
  destination: side('Acme/fleet', 'main'),
  ...rest,
});
const pull = (number: number, rest: object = {}) => ({
  number,
  title: `Pull ${number}`,
  author: 'ann',
  url: `https://bitbucket.org/Acme/fleet/pull-requests/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'main',
  fromFork: false,
  fetchRef: 'refs/heads/topic',
  ...rest,
});
const statusCases: readonly ForgeCase[] = [
  {
    why: 'a status is sent under a key that is short enough',
    act: (forge, scope) => forge.setStatus(SHA, STATUS, scope),
    calls: [
      {
        method: 'POST',
        path: `${repo}/commit/${SHA}/statuses/build`,
        body: {
          key: KEY,
          name: STATUS.context,
          state: 'INPROGRESS',
          description: STATUS.description,
          url: STATUS.targetUrl,
        },
      },
    ],
    answers: [{ status: 201, body: {} }],
  },
  {
    why: 'a trouble of ours is no failure, and without a link of ours it leads to the commit',
    act: (forge, scope) => {
      const { context, description } = LONG;
      return forge.setStatus(SHA, { context, description, state: 'error' }, scope);
    },
    calls: [
      {
        method: 'POST',
        path: `${repo}/commit/${SHA}/statuses/build`,
        body: {
          key: '8dc93efd4bec56223b065f8af06fcbbafc8d1e59',
          name: LONG.context,
          state: 'STOPPED',
          description: STATUS.description,
          url: `https://bitbucket.org/Acme/fleet/commits/${SHA}`,
        },
      },
    ],
    answers: [{ status: 201, body: {} }],
  },
  {
    why: 'the status of a context is read in our words',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [{ method: 'GET', path: `${repo}/commit/${SHA}/statuses/build/${KEY}` }],
    answers: [
      { body: { key: KEY, state: 'FAILED', description: 'no', url: 'https://x.example/1' } },
    ],
    result: {
      context: STATUS.context,
      state: 'failure',
      description: 'no',
      targetUrl: 'https://x.example/1',
    },
  },
  {
    why: 'a context that is not there is none',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [{ method: 'GET', path: `${repo}/commit/${SHA}/statuses/build/${KEY}` }],
    answers: [{ status: 404, body: { type: 'error', error: { message: 'not found' } } }],
    result: undefined,
  },
];

const pullCases: readonly ForgeCase[] = [
  {
    why: 'open pull requests are read page by page, their heads to the last digit, and one without a head is left out',
    act: (forge, scope) => forge.openPullRequests(scope),
    calls: [
      { method: 'GET', path: `${repo}/pullrequests?state=OPEN&${page(1)}` },
      { method: 'GET', path: `${repo}/pullrequests?state=OPEN&${page(2)}` },
      { method: 'GET', path: `${repo}/commit/${SHA.slice(0, 12)}` },
      { method: 'GET', path: `/2.0/repositories/ann/fleet/commit/${SHA.slice(0, 12)}` },
    ],
    answers: [
      { body: { values: [aPull(3)], next: 'https://elsewhere.example/2' } },
      {
        body: {
          values: [
            aPull(2, { source: side('ann/fleet', 'topic') }),
            aPull(1, { source: { ...side('x/y', 'gone'), commit: null, repository: null } }),
          ],
        },
      },
      { body: { hash: SHA } },
      { body: { hash: SHA } },
    ],
    result: [pull(3), pull(2, { fromFork: true })],
  },
  {
    why: 'what a pull request changes is read with its merge base, old names too',
    act: (forge, scope) => forge.changesOf(pull(5), scope),
    calls: [
      { method: 'GET', path: `${repo}/pullrequests/5/diffstat?${page(1)}` },
      { method: 'GET', path: `${repo}/merge-base/${SHA}..main` },
    ],
    answers: [
      {
        body: {
          values: [
            { status: 'added', old: null, new: { path: 'a.yaml' } },
            { status: 'renamed', old: { path: 'c.yaml' }, new: { path: 'b.yaml' } },
          ],
        },
      },
      { body: { hash: MERGE_BASE } },
    ],
    result: { mergeBase: MERGE_BASE, files: ['a.yaml', 'b.yaml', 'c.yaml'], isComplete: true },
  },
  {
    why: 'comments come with their authors, those taken back do not',
    act: (forge, scope) => forge.comments(5, scope),
    calls: [{ method: 'GET', path: `${repo}/pullrequests/5/comments?${page(1)}` }],
    answers: [
      {
        body: {
          values: [
            { id: 1, user: { uuid: '{a}' }, content: { raw: 'looks good' } },
            { id: 2, user: null, content: { raw: '' } },
            { id: 3, user: { uuid: '{a}' }, content: { raw: '' }, deleted: true },
          ],
        },
      },
    ],
    result: [
      { id: '1', author: '{a}', body: 'looks good' },
      { id: '2', author: '', body: '' },
    ],
  },
  {
    why: 'a comment is created on the pull request',
    act: (forge, scope) => forge.createComment(5, 'preview', scope),
    calls: [
      {
        method: 'POST',
        path: `${repo}/pullrequests/5/comments`,
        body: { content: { raw: 'preview' } },
      },
    ],
    answers: [{ status: 201, body: { id: 9 } }],
  },
  {
    why: 'a comment is edited in place',
    act: (forge, scope) => forge.editComment(5, '9', 'preview 2', scope),
    calls: [
      {
        method: 'PUT',
        path: `${repo}/pullrequests/5/comments/9`,
        body: { content: { raw: 'preview 2' } },
      },
    ],
    answers: [{ body: { id: 9 } }],
  },
  {
    why: 'the token says who it is',
    act: (forge, scope) => forge.whoAmI(scope),
    calls: [{ method: 'GET', path: '/2.0/user' }],
    answers: [{ body: { uuid: '{b}', nickname: 'gitops-bot' } }],
    result: '{b}',
  },
];

export const bitbucketCloudCases: ForgeCases = {
  repository: '/Acme/fleet.git',
  apiPath: '/2.0',
  credentials: { kind: 'token', token: TOKEN, username: 'bot@example.org' },
  headers: {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(`bot@example.org:${TOKEN}`).toString('base64')}`,
  },
  cases: [...statusCases, ...pullCases, ...bitbucketHookCases],
};
