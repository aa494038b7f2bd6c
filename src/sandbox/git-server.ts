import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { messageOf } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { forgeApi } from './forge-api.ts';
import type { ForgeEnv, ForgeServices } from './forge-context.ts';
import { WebhookDelivery } from './forge-delivery.ts';
import { ForgeEvents } from './forge-events.ts';
import { ForgeFaults } from './forge-faults.ts';
import { identify } from './forge-identity.ts';
import { ForgeJson } from './forge-json.ts';
import { forgePages } from './forge-pages.ts';
import { ForgeState, type ForgeRepository, type SandboxUser } from './forge-state.ts';
import { gitBackend } from './git-backend.ts';
import {
  BareRepository,
  DEFAULT_BRANCH,
  NO_COMMIT,
  type GitWorkshop,
} from './git-bare-repository.ts';
import { gitEnvironment } from './git-command.ts';
import { PushFollower, writeHook, type FollowPush, type RefsMoved } from './git-push-follower.ts';
import { directoryOf, serveGit, type GitRoute } from './git-route.ts';

export interface GitServerOptions {
  readonly users: readonly SandboxUser[];
  /** `PATH` of the machine, where `git` is found. */
  readonly path: string;
  /** The Node.js program, for the hook. */
  readonly nodePath: string;
  /** Any free port when absent. */
  readonly port?: number;
  /** Shows the pusher what comes of a push; nothing is shown without. */
  readonly followPush?: FollowPush;
}

export interface SandboxRepository {
  /** For `git clone`, without credentials. */
  readonly url: string;
  readonly pageUrl: string;
  /** The first commit, when there were files for one. */
  readonly head: string | undefined;
}

export interface SandboxGitServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `files` by path become the first commit of `main`, as if the first user had pushed it. */
  createRepository(
    owner: string,
    name: string,
    files?: Readonly<Record<string, string>>,
  ): Promise<SandboxRepository>;
  /** Makes requests fail, and tells which came. */
  readonly faults: ForgeFaults;
  /** Ends what it started and removes what it wrote. Also happens when the scope is stopped. */
  stop(): Promise<void>;
}

/**
 * A Git server with a small forge on loopback: repositories through `git http-backend`, the part of Gitea's
 * API that a GitOps service needs, plain pages, webhooks. Everything is in memory and in a folder of its own
 * that is removed at the end.
 *
 * @throws {Failure} `missing` when there is no git
 */
export async function startGitServer(
  options: GitServerOptions,
  outerScope: Scope,
): Promise<SandboxGitServer> {
  const stopping = new AbortController();
  const scope = withSignal(outerScope, stopping.signal);
  const directory = await mkdtemp(join(tmpdir(), 'kudo-gitops-git-'));
  const projectRoot = join(directory, 'repositories');
  const workshop = await openWorkshop(directory, options, scope);
  const run = { cwd: directory, env: workshop.env, signal: scope.signal };
  const backend = await gitBackend(projectRoot, run).catch(async (thrown: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw thrown;
  });
  const server = createServer();
  const url = await listen(server, options.port ?? 0);
  const services = openForge(url, options.users, { projectRoot, workshop, scope });
  const refsMoved: RefsMoved = async ({ repository, user }, updates) => {
    await services.events.refsMoved(repository, updates, user);
  };
  const follower = new PushFollower(options.followPush, refsMoved, scope);
  const faults = new ForgeFaults();
  server.on('request', requestListener(services, { backend, follower, faults }));

  const stop = stopOnce(async () => {
    stopping.abort();
    server.closeAllConnections();
    server.close();
    await backend.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  outerScope.signal.addEventListener('abort', () => void stop());

  return {
    url,
    faults,
    stop,
    createRepository: async (owner, name, files) => {
      const settings = { private: false, description: '' };
      const repository = await services.createRepository(owner, name, settings);
      const at = { url: `${url}/${owner}/${name}.git`, pageUrl: `${url}/${owner}/${name}` };
      const head = files && (await firstCommit(services, repository, files));
      return { ...at, head };
    },
  };
}

interface ForgeGround {
  readonly projectRoot: string;
  readonly workshop: GitWorkshop;
  readonly scope: Scope;
}

function openForge(
  url: string,
  users: readonly SandboxUser[],
  { projectRoot, workshop, scope }: ForgeGround,
): ForgeServices {
  const state = new ForgeState(users);
  const json = new ForgeJson(url);
  const events = new ForgeEvents(url, json, new WebhookDelivery(scope), scope.clock);
  return {
    url,
    state,
    json,
    events,
    scope,
    createRepository: async (owner, name, settings) => {
      const git = new BareRepository(join(projectRoot, directoryOf(owner, name)), workshop);
      await git.create();
      const repository: ForgeRepository = {
        ...settings,
        id: state.nextId(),
        owner,
        name,
        git,
        createdAt: scope.clock.now(),
        statuses: new Map(),
        pulls: [],
        hooks: [],
        empty: true,
      };
      state.add(repository);
      return repository;
    },
  };
}

async function firstCommit(
  { state, events, scope }: ForgeServices,
  repository: ForgeRepository,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const [author] = state.users;
  if (!author) throw new Error('a first commit needs a user as its author');
  const by = { name: author.login, email: author.email, atMs: scope.clock.now() };
  const head = await repository.git.commitFiles(files, by);
  const update = { ref: `refs/heads/${DEFAULT_BRANCH}`, oldOid: NO_COMMIT, newOid: head };
  await events.refsMoved(repository, [update], author);
  return head;
}

async function openWorkshop(
  directory: string,
  { path, nodePath }: GitServerOptions,
  { signal }: Scope,
): Promise<GitWorkshop> {
  const hooksDirectory = join(directory, 'hooks');
  const worktreesDirectory = join(directory, 'worktrees');
  await mkdir(worktreesDirectory);
  await writeHook(hooksDirectory, nodePath);
  return { env: gitEnvironment(path, directory), signal, hooksDirectory, worktreesDirectory };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function requestListener(
  services: ForgeServices,
  { faults, ...route }: GitRoute & { readonly faults: ForgeFaults },
): (request: IncomingMessage, response: ServerResponse) => void {
  const app = new Hono<ForgeEnv>();
  app.use(async (c, next) => {
    c.set('identity', identify(c.req.header('authorization'), services.state));
    await next();
  });
  app.route('/api/v1', forgeApi(services));
  app.route('/', forgePages(services));
  const forge = getRequestListener(app.fetch, { overrideGlobalObjects: false });

  return (request, response) => {
    const handle = async (): Promise<void> => {
      if (route.follower.isHook(request.url ?? '')) return route.follower.serve(request, response);
      if (await faults.intercept(request, response, services.scope)) return;
      if (await serveGit(services, route, request, response)) return;
      await forge(request, response);
    };
    handle().catch((thrown: unknown) => {
      services.scope.log.warn('sandbox git request failed', { reason: messageOf(thrown) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
}

function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return async () => {
    stopped ??= stop();
    await stopped;
  };
}
