import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ForgeServices } from './forge-context.ts';
import { identify, type Identity } from './forge-identity.ts';
import type { ForgeRepository } from './forge-state.ts';
import type { GitBackend } from './git-backend.ts';
import type { PushFollower } from './git-push-follower.ts';

export interface GitRoute {
  readonly backend: GitBackend;
  readonly follower: PushFollower;
}

const GIT_PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

interface GitCall {
  readonly owner: string;
  readonly name: string;
  /** What follows the repository in the path. */
  readonly rest: string;
  readonly query: string;
  readonly isPush: boolean;
}

/** Answers a request of git's smart HTTP protocol; false when it is none. */
export async function serveGit(
  { url, state }: ForgeServices,
  { backend, follower }: GitRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const call = parseCall(request, url);
  if (!call) return false;
  const repository = state.repository(call.owner, call.name);
  const identity = identify(request.headers.authorization, state);
  if (!repository || !isAllowed(identity, repository, call.isPush)) {
    return refuse(request, response, identity);
  }
  const user = identity.kind === 'user' ? identity.user : undefined;
  const push = call.isPush && user ? follower.open(url, { repository, user }, response) : undefined;
  const path = `/${directoryOf(call.owner, call.name)}/${call.rest}`;
  const env = push?.env ?? {};
  await backend
    .serve({ request, response, path, query: call.query, user: user?.login, env })
    .finally(() => push?.close());
  return true;
}

function parseCall(request: IncomingMessage, base: string): GitCall | undefined {
  const { pathname, search, searchParams } = new URL(request.url ?? '/', base);
  const [, owner = '', name = '', rest = ''] = GIT_PATH.exec(pathname) ?? [];
  const service = rest === 'info/refs' ? searchParams.get('service') : rest;
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return undefined;
  return { owner, name, rest, query: search.slice(1), isPush: service === 'git-receive-pack' };
}

/** Names do not tell case apart, folders may. */
export function directoryOf(owner: string, name: string): string {
  return `${owner}/${name}.git`.toLowerCase();
}

function isAllowed(identity: Identity, repository: ForgeRepository, isPush: boolean): boolean {
  if (identity.kind === 'anonymous') return !isPush && !repository.private;
  return identity.kind === 'user';
}

/** Asks for credentials, unless they are good: then there is no such repository. */
function refuse(request: IncomingMessage, response: ServerResponse, { kind }: Identity): true {
  if (kind === 'user') response.writeHead(404).end();
  else response.writeHead(401, { 'www-authenticate': 'Basic realm="Gitea"' }).end();
  request.resume();
  return true;
}
