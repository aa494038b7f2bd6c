import type { PullRequest } from '../../src/forge/forge.ts';
import { HOOK, MERGE_BASE, SHA, STATUS, TOKEN, type ForgeCases } from './forge-cases.ts';
import { githubRightCases } from './status-right-cases.ts';

const repo = '/api/v3/repos/Acme/fleet';
const page = (n: number): string => `page=${n}&per_page=100`;
const next = { link: '<https://elsewhere.example.org/?page=2>; rel="next", <x>; rel="last"' };

const pull = (number: number, rest: Partial<PullRequest> = {}): PullRequest => ({
  number,
  title: `Pull ${number}`,
  author: 'ann',
  url: `https://github.com/Acme/fleet/pull/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'release/1',
  fromFork: false,
  fetchRef: `refs/pull/${number}/head`,
  ...rest,
});
const theirPull = (number: number, head: object = {}, rest: object = {}): object => ({
  id: 1000 + number,
  number,
  title: `Pull ${number}`,
  user: { id: 1, login: 'ann', type: 'User' },
  html_url: `https://github.com/Acme/fleet/pull/${number}`,
  head: { label: 'Acme:topic', ref: 'topic', sha: SHA, repo: { id: 7 }, ...head },
  base: { label: 'Acme:release/1', ref: 'release/1', sha: MERGE_BASE, repo: { id: 7 } },
  ...rest,
});
const theirStatus = (rest: object): object => ({
  id: 2,
  state: 'success',
  context: STATUS.context,
  description: 'done',
  target_url: null,
  ...rest,
});
const hookBody = {
  active: true,
  events: ['push', 'pull_request'],
  config: { ...HOOK, content_type: 'json', insecure_ssl: '0' },
};
const theirHook = (id: number, rest: object): object => ({
  id,
  type: 'Repository',
  name: 'web',
  ...hookBody,
  config: { url: HOOK.url, content_type: 'json', insecure_ssl: '0', secret: '********' },
  ...rest,
});

export const githubCases: ForgeCases = {
  repository: '/Acme/fleet.git',
  credentials: { kind: 'token', token: TOKEN },
  headers: {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${TOKEN}`,
    'x-github-api-version': '2022-11-28',
  },
  cases: [
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
      answers: [{ status: 201, body: theirStatus({}) }],
    },
    {
      why: 'a status without a page to lead to has no address at all',
      act: (forge, scope) =>
        forge.setStatus(SHA, { context: 'c', state: 'error', description: 'd' }, scope),
      calls: [
        {
          method: 'POST',
          path: `${repo}/statuses/${SHA}`,
          body: { context: 'c', state: 'error', description: 'd' },
        },
      ],
      answers: [{ status: 201, body: theirStatus({}) }],
    },
    {
      why: 'the newest status of a context is found on whatever page it is',
      act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
      calls: [
        { method: 'GET', path: `${repo}/commits/${SHA}/status?${page(1)}` },
        { method: 'GET', path: `${repo}/commits/${SHA}/status?${page(2)}` },
      ],
      answers: [
        { body: { statuses: [theirStatus({ context: 'ci', description: null })] }, headers: next },
        { body: { statuses: [theirStatus({ target_url: 'https://x.example.org' })] } },
      ],
      result: {
        context: STATUS.context,
        state: 'success',
        description: 'done',
        targetUrl: 'https://x.example.org',
      },
    },
    {
      why: 'a context that is not there is not found',
      act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
      calls: [{ method: 'GET', path: `${repo}/commits/${SHA}/status?${page(1)}` }],
      answers: [{ body: { statuses: [] } }],
      result: undefined,
    },
    {
      why: 'open pull requests are read page by page; one whose fork is gone is still from a fork',
      act: (forge, scope) => forge.openPullRequests(scope),
      calls: [
        { method: 'GET', path: `${repo}/pulls?state=open&${page(1)}` },
        { method: 'GET', path: `${repo}/pulls?state=open&${page(2)}` },
      ],
      answers: [
        { body: [theirPull(3), theirPull(2, { repo: { id: 8 } })], headers: next },
        { body: [theirPull(1, { repo: null }, { user: null })] },
      ],
      result: [pull(3), pull(2, { fromFork: true }), pull(1, { fromFork: true, author: '' })],
    },
    {
      why: 'what a pull request changes is read with its merge base, old names too',
      act: (forge, scope) => forge.changesOf(pull(5), scope),
      calls: [{ method: 'GET', path: `${repo}/compare/release%2F1...${SHA}?page=1&per_page=1` }],
      answers: [
        {
          body: {
            merge_base_commit: { sha: MERGE_BASE },
            files: [
              { filename: 'shop/orders.yaml', status: 'modified' },
              { filename: 'b.yaml', previous_filename: 'a.yaml', status: 'renamed' },
            ],
          },
        },
      ],
      result: {
        mergeBase: MERGE_BASE,
        files: ['shop/orders.yaml', 'b.yaml', 'a.yaml'],
        isComplete: true,
      },
    },
    {
      why: 'a comparison that is cut off is not complete',
      act: async (forge, scope) => (await forge.changesOf(pull(5), scope)).isComplete,
      calls: [{ method: 'GET', path: `${repo}/compare/release%2F1...${SHA}?page=1&per_page=1` }],
      answers: [
        {
          body: {
            merge_base_commit: { sha: MERGE_BASE },
            files: Array.from({ length: 300 }, (_, index) => ({ filename: `${index}.yaml` })),
          },
        },
      ],
      result: false,
    },
    {
      why: 'comments come with their authors',
      act: (forge, scope) => forge.comments(5, scope),
      calls: [{ method: 'GET', path: `${repo}/issues/5/comments?${page(1)}` }],
      answers: [
        {
          body: [
            { id: 1, user: { login: 'kudo-gitops[bot]' }, body: 'preview' },
            { id: 2, user: null },
          ],
        },
      ],
      result: [
        { id: '1', author: 'kudo-gitops[bot]', body: 'preview' },
        { id: '2', author: '', body: '' },
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
      act: (forge, scope) => forge.editComment(5, '9', 'preview 2', scope),
      calls: [{ method: 'PATCH', path: `${repo}/issues/comments/9`, body: { body: 'preview 2' } }],
      answers: [{ body: { id: 9 } }],
    },
    {
      why: 'the token says who it is',
      act: (forge, scope) => forge.whoAmI(scope),
      calls: [{ method: 'GET', path: '/api/v3/user' }],
      answers: [{ body: { id: 3, login: 'gitops-bot' } }],
      result: 'gitops-bot',
    },
    {
      why: 'webhooks are listed, and one that lacks an event, is off or sends forms is not complete',
      act: (forge, scope) => forge.webhooks(scope),
      calls: [{ method: 'GET', path: `${repo}/hooks?${page(1)}` }],
      answers: [
        {
          body: [
            theirHook(1, {}),
            theirHook(2, { events: ['push'] }),
            theirHook(3, { active: false }),
            theirHook(4, { config: { url: HOOK.url } }),
            theirHook(5, { events: ['*'] }),
          ],
        },
      ],
      result: [
        { id: '1', url: HOOK.url, isComplete: true },
        { id: '2', url: HOOK.url, isComplete: false },
        { id: '3', url: HOOK.url, isComplete: false },
        { id: '4', url: HOOK.url, isComplete: false },
        { id: '5', url: HOOK.url, isComplete: true },
      ],
    },
    {
      why: 'a webhook is created signed and switched on',
      act: (forge, scope) => forge.createWebhook(HOOK, scope),
      calls: [{ method: 'POST', path: `${repo}/hooks`, body: { name: 'web', ...hookBody } }],
      answers: [{ status: 201, body: theirHook(1, {}) }],
    },
    {
      why: 'a webhook is made whole again',
      act: (forge, scope) => forge.updateWebhook('1', HOOK, scope),
      calls: [{ method: 'PATCH', path: `${repo}/hooks/1`, body: hookBody }],
      answers: [{ body: theirHook(1, {}) }],
    },
    {
      why: 'a webhook is removed',
      act: (forge, scope) => forge.removeWebhook('1', scope),
      calls: [{ method: 'DELETE', path: `${repo}/hooks/1` }],
      answers: [{ status: 204, body: '' }],
    },
    ...githubRightCases,
  ],
};
