import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import type {
  Comment,
  Forge,
  ForgeWebhooks,
  PullRequest,
  RegisteredWebhook,
  WebhookTarget,
} from './forge.ts';
import { bitbucketCloudWebhook } from './bitbucket-webhook.ts';
import {
  buildKey,
  BuildStatus,
  fromBuildStatus,
  MAX_BUILD_DESCRIPTION,
  toBuildStatus,
} from './build-status.ts';
import { tokenOf, type ForgeCredentials } from './forge-credentials.ts';
import type { ForgeKind } from './forge-kind.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import { readPages } from './read-pages.ts';
import { parseRepositoryUrl } from './repository-url.ts';
import { unlessMissing } from './unless-missing.ts';

const HOST = 'bitbucket.org';

/** Bitbucket Cloud, API 2.0. */
export const bitbucketCloud: ForgeKind = {
  title: 'Bitbucket Cloud',
  runsAt: (host) => host === HOST,
  locate: (url, apiUrl) => {
    const { owner, name } = parseRepositoryUrl(url);
    return {
      apiBase: apiUrl ?? 'https://api.bitbucket.org/2.0',
      segments: [owner, name],
      path: `${owner}/${name}`.toLowerCase(),
    };
  },
  // Git shows no heads of pull requests here.
  pullRefs: undefined,
  // 1,000 calls an hour, of which every status needs at most two.
  writeLimits: { perMinute: 60, perHour: 450 },
  open: (connect, { segments }, credentials) => {
    const http = connect({ authorization: signIn(credentials) });
    const path = segments.map(encodeURIComponent).join('/');
    const api = jsonApi(http, `/repositories/${path}`);
    return {
      commentStyle: { maxLength: 32_000, rendersHtml: false },
      ...statusesOf(api, `https://${HOST}/${path}`),
      ...pullsOf(api, jsonApi(http, '/repositories')),
      ...commentsOf(api),
      ...webhooksOf(api),
      whoAmI: async (scope) => (await jsonApi(http, '').get('/user', User, scope)).uuid,
    };
  },
  webhook: bitbucketCloudWebhook,
};

/** An access token signs in by itself, an API token or app password with the name of its owner. */
function signIn(credentials: ForgeCredentials): string {
  const token = tokenOf(credentials, 'Bitbucket Cloud');
  const username = credentials.kind === 'token' ? credentials.username : undefined;
  if (username === undefined) return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`;
}

const User = z.object({ uuid: z.string() });

const Side = z.object({
  branch: z.object({ name: z.string() }),
  /** Null when it is gone; the hash has 12 digits. */
  commit: z.object({ hash: z.string().regex(/^[0-9a-f]{7,40}$/) }).nullable(),
  repository: z.object({ full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/) }).nullable(),
});

const Pull = z.object({
  id: z.number().int().positive(),
  title: z.string(),
  author: z
    .object({ nickname: z.string().optional(), display_name: z.string().optional() })
    .nullable(),
  links: z.object({ html: z.object({ href: z.string() }) }),
  source: Side,
  destination: Side,
});

const Commit = z.object({ hash: z.string().regex(/^[0-9a-f]{40}$/) });

const Changed = z.object({
  old: z.object({ path: z.string() }).nullable(),
  new: z.object({ path: z.string() }).nullable(),
});

const PullComment = z.object({
  id: z.number(),
  user: User.nullish(),
  content: z.object({ raw: z.string() }),
  deleted: z.boolean().optional(),
});

const EVENTS = [
  'repo:push',
  'pullrequest:created',
  'pullrequest:updated',
  'pullrequest:fulfilled',
  'pullrequest:rejected',
];

const Hook = z
  .object({ uuid: z.string(), url: z.string(), active: z.boolean(), events: z.array(z.string()) })
  .transform(({ uuid: id, url, active, events }): RegisteredWebhook => ({
    id,
    url,
    isComplete: active && EVENTS.every((event) => events.includes(event)),
  }));

const PAGE_SIZE = 50;

function statusesOf(
  api: JsonApi,
  page: string,
): Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'> {
  const linkOf = (commit: string): string => `${page}/commits/${commit}`;
  return {
    maxDescription: MAX_BUILD_DESCRIPTION,

    setStatus: (commit, status, scope) => {
      const body = toBuildStatus(status, linkOf(commit), 'STOPPED');
      return api.send('POST', `/commit/${commit}/statuses/build`, body, scope);
    },

    async newestStatus(commit, context, scope) {
      const path = `/commit/${commit}/statuses/build/${buildKey(context)}`;
      const found = await unlessMissing(api.get(path, BuildStatus, scope));
      return found && fromBuildStatus(context, found, linkOf(commit));
    },
  };
}

function pullsOf(
  api: JsonApi,
  repositories: JsonApi,
): Pick<Forge, 'openPullRequests' | 'changesOf'> {
  /** Pull requests name commits by their first digits only. */
  const wholeOid = async (repository: string, hash: string, scope: Scope): Promise<string> =>
    (await repositories.get(`/${repository}/commit/${hash}`, Commit, scope)).hash;

  return {
    async openPullRequests(scope) {
      const open = await readAll(api, '/pullrequests?state=OPEN', Pull, scope);
      const pulls: PullRequest[] = [];
      for (const { id, title, author, links, source, destination } of open) {
        if (!source.commit || !source.repository) continue;
        const from = source.repository.full_name;
        pulls.push({
          number: id,
          title,
          author: author?.nickname ?? author?.display_name ?? '',
          url: links.html.href,
          headSha: await wholeOid(from, source.commit.hash, scope),
          headRef: source.branch.name,
          baseRef: destination.branch.name,
          fromFork: from !== destination.repository?.full_name,
          fetchRef: `refs/heads/${source.branch.name}`,
        });
      }
      return pulls;
    },

    async changesOf({ number, headSha, baseRef }, scope) {
      const path = `/pullrequests/${number}/diffstat`;
      const changed = await readAll(api, path, Changed, scope);
      const range = encodeURIComponent(`${headSha}..${baseRef}`);
      const base = await unlessMissing(api.get(`/merge-base/${range}`, Commit, scope));
      const files = changed.flatMap((entry) =>
        [entry.new?.path ?? [], entry.old?.path ?? []].flat(),
      );
      return { mergeBase: base?.hash, files: [...new Set(files)], isComplete: true };
    },
  };
}

function commentsOf(api: JsonApi): Pick<Forge, 'comments' | 'createComment' | 'editComment'> {
  return {
    async comments(pullRequest, scope) {
      const all = await readAll(api, `/pullrequests/${pullRequest}/comments`, PullComment, scope);
      return all
        .filter(({ deleted }) => deleted !== true)
        .map(({ id, user, content }): Comment => ({
          id: String(id),
          author: user?.uuid ?? '',
          body: content.raw,
        }));
    },

    createComment: (pullRequest, raw, scope) =>
      api.send('POST', `/pullrequests/${pullRequest}/comments`, { content: { raw } }, scope),

    editComment: (pullRequest, comment, raw, scope) =>
      api.send(
        'PUT',
        `/pullrequests/${pullRequest}/comments/${comment}`,
        { content: { raw } },
        scope,
      ),
  };
}

const hookOf = (target: WebhookTarget): object => ({
  description: 'kudo-gitops',
  ...target,
  active: true,
  events: EVENTS,
});

const hookPath = (webhook: string): string => `/hooks/${encodeURIComponent(webhook)}`;

function webhooksOf(api: JsonApi): ForgeWebhooks {
  return {
    webhooks: (scope) => readAll(api, '/hooks', Hook, scope),
    createWebhook: (target, scope) => api.send('POST', '/hooks', hookOf(target), scope),
    updateWebhook: (webhook, target, scope) =>
      api.send('PUT', hookPath(webhook), hookOf(target), scope),
    removeWebhook: (webhook, scope) => api.send('DELETE', hookPath(webhook), undefined, scope),
  };
}

/** Pages until there is no `next`, whose address is not followed. */
function readAll<T>(
  api: JsonApi,
  path: string,
  item: z.ZodType<T>,
  scope: Scope,
): Promise<readonly T[]> {
  const joint = path.includes('?') ? '&' : '?';
  return readPages(path, async (page) => {
    const paged = `${path}${joint}page=${page}&pagelen=${PAGE_SIZE}`;
    const list = z.object({ values: z.array(item), next: z.string().optional() });
    const { values, next } = await api.get(paged, list, scope);
    return { items: values, hasMore: next !== undefined && values.length > 0 };
  });
}
