import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
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
import { giteaWebhook } from './gitea-webhook.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import { readPages } from './read-pages.ts';
import { parseRepositoryUrl } from './repository-url.ts';
import type { StatusRight } from './status-right.ts';

/** Gitea and Forgejo, API v1. */
export const gitea: ForgeKind = {
  title: 'Gitea',
  runsAt: (host) => host === 'gitea.com' || host === 'codeberg.org',
  locate: (url, apiUrl) => {
    const { root, owner, name } = parseRepositoryUrl(url);
    return {
      apiBase: apiUrl ?? `${root}/api/v1`,
      segments: [owner, name],
      path: `${owner}/${name}`.toLowerCase(),
    };
  },
  pullRefs: { prefix: 'refs/pull/', suffix: '/head' },
  open: (connect, { segments }, credentials) => {
    const http = connect({ authorization: `token ${tokenOf(credentials, 'Gitea')}` });
    const api = jsonApi(http, ['/repos', ...segments.map(encodeURIComponent)].join('/'));
    return {
      ...statusesOf(api),
      ...pullsOf(api),
      ...commentsOf(api),
      ...webhooksOf(api),
      whoAmI: async (scope) => (await jsonApi(http, '').get('/user', User, scope)).login,
      statusRight: (scope) => statusRight(api, scope),
    };
  },
  webhook: giteaWebhook,
};

const Status = z
  .object({
    status: z.enum(['pending', 'success', 'failure', 'error']).catch('error'),
    context: z.string(),
    description: z.string(),
    target_url: z.string(),
  })
  .transform(({ status: state, target_url: targetUrl, ...rest }): CommitStatus => ({
    ...rest,
    state,
    ...(targetUrl === '' ? {} : { targetUrl }),
  }));

const Combined = z.object({ statuses: z.array(Status).nullable() });

const User = z.object({ login: z.string() });

const Branch = z.object({
  label: z.string(),
  ref: z.string(),
  sha: z.string(),
  repo_id: z.number(),
});

/** A pull request pushed to `refs/for/…` has no label; who does that need not be allowed to push, as with a fork. */
const Pull = z
  .object({
    number: z.number().int().positive(),
    title: z.string(),
    user: User.nullable(),
    html_url: z.string(),
    head: Branch,
    base: Branch,
  })
  .transform(({ number, title, user, html_url: url, head, base }): PullRequest => ({
    number,
    title,
    author: user?.login ?? '',
    url,
    headSha: head.sha,
    headRef: head.ref,
    baseRef: base.ref,
    fromFork: head.repo_id !== base.repo_id || head.label === '',
    fetchRef: `refs/pull/${String(number)}/head`,
  }));

const MergeBase = z.object({ merge_base: z.string() });

const ChangedFile = z.object({ filename: z.string(), previous_filename: z.string().optional() });

const IssueComment = z
  .object({ id: z.number(), user: User.nullable(), body: z.string() })
  .transform(({ id, user, body }): Comment => ({
    id: String(id),
    author: user?.login ?? '',
    body,
  }));

/** Gitea spells `pull_request` out into the events that it stands for. */
const EVENTS = ['push', 'pull_request', 'pull_request_sync'];

const Hook = z
  .object({
    id: z.number(),
    active: z.boolean(),
    events: z.array(z.string()),
    config: z.object({ url: z.string(), content_type: z.string() }),
  })
  .transform(({ id, active, events, config }): RegisteredWebhook => ({
    id: String(id),
    url: config.url,
    isComplete:
      active && config.content_type === 'json' && EVENTS.every((event) => events.includes(event)),
  }));

const hookOf = ({ url, secret }: WebhookTarget): object => ({
  active: true,
  events: EVENTS,
  config: { url, secret, content_type: 'json' },
});

/** `MAX_RESPONSE_ITEMS` of a Gitea that nobody configured. */
const PAGE_SIZE = 50;

function statusesOf(api: JsonApi): Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'> {
  return {
    maxDescription: 255,

    async setStatus(commit, { targetUrl, ...status }, scope) {
      const body = { ...status, target_url: targetUrl ?? '' };
      await api.send('POST', `/statuses/${commit}`, body, scope);
    },

    /**
     * From the combined status: it holds the newest of each context, where the list of all is ordered by
     * whole seconds. Its total is not the number of contexts (Gitea 1.26), so it is read to its end.
     */
    async newestStatus(commit, context, scope) {
      let found: CommitStatus | undefined;
      await readPages(`statuses of ${commit}`, async (page) => {
        const path = paged(`/commits/${commit}/status`, page);
        const { statuses } = await api.get(path, Combined, scope);
        found = statuses?.find((status) => status.context === context);
        return { items: [], hasMore: !found && Boolean(statuses?.length) };
      });
      return found;
    },
  };
}

const Repository = z.object({ permissions: z.object({ push: z.boolean() }).nullish() });

/** Who may write code may write statuses (routers/api/v1/api.go); what scopes a token has it does not tell. */
async function statusRight(api: JsonApi, scope: Scope): Promise<StatusRight> {
  const { permissions } = await api.get('', Repository, scope);
  return permissions?.push === false
    ? { may: false, because: 'its owner may not write to the repository' }
    : { may: undefined, because: 'Gitea tells what its owner may do, not the scopes of the token' };
}

function pullsOf(api: JsonApi): Pick<Forge, 'openPullRequests' | 'changesOf'> {
  return {
    async openPullRequests(scope) {
      const open = await readAll(api, '/pulls?state=open', Pull, scope);
      return open.filter(({ headSha }) => /^[0-9a-f]{40}$/.test(headSha));
    },

    async changesOf({ number }, scope) {
      const { merge_base: mergeBase } = await api.get(`/pulls/${number}`, MergeBase, scope);
      const changed = await readAll(api, `/pulls/${number}/files`, ChangedFile, scope);
      const files = changed.flatMap(({ filename, previous_filename: before }) =>
        before === undefined ? [filename] : [filename, before],
      );
      return { mergeBase: mergeBase || undefined, files, isComplete: true };
    },
  };
}

function commentsOf(api: JsonApi): Pick<Forge, 'comments' | 'createComment' | 'editComment'> {
  return {
    /** All at once: Gitea knows no pages of them. */
    comments: (pullRequest, scope) =>
      api.get(`/issues/${pullRequest}/comments`, z.array(IssueComment), scope),

    createComment: (pullRequest, body, scope) =>
      api.send('POST', `/issues/${pullRequest}/comments`, { body }, scope),

    editComment: (_pullRequest, comment, body, scope) =>
      api.send('PATCH', `/issues/comments/${comment}`, { body }, scope),
  };
}

function webhooksOf(api: JsonApi): ForgeWebhooks {
  const createWebhook: Forge['createWebhook'] = (target, scope) =>
    api.send('POST', '/hooks', { type: 'gitea', ...hookOf(target) }, scope);
  const removeWebhook: Forge['removeWebhook'] = (webhook, scope) =>
    api.send('DELETE', `/hooks/${webhook}`, undefined, scope);
  return {
    webhooks: (scope) => readAll(api, '/hooks', Hook, scope),
    createWebhook,
    removeWebhook,

    /** An edit leaves the secret as it was (Gitea routers/api/v1/utils/hook.go, `editHook`). */
    async updateWebhook(webhook, target, scope) {
      await createWebhook(target, scope);
      await removeWebhook(webhook, scope);
    },
  };
}

/** Reads page after page up to the total that Gitea names. */
function readAll<T>(
  api: JsonApi,
  path: string,
  item: z.ZodType<T>,
  scope: Scope,
): Promise<readonly T[]> {
  let count = 0;
  return readPages(path, async (page) => {
    const answer = await api.getWithHeaders(paged(path, page), z.array(item), scope);
    const { value: items, headers } = answer;
    count += items.length;
    return { items, hasMore: items.length > 0 && count < Number(headers['x-total-count'] ?? 0) };
  });
}

function paged(path: string, page: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}page=${page}&limit=${PAGE_SIZE}`;
}
