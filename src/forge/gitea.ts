import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { Comment, Forge, PullRequest } from './forge.ts';
import type { ForgeHttp } from './forge-http.ts';

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
    user: z.object({ login: z.string() }).nullable(),
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
    baseSha: base.sha,
    fromFork: head.repo_id !== base.repo_id || head.label === '',
  }));

const IssueComment = z
  .object({ id: z.number(), user: z.object({ login: z.string() }).nullable(), body: z.string() })
  .transform(({ id, user, body }): Comment => ({ id, author: user?.login ?? '', body }));

/** `MAX_RESPONSE_ITEMS` of a Gitea that nobody configured. */
const PAGE_SIZE = 50;
const MAX_PAGES = 20;

/** One repository at Gitea or Forgejo, API v1. `http` begins at `/api/v1`. */
export function giteaForge(
  http: ForgeHttp,
  { owner, name }: { readonly owner: string; readonly name: string },
): Forge {
  const repository = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const write = async (method: 'POST' | 'PATCH', path: string, body: unknown, scope: Scope) => {
    await http.call({ method, path, body }, z.unknown(), scope);
  };

  return {
    maxDescription: 255,

    async setStatus(commit, { targetUrl, ...status }, scope) {
      const body = { ...status, target_url: targetUrl ?? '' };
      await write('POST', `${repository}/statuses/${commit}`, body, scope);
    },

    /**
     * From the combined status: it holds the newest of each context, where the list of all is ordered by
     * whole seconds. Its total is not the number of contexts (Gitea 1.26), so it is read to its end.
     */
    async newestStatus(commit, context, scope) {
      const path = `${repository}/commits/${commit}/status`;
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        // oxlint-disable-next-line no-await-in-loop
        const { value } = await http.call(get(path, page), Combined, scope);
        const found = value.statuses?.find((status) => status.context === context);
        if (found || !value.statuses?.length) return found;
      }
      throw tooMany(`statuses of ${commit}`);
    },

    async openPullRequests(scope) {
      const all = await readAll(http, `${repository}/pulls?state=open`, Pull, scope);
      return all.filter(({ headSha }) => /^[0-9a-f]{40}$/.test(headSha));
    },

    comments: (pullRequest, scope) =>
      readAll(http, `${repository}/issues/${pullRequest}/comments`, IssueComment, scope),

    async createComment(pullRequest, body, scope) {
      await write('POST', `${repository}/issues/${pullRequest}/comments`, { body }, scope);
    },

    async editComment(comment, body, scope) {
      await write('PATCH', `${repository}/issues/comments/${comment}`, { body }, scope);
    },

    async whoAmI(scope) {
      const { value } = await http.call(
        { method: 'GET', path: '/user' },
        z.object({ login: z.string() }),
        scope,
      );
      return value.login;
    },
  };
}

/** Reads page after page up to the total that Gitea names; comments come all at once whatever page is asked for. */
async function readAll<T>(
  http: ForgeHttp,
  path: string,
  item: z.ZodType<T>,
  scope: Scope,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const { value, headers } = await http.call(get(path, page), z.array(item), scope);
    items.push(...value);
    if (value.length === 0 || items.length >= Number(headers['x-total-count'] ?? 0)) return items;
  }
  throw tooMany(path);
}

function get(path: string, page: number): { method: 'GET'; path: string } {
  const joint = path.includes('?') ? '&' : '?';
  return { method: 'GET', path: `${path}${joint}page=${page}&limit=${PAGE_SIZE}` };
}

function tooMany(what: string): Failure {
  return new Failure('invalid', `more than ${MAX_PAGES} pages of ${what}`, {
    hint: 'Close what is no longer needed there.',
  });
}
