import type { GiteaAccess } from './gitea.ts';
import { waitFor } from './processes.ts';

export interface GiteaRepository {
  readonly owner: string;
  readonly name: string;
  /** Without credentials. */
  readonly cloneUrl: string;
  /** For `git push`, with the access token in it. */
  readonly pushUrl: string;
}

export interface GiteaStatus {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error' | 'warning';
  readonly description: string;
  readonly targetUrl: string;
  readonly createdAt: string;
}

export interface GiteaPullRequest {
  readonly number: number;
  readonly url: string;
  readonly headSha: string;
}

export interface GiteaComment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

/** What Gitea said when it refused a request. */
class GiteaRefusal extends Error {
  readonly status: number;

  constructor(request: string, status: number, said: string) {
    super(`Gitea: ${request}: ${String(status)} ${said}`);
    this.name = 'GiteaRefusal';
    this.status = status;
  }
}

/** An access token that may do nothing but what the scopes say, such as `write:repository`. */
export async function createToken(
  gitea: GiteaAccess,
  name: string,
  scopes: readonly string[],
): Promise<string> {
  // Gitea makes no token for whoever signs in with one.
  const basic = Buffer.from(`${gitea.user}:${gitea.password}`).toString('base64');
  const response = await fetch(`${gitea.url}/api/v1/users/${gitea.user}/tokens`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes }),
  });
  if (!response.ok) throw new GiteaRefusal('POST tokens', response.status, await response.text());
  return ((await response.json()) as { sha1: string }).sha1;
}

/**
 * One request to Gitea's API, e.g. `/repos/{owner}/{repo}`.
 *
 * @throws {GiteaRefusal}
 */
export async function giteaRequest(
  gitea: GiteaAccess,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${gitea.url}/api/v1${path}`, {
    method,
    headers: { authorization: `token ${gitea.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new GiteaRefusal(`${method} ${path}`, response.status, text);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

/** Creates an empty repository of the administrator; its default branch will be `main`. */
export async function createRepository(
  gitea: GiteaAccess,
  name: string,
  options: { readonly private?: boolean } = {},
): Promise<GiteaRepository> {
  const body = { name, default_branch: 'main', private: options.private ?? false };
  await giteaRequest(gitea, 'POST', '/user/repos', body);
  const path = `/${gitea.user}/${name}.git`;
  const pushUrl = new URL(path, gitea.url);
  pushUrl.username = gitea.user;
  pushUrl.password = gitea.token;
  return { owner: gitea.user, name, cloneUrl: `${gitea.url}${path}`, pushUrl: pushUrl.href };
}

export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  /** Default: push and pull requests. */
  readonly events?: readonly string[];
}

/** Makes Gitea call `url` at each push and pull request; gives the hook's id. */
export async function createWebhook(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  { url, secret, events = ['push', 'pull_request', 'pull_request_sync'] }: WebhookOptions,
): Promise<number> {
  const config = { url, secret, content_type: 'json' };
  const body = { type: 'gitea', active: true, events, config };
  const hook = await giteaRequest(gitea, 'POST', `${pathOf(repository)}/hooks`, body);
  return (hook as { id: number }).id;
}

export async function deleteWebhook(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  id: number,
): Promise<void> {
  await giteaRequest(gitea, 'DELETE', `${pathOf(repository)}/hooks/${String(id)}`);
}

export interface PullRequestOptions {
  readonly head: string;
  readonly base?: string;
  readonly title: string;
}

/** Opens a pull request of branch `head`, which may have been pushed a moment ago. */
export async function createPullRequest(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  { head, base = 'main', title }: PullRequestOptions,
): Promise<GiteaPullRequest> {
  const body = { head, base, title };
  // Gitea takes pushes down after they have returned: until it has, the repository is empty and has no pulls.
  const pull = await onceTaken(`Gitea to know ${head} and ${base}`, 404, async () =>
    giteaRequest(gitea, 'POST', `${pathOf(repository)}/pulls`, body),
  );
  const { number, html_url: url, head: tip } = pull as WirePullRequest;
  return { number, url, headSha: tip.sha };
}

interface WirePullRequest {
  readonly number: number;
  readonly html_url: string;
  readonly head: { readonly sha: string };
}

/** Merges with a merge commit and gives its id. Waits until Gitea has found out whether it can. */
export async function mergePullRequest(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  number: number,
): Promise<string> {
  const path = `${pathOf(repository)}/pulls/${String(number)}`;
  await waitFor(`pull request ${String(number)} to be mergeable`, async () => {
    const pull = await giteaRequest(gitea, 'GET', path);
    return (pull as { mergeable: boolean }).mergeable;
  });
  // A push to the base that Gitea gets round to only now makes it check once more.
  await onceTaken(`pull request ${String(number)} to be merged`, 405, async () =>
    giteaRequest(gitea, 'POST', `${path}/merge`, { Do: 'merge' }),
  );
  const merged = await giteaRequest(gitea, 'GET', path);
  return (merged as { merge_commit_sha: string }).merge_commit_sha;
}

/** Comments of a pull request or issue, oldest first. */
export async function comments(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  number: number,
): Promise<GiteaComment[]> {
  const path = `${pathOf(repository)}/issues/${String(number)}/comments`;
  const found = (await giteaRequest(gitea, 'GET', path)) as WireComment[];
  return found.map(({ id, body, user }) => ({ id, body, author: user.login }));
}

interface WireComment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
}

/** Adds a status to a commit, as our adapter would. */
export async function createStatus(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  sha: string,
  status: Omit<GiteaStatus, 'createdAt'>,
): Promise<void> {
  const { context, state, description, targetUrl } = status;
  const body = { context, state, description, target_url: targetUrl };
  await giteaRequest(gitea, 'POST', `${pathOf(repository)}/statuses/${sha}`, body);
}

/** Every status that a commit ever got (at most 50), oldest first; not only the newest per context. */
export async function statuses(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  sha: string,
): Promise<GiteaStatus[]> {
  const path = `${pathOf(repository)}/commits/${sha}/statuses?sort=oldest&limit=50`;
  const found = (await giteaRequest(gitea, 'GET', path)) as WireStatus[];
  // The list is ordered by whole seconds.
  return found
    .toSorted((a, b) => a.id - b.id)
    .map((wire) => ({
      context: wire.context,
      state: wire.status,
      description: wire.description,
      targetUrl: wire.target_url,
      createdAt: wire.created_at,
    }));
}

interface WireStatus {
  readonly id: number;
  readonly context: string;
  readonly status: GiteaStatus['state'];
  readonly description: string;
  readonly target_url: string;
  readonly created_at: string;
}

/** Gitea's own sum over the newest status of each context. */
export async function combinedState(
  gitea: GiteaAccess,
  repository: GiteaRepository,
  sha: string,
): Promise<string> {
  const answer = await giteaRequest(gitea, 'GET', `${pathOf(repository)}/commits/${sha}/status`);
  return (answer as { state: string }).state;
}

/** Asks until Gitea answers otherwise than with the status `notYet`; time being up, its last answer is the cause. */
async function onceTaken(
  what: string,
  notYet: number,
  ask: () => Promise<unknown>,
): Promise<unknown> {
  const taken = await waitFor(what, async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      if (error instanceof GiteaRefusal && error.status === notYet) throw error;
      return { error };
    }
  });
  if ('error' in taken) throw taken.error;
  return taken.answer;
}

function pathOf({ owner, name }: GiteaRepository): string {
  return `/repos/${owner}/${name}`;
}
