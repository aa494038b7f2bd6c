import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitState, CommitStatus } from '../model/commit-status.ts';
import type {
  Comment,
  Forge,
  ForgeWebhooks,
  PullRequest,
  RegisteredWebhook,
  WebhookTarget,
} from './forge.ts';
import { tokenOf } from './forge-credentials.ts';
import type { ForgeKind } from './forge-kind.ts';
import { gitlabStatusRight } from './gitlab-rights.ts';
import { gitlabWebhook } from './gitlab-webhook.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import { readPages } from './read-pages.ts';
import { repositorySegments } from './repository-url.ts';

/** GitLab.com and self-managed GitLab, API v4. */
export const gitlab: ForgeKind = {
  title: 'GitLab',
  runsAt: (host) => host === 'gitlab.com',
  locate: (url, apiUrl) => {
    const { origin, segments: all } = repositorySegments(url, 2);
    const segments = withoutFolder(all, apiUrl);
    return {
      apiBase: apiUrl ?? `${origin}/api/v4`,
      segments,
      path: segments.join('/').toLowerCase(),
    };
  },
  pullRefs: { prefix: 'refs/merge-requests/', suffix: '/head' },
  open: (connect, { segments }, credentials) => {
    const http = connect({ authorization: `Bearer ${tokenOf(credentials, 'GitLab')}` });
    const api = jsonApi(http, `/projects/${encodeURIComponent(segments.join('/'))}`);
    return {
      ...statusesOf(api),
      ...pullsOf(api),
      ...commentsOf(api),
      ...webhooksOf(api),
      whoAmI: async (scope) => (await jsonApi(http, '').get('/user', User, scope)).username,
      statusRight: (scope) => gitlabStatusRight(jsonApi(http, ''), api, scope),
    };
  },
  webhook: gitlabWebhook,
};

/** A GitLab below a folder of its host says so in `apiUrl`: `https://example.org/gitlab/api/v4`. */
function withoutFolder(segments: readonly string[], apiUrl: string | undefined): readonly string[] {
  if (apiUrl === undefined || !URL.canParse(apiUrl)) return segments;
  const folder = new URL(apiUrl).pathname.split('/').filter((part) => part !== '');
  const kept = folder.slice(0, -2);
  return kept.every((part, index) => segments[index] === part)
    ? segments.slice(kept.length)
    : segments;
}

/** GitLab has no word for an error that says nothing of the commit; cancelled comes nearest and is none of the others. */
const WORDS = {
  pending: 'running',
  success: 'success',
  failure: 'failed',
  error: 'canceled',
} as const satisfies Record<CommitState, string>;

function stateOf(word: string): CommitState {
  if (word === 'success') return 'success';
  if (word === 'failed') return 'failure';
  return word === 'canceled' || word === 'skipped' ? 'error' : 'pending';
}

const Status = z
  .object({
    id: z.number(),
    status: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    target_url: z.string().nullable(),
  })
  .transform(({ id, status, name, description, target_url: targetUrl }) => ({
    id,
    status: {
      context: name,
      state: stateOf(status),
      description: description ?? '',
      ...(targetUrl ? { targetUrl } : {}),
    } satisfies CommitStatus,
  }));

const User = z.object({ username: z.string() });

const MergeRequest = z
  .object({
    iid: z.number().int().positive(),
    title: z.string(),
    author: User.nullable(),
    web_url: z.string(),
    sha: z.string().nullable(),
    source_branch: z.string(),
    target_branch: z.string(),
    source_project_id: z.number().nullable(),
    target_project_id: z.number(),
  })
  .transform((request): PullRequest => ({
    number: request.iid,
    title: request.title,
    author: request.author?.username ?? '',
    url: request.web_url,
    headSha: request.sha ?? '',
    headRef: request.source_branch,
    baseRef: request.target_branch,
    fromFork: request.source_project_id !== request.target_project_id,
    fetchRef: `refs/merge-requests/${request.iid}/head`,
  }));

/** `changes_count` is a text such as `1000+` when there are more than GitLab keeps. */
const Details = z.object({
  changes_count: z.string().nullable(),
  diff_refs: z.object({ base_sha: z.string().nullable() }).nullable(),
});

const Diff = z.object({ old_path: z.string(), new_path: z.string() });

const Note = z
  .object({ id: z.number(), author: User.nullable(), body: z.string() })
  .transform(({ id, author, body }): Comment => ({
    id: String(id),
    author: author?.username ?? '',
    body,
  }));

/** GitLab switches a webhook off for a while, or for good, when its target fails. */
const Hook = z
  .object({
    id: z.number(),
    url: z.string(),
    push_events: z.boolean(),
    tag_push_events: z.boolean(),
    merge_requests_events: z.boolean(),
    push_events_branch_filter: z.string().nullish(),
    alert_status: z.string().default('executable'),
  })
  .transform((hook): RegisteredWebhook => ({
    id: String(hook.id),
    url: hook.url,
    isComplete:
      hook.push_events &&
      hook.tag_push_events &&
      hook.merge_requests_events &&
      !hook.push_events_branch_filter &&
      hook.alert_status === 'executable',
  }));

const hookOf = ({ url, secret }: WebhookTarget): object => ({
  url,
  token: secret,
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  push_events_branch_filter: '',
  enable_ssl_verification: true,
});

function statusesOf(api: JsonApi): Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'> {
  return {
    maxDescription: 255,

    async setStatus(commit, { context: name, state, description, targetUrl }, scope) {
      const target = targetUrl === undefined ? {} : { target_url: targetUrl };
      const body = { name, state: WORDS[state], description, ...target };
      try {
        await api.send('POST', `/statuses/${commit}`, body, scope);
      } catch (thrown) {
        if (!(state === 'pending' && isRunningAlready(thrown))) throw thrown;
      }
    },

    /** One for each pipeline of the commit; the newest has the highest number. */
    async newestStatus(commit, context, scope) {
      const path = `/repository/commits/${commit}/statuses?name=${encodeURIComponent(context)}`;
      const found = await readAll(api, path, Status, scope);
      return found
        .filter(({ status }) => status.context === context)
        .toSorted((a, b) => b.id - a.id)[0]?.status;
    },
  };
}

/**
 * A status that runs cannot be made to run again, and so keeps the description that it has
 * (app/services/ci/create_commit_status_service.rb, `job.run!`): what was wanted stands there already.
 */
function isRunningAlready(thrown: unknown): boolean {
  return (
    thrown instanceof Failure &&
    thrown.kind === 'invalid' &&
    /Cannot transition status via :run from :running/.test(thrown.message)
  );
}

function pullsOf(api: JsonApi): Pick<Forge, 'openPullRequests' | 'changesOf'> {
  return {
    async openPullRequests(scope) {
      const open = await readAll(api, '/merge_requests?state=opened', MergeRequest, scope);
      return open.filter(({ headSha }) => /^[0-9a-f]{40}$/.test(headSha));
    },

    async changesOf({ number }, scope) {
      const path = `/merge_requests/${number}`;
      const { diff_refs: refs, changes_count: count } = await api.get(path, Details, scope);
      const diffs = await readAll(api, `${path}/diffs`, Diff, scope);
      return {
        mergeBase: refs?.base_sha ?? undefined,
        files: [...new Set(diffs.flatMap((diff) => [diff.new_path, diff.old_path]))],
        isComplete: count !== null && Number(count) <= diffs.length,
      };
    },
  };
}

const notes = (pullRequest: number): string => `/merge_requests/${pullRequest}/notes`;

function commentsOf(api: JsonApi): Pick<Forge, 'comments' | 'createComment' | 'editComment'> {
  return {
    comments: (pullRequest, scope) =>
      readAll(api, `${notes(pullRequest)}?sort=asc&order_by=created_at`, Note, scope),

    createComment: (pullRequest, body, scope) =>
      api.send('POST', notes(pullRequest), { body }, scope),

    editComment: (pullRequest, comment, body, scope) =>
      api.send('PUT', `${notes(pullRequest)}/${comment}`, { body }, scope),
  };
}

function webhooksOf(api: JsonApi): ForgeWebhooks {
  return {
    webhooks: (scope) => readAll(api, '/hooks', Hook, scope),

    createWebhook: (target, scope) => api.send('POST', '/hooks', hookOf(target), scope),

    updateWebhook: (webhook, target, scope) =>
      api.send('PUT', `/hooks/${webhook}`, hookOf(target), scope),

    removeWebhook: (webhook, scope) => api.send('DELETE', `/hooks/${webhook}`, undefined, scope),
  };
}

/** GitLab names the next page while there is one. */
function readAll<T>(
  api: JsonApi,
  path: string,
  item: z.ZodType<T>,
  scope: Scope,
): Promise<readonly T[]> {
  const joint = path.includes('?') ? '&' : '?';
  return readPages(path, async (page) => {
    const pagePath = `${path}${joint}page=${page}&per_page=100`;
    const { value, headers } = await api.getWithHeaders(pagePath, z.array(item), scope);
    return { items: value, hasMore: (headers['x-next-page'] ?? '') !== '' };
  });
}
