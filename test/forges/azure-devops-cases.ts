import { azureHookCases } from './azure-hook-cases.ts';
import { MERGE_BASE, SHA, STATUS, TOKEN, type ForgeCase, type ForgeCases } from './forge-cases.ts';

const repo = '/acme/Our%20Shop/_apis/git/repositories/fleet';
const v = 'api-version=7.0';

const aPull = (id: number, rest: object = {}): object => ({
  pullRequestId: id,
  title: `Pull ${id}`,
  createdBy: { id: 'u1', displayName: 'Ann', uniqueName: 'ann@example.org' },
  sourceRefName: 'refs/heads/topic',
  targetRefName: 'refs/heads/main',
  lastMergeSourceCommit: { commitId: SHA },
  ...rest,
});
const pull = (origin: string, number: number, rest: object = {}) => ({
  number,
  title: `Pull ${number}`,
  author: 'Ann',
  url: `${origin}/acme/Our%20Shop/_git/fleet/pullrequest/${number}`,
  headSha: SHA,
  headRef: 'topic',
  baseRef: 'main',
  fromFork: false,
  fetchRef: 'refs/heads/topic',
  ...rest,
});

const statusCases: readonly ForgeCase[] = [
  {
    why: 'a status is sent with every field of it, its context in two parts',
    act: (forge, scope) => forge.setStatus(SHA, STATUS, scope),
    calls: [
      {
        method: 'POST',
        path: `${repo}/commits/${SHA}/statuses?${v}`,
        body: {
          state: 'pending',
          description: STATUS.description,
          context: { genre: 'kudo-gitops', name: 'prod/db/fleet' },
          targetUrl: STATUS.targetUrl,
        },
      },
    ],
    answers: [{ status: 201, body: {} }],
  },
  {
    why: 'the newest status of a context is read in our words',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [
      {
        method: 'GET',
        path: `${repo}/commits/${SHA}/statuses?latestOnly=true&top=1000&${v}`,
      },
    ],
    answers: [
      {
        body: {
          value: [
            { state: 'failed', description: 'x', context: { name: 'prod/db/fleet', genre: 'ci' } },
            {
              state: 'succeeded',
              description: 'done',
              targetUrl: null,
              context: { name: 'prod/db/fleet', genre: 'kudo-gitops' },
            },
          ],
        },
      },
    ],
    result: { context: STATUS.context, state: 'success', description: 'done' },
  },
  {
    why: 'a context that is not there is none',
    act: (forge, scope) => forge.newestStatus(SHA, STATUS.context, scope),
    calls: [
      {
        method: 'GET',
        path: `${repo}/commits/${SHA}/statuses?latestOnly=true&top=1000&${v}`,
      },
    ],
    answers: [{ body: { value: [] } }],
    result: undefined,
  },
];

const pullCases: readonly ForgeCase[] = [
  {
    why: 'open pull requests are read, of forks by what they merge to, and one without a head is left out',
    act: async (forge, scope) => {
      const pulls = await forge.openPullRequests(scope);
      return pulls.map((one) => ({ ...one, url: new URL(one.url).pathname }));
    },
    calls: [
      {
        method: 'GET',
        path: `${repo}/pullrequests?searchCriteria.status=active&$top=100&$skip=0&${v}`,
      },
    ],
    answers: [
      {
        body: {
          value: [
            aPull(3),
            aPull(2, { forkSource: { name: 'refs/heads/topic' } }),
            aPull(1, { lastMergeSourceCommit: undefined }),
          ],
        },
      },
    ],
    result: [pull('', 3), pull('', 2, { fromFork: true, fetchRef: 'refs/pull/2/merge' })],
  },
  {
    why: 'what the last iteration of a pull request changes is read with its merge base, old names too',
    act: (forge, scope) => forge.changesOf(pull('', 5), scope),
    calls: [
      { method: 'GET', path: `${repo}/pullRequests/5/iterations?${v}` },
      {
        method: 'GET',
        path: `${repo}/pullRequests/5/iterations/2/changes?$top=2000&$skip=0&${v}`,
      },
      {
        method: 'GET',
        path: `${repo}/pullRequests/5/iterations/2/changes?$top=2000&$skip=2000&${v}`,
      },
    ],
    answers: [
      { body: { value: [{ id: 1 }, { id: 2, commonRefCommit: { commitId: MERGE_BASE } }] } },
      {
        body: {
          changeEntries: [{ changeType: 'add', item: { path: '/shop/a.yaml' } }],
          nextSkip: 2_000,
          nextTop: 2_000,
        },
      },
      {
        body: {
          changeEntries: [
            { changeType: 'rename', item: { path: '/b.yaml' }, originalPath: '/c.yaml' },
          ],
          nextSkip: 0,
          nextTop: 0,
        },
      },
    ],
    result: { mergeBase: MERGE_BASE, files: ['shop/a.yaml', 'b.yaml', 'c.yaml'], isComplete: true },
  },
  {
    why: 'comments come with their authors, what the system says does not',
    act: (forge, scope) => forge.comments(5, scope),
    calls: [{ method: 'GET', path: `${repo}/pullRequests/5/threads?${v}` }],
    answers: [
      {
        body: {
          value: [
            {
              id: 8,
              isDeleted: false,
              comments: [
                { id: 1, content: 'preview', commentType: 'text', author: { id: 'bot' } },
                { id: 2, content: 'thanks', commentType: 'text', author: { id: 'u1' } },
              ],
            },
            { id: 7, comments: [{ id: 1, content: 'Ann voted', commentType: 'system' }] },
            { id: 9, isDeleted: true, comments: [] },
          ],
        },
      },
    ],
    result: [
      { id: '8.1', author: 'bot', body: 'preview' },
      { id: '8.2', author: 'u1', body: 'thanks' },
    ],
  },
  {
    why: 'a comment is created in a thread that keeps nobody from merging',
    act: (forge, scope) => forge.createComment(5, 'preview', scope),
    calls: [
      {
        method: 'POST',
        path: `${repo}/pullRequests/5/threads?${v}`,
        body: {
          comments: [{ parentCommentId: 0, content: 'preview', commentType: 'text' }],
          status: 'closed',
        },
      },
    ],
    answers: [{ body: { id: 8 } }],
  },
  {
    why: 'a comment is edited in place',
    act: (forge, scope) => forge.editComment(5, '8.1', 'preview 2', scope),
    calls: [
      {
        method: 'PATCH',
        path: `${repo}/pullRequests/5/threads/8/comments/1?${v}`,
        body: { content: 'preview 2' },
      },
    ],
    answers: [{ body: { id: 1 } }],
  },
  {
    why: 'the token says who it is',
    act: (forge, scope) => forge.whoAmI(scope),
    calls: [{ method: 'GET', path: '/acme/_apis/connectionData' }],
    answers: [{ body: { authenticatedUser: { id: 'bot', descriptor: 'x' } } }],
    result: 'bot',
  },
];

export const azureDevOpsCases: ForgeCases = {
  repository: '/acme/Our%20Shop/_git/fleet',
  credentials: { kind: 'token', token: TOKEN },
  headers: {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`,
    'x-tfs-fedauthredirect': 'Suppress',
  },
  cases: [...statusCases, ...pullCases, ...azureHookCases],
};
