import * as z from 'zod';
import type { CommitStatus } from '../model/commit-status.ts';
import type { Authorization } from './authorization.ts';
import type {
  Comment,
  Forge,
  ForgeWebhooks,
  PullRequest,
  RegisteredWebhook,
  WebhookTarget,
} from './forge.ts';
import type { ForgeCredentials } from './forge-credentials.ts';
import type { Connect, ForgeKind } from './forge-kind.ts';
import { githubApp } from './github-app.ts';
import { tokenStatusRight } from './github-rights.ts';
import { githubWebhook } from './github-webhook.ts';
import { jsonApi, type JsonApi } from './json-api.ts';
import { readPages } from './read-pages.ts';
import { parseRepositoryUrl, type RepositoryAddress } from './repository-url.ts';

/** GitHub.com, GitHub with data residency (`<name>.ghe.com`) and GitHub Enterprise Server; REST API 2022-11-28. */
export const github: ForgeKind = {
  title: 'GitHub',
  runsAt: (host) => host === 'github.com' || host.endsWith('.ghe.com'),
  locate: (url, apiUrl) => {
    const address = parseRepositoryUrl(url);
    const { owner, name } = address;
    return {
      apiBase: apiUrl ?? apiBaseOf(address),
      segments: [owner, name],
      path: `${owner}/${name}`.toLowerCase(),
    };
  },
  pullRefs: { prefix: 'refs/pull/', suffix: '/head' },
  // What creates content is limited so (docs: rate limits for the REST API, secondary limits).
  writeLimits: { perMinute: 80, perHour: 500 },
  open: (connect, { segments }, credentials) => {
    const withHeaders: Connect = (options) => connect({ ...options, headers: HEADERS });
    const { authorization, ...asApp } = signIn(credentials, segments.at(-1) ?? '', withHeaders);
    const http = withHeaders({ authorization });
    const api = jsonApi(http, ['/repos', ...segments.map(encodeURIComponent)].join('/'));
    return {
      ...statusesOf(api),
      ...pullsOf(api),
      ...commentsOf(api),
      ...webhooksOf(api),
      whoAmI: async (scope) => (await jsonApi(http, '').get('/user', User, scope)).login,
      statusRight: (scope) => tokenStatusRight(api, scope),
      ...asApp,
    };
  },
  webhook: githubWebhook,
};

const HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };

function apiBaseOf({ root }: RepositoryAddress): string {
  const { protocol, host } = new URL(root);
  return github.runsAt(host.toLowerCase()) ? `${protocol}//api.${host}` : `${root}/api/v3`;
}

/** An App is asked about otherwise than a user. */
interface SignIn extends Partial<Pick<Forge, 'whoAmI' | 'statusRight'>> {
  readonly authorization: string | Authorization;
}

function signIn(credentials: ForgeCredentials, repository: string, connect: Connect): SignIn {
  return credentials.kind === 'token'
    ? { authorization: `Bearer ${credentials.token}` }
    : githubApp(credentials, repository, connect);
}

const Status = z
  .object({
    state: z.enum(['pending', 'success', 'failure', 'error']).catch('error'),
    context: z.string(),
    description: z.string().nullable(),
    target_url: z.string().nullable(),
  })
  .transform(({ description, target_url: targetUrl, ...rest }): CommitStatus => ({
    ...rest,
    description: description ?? '',
    ...(targetUrl ? { targetUrl } : {}),
  }));

const Combined = z.object({ statuses: z.array(Status) });

const User = z.object({ login: z.string() });

/** `repo` is null when the fork is gone. */
const Branch = z.object({
  ref: z.string(),
  sha: z.string(),
  repo: z.object({ id: z.number() }).nullable(),
});

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
    fromFork: head.repo === null || head.repo.id !== base.repo?.id,
    fetchRef: `refs/pull/${number}/head`,
  }));

const Comparison = z.object({
  merge_base_commit: z.object({ sha: z.string() }),
  files: z
    .array(z.object({ filename: z.string(), previous_filename: z.string().optional() }))
    .default([]),
});

/** A comparison names no more files than these, whatever page is asked for. */
const MAX_COMPARED_FILES = 300;

const IssueComment = z
  .object({ id: z.number(), user: User.nullable(), body: z.string().nullish() })
  .transform(({ id, user, body }): Comment => ({
    id: String(id),
    author: user?.login ?? '',
    body: body ?? '',
  }));

const EVENTS = ['push', 'pull_request'];

const Hook = z
  .object({
    id: z.number(),
    active: z.boolean(),
    events: z.array(z.string()),
    config: z.object({ url: z.string().default(''), content_type: z.string().default('form') }),
  })
  .transform(({ id, active, events, config }): RegisteredWebhook => ({
    id: String(id),
    url: config.url,
    isComplete:
      active &&
      config.content_type === 'json' &&
      EVENTS.every((event) => events.includes(event) || events.includes('*')),
  }));

const hookOf = ({ url, secret }: WebhookTarget): object => ({
  active: true,
  events: EVENTS,
  config: { url, secret, content_type: 'json', insecure_ssl: '0' },
});

function statusesOf(api: JsonApi): Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'> {
  return {
    maxDescription: 140,

    setStatus: (commit, { targetUrl, ...status }, scope) => {
      const body = { ...status, ...(targetUrl === undefined ? {} : { target_url: targetUrl }) };
      return api.send('POST', `/statuses/${commit}`, body, scope);
    },

    /** From the combined status, which holds the newest of each context. */
    async newestStatus(commit, context, scope) {
      let found: CommitStatus | undefined;
      await readPages(`statuses of ${commit}`, async (page) => {
        const path = paged(`/commits/${commit}/status`, page);
        const { value, headers } = await api.getWithHeaders(path, Combined, scope);
        found = value.statuses.find((status) => status.context === context);
        return { items: [], hasMore: !found && hasNext(headers) };
      });
      return found;
    },
  };
}

function pullsOf(api: JsonApi): Pick<Forge, 'openPullRequests' | 'changesOf'> {
  return {
    async openPullRequests(scope) {
      const open = await readAll(api, '/pulls?state=open', Pull, scope);
      return open.filter(({ headSha }) => /^[0-9a-f]{40}$/.test(headSha));
    },

    /** Only the files are wanted, so the commits, which come beside them by the page, are kept few. */
    async changesOf({ baseRef, headSha }, scope) {
      const path = `/compare/${encodeURIComponent(baseRef)}...${headSha}?page=1&per_page=1`;
      const { merge_base_commit: base, files } = await api.get(path, Comparison, scope);
      return {
        mergeBase: base.sha,
        files: files.flatMap(({ filename, previous_filename: before }) =>
          before === undefined ? [filename] : [filename, before],
        ),
        isComplete: files.length < MAX_COMPARED_FILES,
      };
    },
  };
}

function commentsOf(api: JsonApi): Pick<Forge, 'comments' | 'createComment' | 'editComment'> {
  return {
    comments: (pullRequest, scope) =>
      readAll(api, `/issues/${pullRequest}/comments`, IssueComment, scope),

    createComment: (pullRequest, body, scope) =>
      api.send('POST', `/issues/${pullRequest}/comments`, { body }, scope),

    editComment: (_pullRequest, comment, body, scope) =>
      api.send('PATCH', `/issues/comments/${comment}`, { body }, scope),
  };
}

function webhooksOf(api: JsonApi): ForgeWebhooks {
  return {
    webhooks: (scope) => readAll(api, '/hooks', Hook, scope),

    createWebhook: (target, scope) =>
      api.send('POST', '/hooks', { name: 'web', ...hookOf(target) }, scope),

    updateWebhook: (webhook, target, scope) =>
      api.send('PATCH', `/hooks/${webhook}`, hookOf(target), scope),

    removeWebhook: (webhook, scope) => api.send('DELETE', `/hooks/${webhook}`, undefined, scope),
  };
}

function readAll<T>(
  api: JsonApi,
  path: string,
  item: z.ZodType<T>,
  scope: Parameters<Forge['whoAmI']>[0],
): Promise<readonly T[]> {
  return readPages(path, async (page) => {
    const answer = await api.getWithHeaders(paged(path, page), z.array(item), scope);
    return { items: answer.value, hasMore: hasNext(answer.headers) };
  });
}

/** The addresses in `Link` are not followed, only believed to be there: they may lead anywhere. */
function hasNext(headers: Readonly<Record<string, string | undefined>>): boolean {
  return /rel="next"/.test(headers['link'] ?? '');
}

function paged(path: string, page: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}page=${page}&per_page=100`;
}
