import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import type { CommitState } from '../model/commit-status.ts';
import { azureHooks } from './azure-hooks.ts';
import { azureLocate } from './azure-locate.ts';
import { azureWebhook } from './azure-webhook.ts';
import type { Comment, Forge, PullRequest } from './forge.ts';
import { tokenOf } from './forge-credentials.ts';
import type { ForgeKind } from './forge-kind.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import { readPages } from './read-pages.ts';

/** Azure DevOps Services and Server ≥ 2022. */
export const azureDevOps: ForgeKind = {
  title: 'Azure DevOps',
  runsAt: (host) => host === 'dev.azure.com' || host.endsWith('.visualstudio.com'),
  locate: azureLocate,
  // Git shows `refs/pull/<number>/merge`, which is not the head.
  pullRefs: undefined,
  open: (connect, { apiBase, segments: [project = '', name = ''] }, credentials) => {
    const token = tokenOf(credentials, 'Azure DevOps');
    // A personal access token is the password of nobody. Without the header a bad one is a redirect to a login page.
    const http = connect({
      authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}`,
      headers: { 'x-tfs-fedauthredirect': 'Suppress' },
    });
    const [projectPart, namePart] = [project, name].map(encodeURIComponent);
    const api = jsonApi(http, `/${projectPart}/_apis/git/repositories/${namePart}`);
    const page = `${apiBase}/${projectPart}/_git/${namePart}`;
    return {
      ...statusesOf(api),
      ...pullsOf(api, page),
      ...commentsOf(api),
      ...azureHooks(jsonApi(http, '/_apis/hooks'), api),
      whoAmI: async (scope) => {
        const me = await jsonApi(http, '/_apis').get('/connectionData', Connection, scope);
        return me.authenticatedUser.id;
      },
    };
  },
  webhook: azureWebhook,
};

/** Of the API; Server 2022 knows it. */
const API_VERSION = 'api-version=7.0';

const Connection = z.object({ authenticatedUser: z.object({ id: z.string() }) });

const STATE_AT_AZURE = {
  pending: 'pending',
  success: 'succeeded',
  failure: 'failed',
  error: 'error',
} as const satisfies Record<CommitState, string>;

const Status = z.object({
  state: z.string(),
  description: z.string().nullish(),
  targetUrl: z.string().nullish(),
  context: z.object({ name: z.string(), genre: z.string().nullish() }),
});

const Statuses = z.object({ value: z.array(Status) });

const Sha = z.string().regex(/^[0-9a-f]{40}$/);

const HEADS = 'refs/heads/';

const Pull = z.object({
  pullRequestId: z.number().int().positive(),
  title: z.string(),
  createdBy: z.object({ displayName: z.string() }),
  sourceRefName: z.string(),
  targetRefName: z.string(),
  /** Absent while Azure has not tried to merge it. */
  lastMergeSourceCommit: z.object({ commitId: Sha }).nullish(),
  forkSource: z.object({}).nullish(),
});

const Iteration = z.object({
  id: z.number().int(),
  commonRefCommit: z.object({ commitId: Sha }).nullish(),
});

const Change = z.object({
  item: z.object({ path: z.string().optional() }).nullish(),
  originalPath: z.string().nullish(),
});

const Thread = z.object({
  id: z.number(),
  isDeleted: z.boolean().nullish(),
  comments: z.array(
    z.object({
      id: z.number(),
      content: z.string().nullish(),
      commentType: z.string().nullish(),
      isDeleted: z.boolean().nullish(),
      author: z.object({ id: z.string() }).nullish(),
    }),
  ),
});

const PAGE_SIZE = 100;
const CHANGES_PER_PAGE = 2_000;

/** What stands before the first slash of a context is its genre there. */
function statusesOf(api: JsonApi): Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'> {
  return {
    maxDescription: 255,

    async setStatus(commit, { context, state, description, targetUrl }, scope) {
      const slash = context.indexOf('/');
      const body = {
        state: STATE_AT_AZURE[state],
        description,
        context: { name: context.slice(slash + 1), genre: context.slice(0, Math.max(slash, 0)) },
        ...(targetUrl === undefined ? {} : { targetUrl }),
      };
      await api.send('POST', `/commits/${commit}/statuses?${API_VERSION}`, body, scope);
    },

    async newestStatus(commit, context, scope) {
      const path = `/commits/${commit}/statuses?latestOnly=true&top=1000&${API_VERSION}`;
      const { value } = await api.get(path, Statuses, scope);
      const found = value.find(({ context: { name, genre } }) => {
        return (genre ? `${genre}/${name}` : name) === context;
      });
      if (!found) return undefined;
      const { state, description, targetUrl } = found;
      return {
        context,
        state: fromAzure(state),
        description: description ?? '',
        ...(targetUrl ? { targetUrl } : {}),
      };
    },
  };
}

function fromAzure(state: string): CommitState {
  if (state === 'pending') return 'pending';
  if (state === 'succeeded') return 'success';
  return state === 'failed' ? 'failure' : 'error';
}

function pullsOf(api: JsonApi, page: string): Pick<Forge, 'openPullRequests' | 'changesOf'> {
  return {
    async openPullRequests(scope) {
      const path = '/pullrequests?searchCriteria.status=active';
      const list = z.object({ value: z.array(Pull) });
      const open = await readPages(path, async (number) => {
        const paged = `${path}&$top=${PAGE_SIZE}&$skip=${(number - 1) * PAGE_SIZE}&${API_VERSION}`;
        const { value } = await api.get(paged, list, scope);
        return { items: value, hasMore: value.length === PAGE_SIZE };
      });
      return open.flatMap((pull) => toPullRequest(pull, page) ?? []);
    },

    async changesOf({ number }, scope) {
      const root = `/pullRequests/${number}/iterations`;
      const list = z.object({ value: z.array(Iteration) });
      const { value } = await api.get(`${root}?${API_VERSION}`, list, scope);
      const last = value.toSorted((a, b) => a.id - b.id).at(-1);
      if (!last) return { mergeBase: undefined, files: [], isComplete: false };
      const path = `${root}/${last.id}/changes`;
      const changes = z.object({ changeEntries: z.array(Change), nextSkip: z.number().nullish() });
      let skip = 0;
      const changed = await readPages(path, async () => {
        const paged = `${path}?$top=${CHANGES_PER_PAGE}&$skip=${skip}&${API_VERSION}`;
        const { changeEntries, nextSkip } = await api.get(paged, changes, scope);
        skip = nextSkip ?? 0;
        return { items: changeEntries, hasMore: skip > 0 };
      });
      const files = changed.flatMap(({ item, originalPath }) => [item?.path, originalPath]);
      return {
        mergeBase: last.commonRefCommit?.commitId,
        files: files.flatMap((file) => (file ? [file.replace(/^\//, '')] : [])),
        isComplete: true,
      };
    },
  };
}

function toPullRequest(pull: z.infer<typeof Pull>, page: string): PullRequest | undefined {
  const { pullRequestId: number, title, createdBy, lastMergeSourceCommit, forkSource } = pull;
  if (!lastMergeSourceCommit) return undefined;
  const fromFork = forkSource !== null && forkSource !== undefined;
  return {
    number,
    title,
    author: createdBy.displayName,
    url: `${page}/pullrequest/${number}`,
    headSha: lastMergeSourceCommit.commitId,
    headRef: withoutPrefix(pull.sourceRefName),
    baseRef: withoutPrefix(pull.targetRefName),
    fromFork,
    // A branch of a fork is none of this repository; what it was merged to has the head behind it.
    fetchRef: fromFork ? `refs/pull/${number}/merge` : pull.sourceRefName,
  };
}

const withoutPrefix = (ref: string): string =>
  ref.startsWith(HEADS) ? ref.slice(HEADS.length) : ref;

/** A comment is the first of a thread; a thread that is closed from the start keeps nobody from merging. */
function commentsOf(api: JsonApi): Pick<Forge, 'comments' | 'createComment' | 'editComment'> {
  return {
    async comments(pullRequest, scope) {
      const list = z.object({ value: z.array(Thread) });
      const path = `/pullRequests/${pullRequest}/threads?${API_VERSION}`;
      const { value } = await api.get(path, list, scope);
      return value
        .filter(({ isDeleted }) => isDeleted !== true)
        .toSorted((a, b) => a.id - b.id)
        .flatMap(({ id: thread, comments }) =>
          comments
            .filter(({ isDeleted, commentType }) => !isDeleted && commentType !== 'system')
            .map(({ id, content, author }): Comment => ({
              id: `${String(thread)}.${String(id)}`,
              author: author?.id ?? '',
              body: content ?? '',
            })),
        );
    },

    createComment: (pullRequest, content, scope) => {
      const body = {
        comments: [{ parentCommentId: 0, content, commentType: 'text' }],
        status: 'closed',
      };
      return api.send('POST', `/pullRequests/${pullRequest}/threads?${API_VERSION}`, body, scope);
    },

    editComment: (pullRequest, comment, content, scope) => {
      const [thread, id] = comment.split('.');
      if (thread === undefined || id === undefined) {
        throw new Failure('invalid', `${comment} is no comment of a thread`);
      }
      const path = `/pullRequests/${pullRequest}/threads/${thread}/comments/${id}?${API_VERSION}`;
      return api.send('PATCH', path, { content }, scope);
    },
  };
}
