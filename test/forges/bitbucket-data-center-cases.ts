import {
  HOOK,
  MERGE_BASE,
  SHA,
  STATUS,
  TOKEN,
  type ForgeCase,
  type ForgeCases,
} from './forge-cases.ts';

const repo = '/rest/api/latest/projects/OPS/repos/fleet';
const page = (start: number): string => `start=${start}&limit=100`;
const KEY = 'db9a3a5805749d5542626f0fb62fb2a882ac261f';

const ref = (displayId: string, repository: number): object => ({
  id: `refs/heads/${displayId}`,
  displayId,
  latestCommit: SHA,
  repository: { id: repository, slug: 'fleet', project: { key: 'OPS' } },
});
const aPull = (id: number, from = 7): object => ({
  id,
  title: `Pull ${id}`,
  author: { user: { name: 'ann', slug: 'ann' } },
  fromRef: ref('topic', from),
  toRef: ref('main', 7),
  links: { self: [{ href: `https://git.example.org/pull-requests/${id}` }] },
});
const pull = (number: number, rest: object = {}) => ({
  number,
  title: `Pull ${number}`,
  author: 'ann',
  url: `https://git.example.org/pull-requests/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'main',
  fromFork: false,
  fetchRef: `refs/pull-requests/${number}/from`,
  ...rest,
});
const events = [
  'repo:refs_changed',
  'pr:opened',
  'pr:from_ref_updated',
  'pr:modified',
  'pr:merged',
  'pr:declined',
];
const hookBody = {
  name: 'kudo-gitops',
  url: HOOK.url,
  active: true,
  events,
  configuration: { secret: HOOK.secret },
};

const statusCases: readonly ForgeCase[] = [
  {
    why: 'a status is sent with every field of it',
    act: (forge, scope) => forge.setStatus(SHA, STATUS, scope),
    calls: [
      {
        method: 'POST',
        path: `${repo}/commits/${SHA}/builds`,
        body: {
          key: KEY,
          name: STATUS.context,
          state: 'INPROGRESS',
          description: STATUS.description,
          url: STATUS.targetUrl,
        },
      },
    ],
    answers: [{ status: 204, body: '' }],
  },
  {
    why: 'the status of a context is read in our words',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [{ method: 'GET', path: `${repo}/commits/${SHA}/builds?key=${KEY}` }],
    answers: [
      { body: { key: KEY, state: 'UNKNOWN', description: 'down', url: 'https://x.example/1' } },
    ],
    result: {
      context: STATUS.context,
      state: 'error',
      description: 'down',
      targetUrl: 'https://x.example/1',
    },
  },
  {
    why: 'a context that is not there is none',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [{ method: 'GET', path: `${repo}/commits/${SHA}/builds?key=${KEY}` }],
    answers: [{ status: 404, body: { errors: [{ message: 'none' }] } }],
    result: undefined,
  },
];

const pullCases: readonly ForgeCase[] = [
  {
    why: 'open pull requests are read page by page, those of forks too',
    act: (forge, scope) => forge.openPullRequests(scope),
    calls: [
      { method: 'GET', path: `${repo}/pull-requests?state=OPEN&${page(0)}` },
      { method: 'GET', path: `${repo}/pull-requests?state=OPEN&${page(1)}` },
    ],
    answers: [
      { body: { values: [aPull(3)], isLastPage: false, nextPageStart: 1 } },
      { body: { values: [aPull(2, 8)], isLastPage: true, nextPageStart: null } },
    ],
    result: [pull(3), pull(2, { fromFork: true })],
  },
  {
    why: 'what a pull request changes is read with its merge base, old names too',
    act: (forge, scope) => forge.changesOf(pull(5), scope),
    calls: [
      { method: 'GET', path: `${repo}/pull-requests/5/merge-base` },
      { method: 'GET', path: `${repo}/pull-requests/5/changes?${page(0)}` },
    ],
    answers: [
      { body: { id: MERGE_BASE, displayId: 'ccc' } },
      {
        body: {
          values: [
            { type: 'ADD', path: { components: ['shop', 'a.yaml'], toString: 'shop/a.yaml' } },
            {
              type: 'MOVE',
              path: { components: ['b.yaml'] },
              srcPath: { components: ['c.yaml'] },
            },
          ],
          isLastPage: true,
        },
      },
    ],
    result: { mergeBase: MERGE_BASE, files: ['shop/a.yaml', 'b.yaml', 'c.yaml'], isComplete: true },
  },
  {
    why: 'comments come with their authors and versions, the oldest first',
    act: (forge, scope) => forge.comments(5, scope),
    calls: [{ method: 'GET', path: `${repo}/pull-requests/5/activities?${page(0)}` }],
    answers: [
      {
        body: {
          values: [
            {
              action: 'COMMENTED',
              comment: { id: 9, version: 2, text: 'again', author: { name: 'bot' } },
            },
            { action: 'OPENED' },
            {
              action: 'COMMENTED',
              comment: { id: 4, version: 0, text: 'looks good', author: { name: 'ann' } },
            },
          ],
          isLastPage: true,
        },
      },
    ],
    result: [
      { id: '4.0', author: 'ann', body: 'looks good' },
      { id: '9.2', author: 'bot', body: 'again' },
    ],
  },
  {
    why: 'a comment is created on the pull request',
    act: (forge, scope) => forge.createComment(5, 'preview', scope),
    calls: [
      { method: 'POST', path: `${repo}/pull-requests/5/comments`, body: { text: 'preview' } },
    ],
    answers: [{ status: 201, body: { id: 9 } }],
  },
  {
    why: 'a comment is edited in place, and only the version that was read',
    act: (forge, scope) => forge.editComment(5, '9.2', 'preview 2', scope),
    calls: [
      {
        method: 'PUT',
        path: `${repo}/pull-requests/5/comments/9`,
        body: { text: 'preview 2', version: 2 },
      },
    ],
    answers: [{ body: { id: 9 } }],
  },
  {
    why: 'the token says who it is in a header',
    act: (forge, scope) => forge.whoAmI(scope),
    calls: [{ method: 'GET', path: '/rest/api/latest/application-properties' }],
    answers: [{ body: { version: '9.4.0' }, headers: { 'x-ausername': 'gitops-bot' } }],
    result: 'gitops-bot',
  },
];

const webhookCases: readonly ForgeCase[] = [
  {
    why: 'webhooks are listed, and one that lacks an event or is off is not complete',
    act: (forge, scope) => forge.webhooks(scope),
    calls: [{ method: 'GET', path: `${repo}/webhooks?${page(0)}` }],
    answers: [
      {
        body: {
          values: [
            { id: 1, url: HOOK.url, active: true, events },
            { id: 2, url: HOOK.url, active: true, events: ['repo:refs_changed'] },
            { id: 3, url: HOOK.url, active: false, events },
          ],
          isLastPage: true,
        },
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
    calls: [{ method: 'POST', path: `${repo}/webhooks`, body: hookBody }],
    answers: [{ status: 201, body: {} }],
  },
  {
    why: 'a webhook is made whole again',
    act: (forge, scope) => forge.updateWebhook('1', HOOK, scope),
    calls: [{ method: 'PUT', path: `${repo}/webhooks/1`, body: hookBody }],
    answers: [{ body: {} }],
  },
  {
    why: 'a webhook is removed',
    act: (forge, scope) => forge.removeWebhook('1', scope),
    calls: [{ method: 'DELETE', path: `${repo}/webhooks/1` }],
    answers: [{ status: 204, body: '' }],
  },
];

export const bitbucketDataCenterCases: ForgeCases = {
  repository: '/scm/OPS/fleet.git',
  credentials: { kind: 'token', token: TOKEN },
  headers: { accept: 'application/json', authorization: `Bearer ${TOKEN}` },
  cases: [...statusCases, ...pullCases, ...webhookCases],
};
