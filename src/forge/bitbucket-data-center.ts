import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { bitbucketDataCenterWebhook } from './bitbucket-webhook.ts';
import {
  buildKey,
  BuildStatus,
  fromBuildStatus,
  MAX_BUILD_DESCRIPTION,
  toBuildStatus,
} from './build-status.ts';
import type {
  Comment,
  Forge,
  ForgeWebhooks,
  PullRequest,
  RegisteredWebhook,
  WebhookTarget,
} from './forge.ts';
import { tokenOf } from './forge-credentials.ts';
import type { ForgeKind, RepositoryPlace } from './forge-kind.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import { readPages } from './read-pages.ts';
import { parseRepositoryUrl } from './repository-url.ts';
import { unlessMissing } from './unless-missing.ts';

/** Bitbucket Data Center ≥ 7.14, which has build statuses by repository. */
export const bitbucketDataCenter: ForgeKind = {
  title: 'Bitbucket Data Center',
  runsAt: () => false,
  locate,
  pullRefs: { prefix: 'refs/pull-requests/', suffix: '/from' },
  open: (connect, { apiBase, segments: [project = '', slug = ''] }, credentials) => {
    const http = connect({
      authorization: `Bearer ${tokenOf(credentials, 'Bitbucket Data Center')}`,
    });
    const path = `/projects/${encodeURIComponent(project)}/repos/${encodeURIComponent(slug)}`;
    const api = jsonApi(http, `/api/latest${path}`);
    return {
      commentStyle: { maxLength: 32_000, rendersHtml: false },
      ...statusesOf(api, apiBase.replace(/\/rest\/?$/, '') + path),
      ...pullsOf(api),
      ...commentsOf(api),
      ...webhooksOf(api),
      whoAmI: (scope) => whoAmI(jsonApi(http, '/api/latest'), scope),
    };
  },
  webhook: bitbucketDataCenterWebhook,
};

/** Clone URLs are `<root>/scm/<project>/<repository>.git`, where `~name` is a person's project. */
function locate(url: string, apiUrl: string | undefined): RepositoryPlace {
  const { root, owner, name } = parseRepositoryUrl(url.replace('/~', '/_personal_'));
  if (!root.endsWith('/scm')) {
    throw new Failure(
      'invalid',
      'the repository URL has no /scm/<project>/<repository> at its end',
      {
        hint: 'Copy the HTTPS clone URL from the repository’s page in Bitbucket.',
      },
    );
  }
  const project = owner.replace(/^_personal_/, '~');
  return {
    apiBase: apiUrl ?? `${root.slice(0, -'/scm'.length)}/rest`,
    segments: [project, name],
    path: `${project}/${name}`.toLowerCase(),
  };
}

const Sha = z.string().regex(/^[0-9a-f]{40}$/);

const Person = z.object({ name: z.string() });

const Ref = z.object({
  displayId: z.string(),
  latestCommit: Sha,
  repository: z.object({ id: z.number() }),
});

const Pull = z
  .object({
    id: z.number().int().positive(),
    title: z.string(),
    author: z.object({ user: Person }),
    fromRef: Ref,
    toRef: Ref,
    links: z.object({ self: z.array(z.object({ href: z.string() })) }),
  })
  .transform(({ id, title, author, fromRef, toRef, links }): PullRequest => ({
    number: id,
    title,
    author: author.user.name,
    url: links.self[0]?.href ?? '',
    headSha: fromRef.latestCommit,
    headRef: fromRef.displayId,
    baseRef: toRef.displayId,
    fromFork: fromRef.repository.id !== toRef.repository.id,
    fetchRef: `refs/pull-requests/${String(id)}/from`,
  }));

/** A path in its parts; its `toString` is none that could be told from that of every object. */
const Path = z.object({ components: z.array(z.string()) });

const Changed = z.object({ path: Path, srcPath: Path.nullish() });

const Activity = z.object({
  action: z.string(),
  comment: z
    .object({ id: z.number(), version: z.number(), text: z.string(), author: Person })
    .optional(),
});

const EVENTS = [
  'repo:refs_changed',
  'pr:opened',
  'pr:from_ref_updated',
  'pr:modified',
  'pr:merged',
  'pr:declined',
];

const Hook = z
  .object({ id: z.number(), url: z.string(), active: z.boolean(), events: z.array(z.string()) })
  .transform(({ id, url, active, events }): RegisteredWebhook => ({
    id: String(id),
    url,
    isComplete: active && EVENTS.every((event) => events.includes(event)),
  }));

const PAGE_SIZE = 100;

function statusesOf(
  api: JsonApi,
  page: string,
): Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'> {
  const linkOf = (commit: string): string => `${page}/commits/${commit}`;
  return {
    maxDescription: MAX_BUILD_DESCRIPTION,

    setStatus: (commit, status, scope) => {
      const body = toBuildStatus(status, linkOf(commit), 'UNKNOWN');
      return api.send('POST', `/commits/${commit}/builds`, body, scope);
    },

    async newestStatus(commit, context, scope) {
      const path = `/commits/${commit}/builds?key=${buildKey(context)}`;
      const found = await unlessMissing(api.get(path, BuildStatus, scope));
      return found && fromBuildStatus(context, found, linkOf(commit));
    },
  };
}

function pullsOf(api: JsonApi): Pick<Forge, 'openPullRequests' | 'changesOf'> {
  return {
    openPullRequests: (scope) => readAll(api, '/pull-requests?state=OPEN', Pull, scope),

    async changesOf({ number }, scope) {
      const path = pullPath(number);
      const base = await api.get(`${path}/merge-base`, z.object({ id: Sha }).nullish(), scope);
      const changed = await readAll(api, `${path}/changes`, Changed, scope);
      const files = changed.flatMap(({ path: to, srcPath }) =>
        [to, srcPath ?? []].flat().map(({ components }) => components.join('/')),
      );
      return { mergeBase: base?.id, files, isComplete: true };
    },
  };
}

const pullPath = (pullRequest: number): string => `/pull-requests/${pullRequest}`;

/** The id of a comment has its version in it: an edit must name the one that it replaces. */
function commentsOf(api: JsonApi): Pick<Forge, 'comments' | 'createComment' | 'editComment'> {
  return {
    async comments(pullRequest, scope) {
      const all = await readAll(api, `${pullPath(pullRequest)}/activities`, Activity, scope);
      const found = all.flatMap(({ action, comment }) =>
        action === 'COMMENTED' && comment ? [comment] : [],
      );
      return found
        .toSorted((a, b) => a.id - b.id)
        .map(({ id, version, text, author }): Comment => ({
          id: `${String(id)}.${String(version)}`,
          author: author.name,
          body: text,
        }));
    },

    createComment: (pullRequest, text, scope) =>
      api.send('POST', `${pullPath(pullRequest)}/comments`, { text }, scope),

    editComment: (pullRequest, comment, text, scope) => {
      const [id = '', version = ''] = comment.split('.');
      const body = { text, version: Number(version) };
      return api.send('PUT', `${pullPath(pullRequest)}/comments/${id}`, body, scope);
    },
  };
}

const hookOf = ({ url, secret }: WebhookTarget): object => ({
  name: 'kudo-gitops',
  url,
  active: true,
  events: EVENTS,
  configuration: { secret },
});

function webhooksOf(api: JsonApi): ForgeWebhooks {
  return {
    webhooks: (scope) => readAll(api, '/webhooks', Hook, scope),
    createWebhook: (target, scope) => api.send('POST', '/webhooks', hookOf(target), scope),
    updateWebhook: (webhook, target, scope) =>
      api.send('PUT', `/webhooks/${webhook}`, hookOf(target), scope),
    removeWebhook: (webhook, scope) => api.send('DELETE', `/webhooks/${webhook}`, undefined, scope),
  };
}

/** No call says who signed in, but a header of every answer does. */
async function whoAmI(api: JsonApi, scope: Scope): Promise<string> {
  const { headers } = await api.getWithHeaders('/application-properties', z.unknown(), scope);
  const name = headers['x-ausername'];
  if (name !== undefined) return decodeURIComponent(name);
  throw new Failure('denied', 'Bitbucket does not say whose token it is', {
    hint: 'Check the token; a proxy must let the header X-AUSERNAME through.',
  });
}

function readAll<T>(
  api: JsonApi,
  path: string,
  item: z.ZodType<T>,
  scope: Scope,
): Promise<readonly T[]> {
  const list = z.object({
    values: z.array(item),
    isLastPage: z.boolean(),
    nextPageStart: z.number().nullish(),
  });
  let start = 0;
  return readPages(path, async () => {
    const paged = `${path}${path.includes('?') ? '&' : '?'}start=${start}&limit=${PAGE_SIZE}`;
    const { values, isLastPage, nextPageStart } = await api.get(paged, list, scope);
    start = nextPageStart ?? start;
    return { items: values, hasMore: !isLastPage && nextPageStart != null };
  });
}
