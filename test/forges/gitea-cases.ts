import type { PullRequest } from '../../src/forge/forge.ts';
import { HOOK, MERGE_BASE, SHA, STATUS, TOKEN, type ForgeCases } from './forge-cases.ts';
import { giteaRightCases } from './status-right-cases.ts';

const repo = '/api/v1/repos/Acme/fleet';
const page = (n: number): string => `page=${n}&limit=50`;

const giteaPull = (number: number, head: object = {}): object => ({
  number,
  title: `Pull ${number}`,
  user: { id: 1, login: 'ann' },
  html_url: `https://git.example.org/Acme/fleet/pulls/${number}`,
  head: { label: 'topic', ref: 'topic', sha: SHA, repo_id: 7, ...head },
  base: { label: 'main', ref: 'main', sha: MERGE_BASE, repo_id: 7 },
});
const pull = (number: number, rest: Partial<PullRequest> = {}): PullRequest => ({
  number,
  title: `Pull ${number}`,
  author: 'ann',
  url: `https://git.example.org/Acme/fleet/pulls/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'main',
  fromFork: false,
  fetchRef: `refs/pull/${number}/head`,
  ...rest,
});
const hookBody = {
  active: true,
  events: ['push', 'pull_request', 'pull_request_sync'],
  config: { ...HOOK, content_type: 'json' },
};
const giteaHook = (id: number, rest: object): object => ({
  id,
  type: 'gitea',
  ...hookBody,
  config: { content_type: 'json', url: HOOK.url },
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

export const giteaCases: ForgeCases = {
  repository: '/Acme/fleet.git',
  credentials: { kind: 'token', token: TOKEN },
  headers: { accept: 'application/json', authorization: `token ${TOKEN}` },
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
      calls: [{ method: 'GET', path: `${repo}/issues/5/comments` }],
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
        { id: '1', author: 'ann', body: 'looks good' },
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
      calls: [{ method: 'GET', path: '/api/v1/user' }],
      answers: [{ body: { id: 3, login: 'gitops-bot' } }],
      result: 'gitops-bot',
    },
    {
      why: 'what a pull request changes is read with its merge base, old names too',
      act: (forge, scope) => forge.changesOf(pull(5), scope),
      calls: [
        { method: 'GET', path: `${repo}/pulls/5` },
        { method: 'GET', path: `${repo}/pulls/5/files?${page(1)}` },
        { method: 'GET', path: `${repo}/pulls/5/files?${page(2)}` },
      ],
      answers: [
        { body: { ...giteaPull(5), merge_base: MERGE_BASE } },
        {
          body: [{ filename: 'shop/orders.yaml', status: 'changed' }],
          headers: { 'x-total-count': '2' },
        },
        {
          body: [{ filename: 'b.yaml', previous_filename: 'a.yaml', status: 'renamed' }],
          headers: { 'x-total-count': '2' },
        },
      ],
      result: {
        mergeBase: MERGE_BASE,
        files: ['shop/orders.yaml', 'b.yaml', 'a.yaml'],
        isComplete: true,
      },
    },
    {
      why: 'webhooks are listed, and one that lacks an event or is off is not complete',
      act: (forge, scope) => forge.webhooks(scope),
      calls: [{ method: 'GET', path: `${repo}/hooks?${page(1)}` }],
      answers: [
        {
          body: [
            giteaHook(1, {}),
            giteaHook(2, { events: ['push'] }),
            giteaHook(3, { active: false }),
          ],
          headers: { 'x-total-count': '3' },
        },
      ],
      result: [
        { id: '1', url: HOOK.url, isComplete: true },
        { id: '2', url: HOOK.url, isComplete: false },
        { id: '3', url: HOOK.url, isComplete: false },
      ],
    },
    {
      why: 'a webhook is created signed and switched on',
      act: (forge, scope) => forge.createWebhook(HOOK, scope),
      calls: [{ method: 'POST', path: `${repo}/hooks`, body: { type: 'gitea', ...hookBody } }],
      answers: [{ status: 201, body: giteaHook(1, {}) }],
    },
    {
      why: 'a webhook is replaced, since an edit would leave its secret as it was',
      act: (forge, scope) => forge.updateWebhook('1', HOOK, scope),
      calls: [
        { method: 'POST', path: `${repo}/hooks`, body: { type: 'gitea', ...hookBody } },
        { method: 'DELETE', path: `${repo}/hooks/1` },
      ],
      answers: [
        { status: 201, body: giteaHook(2, {}) },
        { status: 204, body: '' },
      ],
    },
    {
      why: 'a webhook is removed',
      act: (forge, scope) => forge.removeWebhook('1', scope),
      calls: [{ method: 'DELETE', path: `${repo}/hooks/1` }],
      answers: [{ status: 204, body: '' }],
    },
    ...giteaRightCases,
  ],
};
