import type { PullRequest } from '../../src/forge/forge.ts';
import { HOOK, MERGE_BASE, SHA, TOKEN, type ForgeCases } from './forge-cases.ts';
import { gitlabStatusCases } from './gitlab-status-cases.ts';
import { gitlabRightCases } from './status-right-cases.ts';

const project = '/api/v4/projects/Acme%2Fteams%2Ffleet';
const page = (n: number): string => `page=${n}&per_page=100`;
const next = { 'x-next-page': '2' };

const pull = (number: number, rest: Partial<PullRequest> = {}): PullRequest => ({
  number,
  title: `Request ${number}`,
  author: 'ann',
  url: `https://gitlab.com/Acme/teams/fleet/-/merge_requests/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'main',
  fromFork: false,
  fetchRef: `refs/merge-requests/${number}/head`,
  ...rest,
});
const request = (iid: number, rest: object = {}): object => ({
  id: 1000 + iid,
  iid,
  title: `Request ${iid}`,
  author: { id: 1, username: 'ann' },
  web_url: `https://gitlab.com/Acme/teams/fleet/-/merge_requests/${iid}`,
  sha: SHA,
  source_branch: 'topic',
  target_branch: 'main',
  source_project_id: 7,
  target_project_id: 7,
  ...rest,
});
const hookBody = {
  url: HOOK.url,
  token: HOOK.secret,
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  push_events_branch_filter: '',
  enable_ssl_verification: true,
};
const theirHook = (id: number, rest: object = {}): object => ({
  id,
  url: HOOK.url,
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  push_events_branch_filter: null,
  alert_status: 'executable',
  ...rest,
});
export const gitlabCases: ForgeCases = {
  repository: '/Acme/teams/fleet.git',
  credentials: { kind: 'token', token: TOKEN },
  headers: { accept: 'application/json', authorization: `Bearer ${TOKEN}` },
  cases: [
    ...gitlabStatusCases,
    {
      why: 'open merge requests are read page by page, and a head that is gone is left out',
      act: (forge, scope) => forge.openPullRequests(scope),
      calls: [
        { method: 'GET', path: `${project}/merge_requests?state=opened&${page(1)}` },
        { method: 'GET', path: `${project}/merge_requests?state=opened&${page(2)}` },
      ],
      answers: [
        { body: [request(3), request(2, { source_project_id: 8 })], headers: next },
        {
          body: [request(1, { source_project_id: null, author: null }), request(4, { sha: null })],
          headers: { 'x-next-page': '' },
        },
      ],
      result: [pull(3), pull(2, { fromFork: true }), pull(1, { fromFork: true, author: '' })],
    },
    {
      why: 'what a merge request changes is read with its merge base, old names too',
      act: (forge, scope) => forge.changesOf(pull(5), scope),
      calls: [
        { method: 'GET', path: `${project}/merge_requests/5` },
        { method: 'GET', path: `${project}/merge_requests/5/diffs?${page(1)}` },
      ],
      answers: [
        { body: { ...request(5), changes_count: '2', diff_refs: { base_sha: MERGE_BASE } } },
        {
          body: [
            { old_path: 'shop/orders.yaml', new_path: 'shop/orders.yaml' },
            { old_path: 'a.yaml', new_path: 'b.yaml', renamed_file: true },
          ],
        },
      ],
      result: {
        mergeBase: MERGE_BASE,
        files: ['shop/orders.yaml', 'b.yaml', 'a.yaml'],
        isComplete: true,
      },
    },
    {
      why: 'a merge request of more files than GitLab keeps is not complete',
      act: async (forge, scope) => (await forge.changesOf(pull(5), scope)).isComplete,
      calls: [
        { method: 'GET', path: `${project}/merge_requests/5` },
        { method: 'GET', path: `${project}/merge_requests/5/diffs?${page(1)}` },
      ],
      answers: [{ body: { ...request(5), changes_count: '1000+', diff_refs: null } }, { body: [] }],
      result: false,
    },
    {
      why: 'comments come with their authors, oldest first',
      act: (forge, scope) => forge.comments(5, scope),
      calls: [
        {
          method: 'GET',
          path: `${project}/merge_requests/5/notes?sort=asc&order_by=created_at&${page(1)}`,
        },
      ],
      answers: [
        {
          body: [
            { id: 1, author: { username: 'ann' }, body: 'looks good', system: false },
            { id: 2, author: null, body: 'assigned to @ann', system: true },
          ],
        },
      ],
      result: [
        { id: '1', author: 'ann', body: 'looks good' },
        { id: '2', author: '', body: 'assigned to @ann' },
      ],
    },
    {
      why: 'a comment is created on the merge request',
      act: (forge, scope) => forge.createComment(5, 'preview', scope),
      calls: [
        { method: 'POST', path: `${project}/merge_requests/5/notes`, body: { body: 'preview' } },
      ],
      answers: [{ status: 201, body: { id: 9 } }],
    },
    {
      why: 'a comment is edited in place',
      act: (forge, scope) => forge.editComment(5, '9', 'preview 2', scope),
      calls: [
        { method: 'PUT', path: `${project}/merge_requests/5/notes/9`, body: { body: 'preview 2' } },
      ],
      answers: [{ body: { id: 9 } }],
    },
    {
      why: 'the token says who it is',
      act: (forge, scope) => forge.whoAmI(scope),
      calls: [{ method: 'GET', path: '/api/v4/user' }],
      answers: [{ body: { id: 3, username: 'project_7_bot' } }],
      result: 'project_7_bot',
    },
    {
      why: 'webhooks are listed, and one that lacks an event or was switched off is not complete',
      act: (forge, scope) => forge.webhooks(scope),
      calls: [{ method: 'GET', path: `${project}/hooks?${page(1)}` }],
      answers: [
        {
          body: [
            theirHook(1),
            theirHook(2, { merge_requests_events: false }),
            theirHook(3, { alert_status: 'temporarily_disabled' }),
            theirHook(4, { push_events_branch_filter: 'main' }),
            theirHook(5, { tag_push_events: false }),
          ],
        },
      ],
      result: [
        { id: '1', url: HOOK.url, isComplete: true },
        { id: '2', url: HOOK.url, isComplete: false },
        { id: '3', url: HOOK.url, isComplete: false },
        { id: '4', url: HOOK.url, isComplete: false },
        { id: '5', url: HOOK.url, isComplete: false },
      ],
    },
    {
      why: 'a webhook is created with its token, for pushes of branches and tags and for merge requests',
      act: (forge, scope) => forge.createWebhook(HOOK, scope),
      calls: [{ method: 'POST', path: `${project}/hooks`, body: hookBody }],
      answers: [{ status: 201, body: theirHook(1) }],
    },
    {
      why: 'a webhook is made whole again',
      act: (forge, scope) => forge.updateWebhook('1', HOOK, scope),
      calls: [{ method: 'PUT', path: `${project}/hooks/1`, body: hookBody }],
      answers: [{ body: theirHook(1) }],
    },
    {
      why: 'a webhook is removed',
      act: (forge, scope) => forge.removeWebhook('1', scope),
      calls: [{ method: 'DELETE', path: `${project}/hooks/1` }],
      answers: [{ status: 204, body: '' }],
    },
    ...gitlabRightCases,
  ],
};
