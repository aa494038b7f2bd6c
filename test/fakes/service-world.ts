import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createKubeClient } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import type { Resource, ResourcePath } from '../../src/cluster/kube-client.ts';
import { INSTANCES, NAMESPACES, pathOf, SECRETS, SYNCS } from '../../src/cluster/resources.ts';
import { runService, type RunningService } from '../../src/commands/run-service.ts';
import { startSandbox, type Sandbox } from '../../src/commands/start-sandbox.ts';
import { openForge, type OpenForge } from '../../src/forge/forge-registry.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { oidOf } from '../../src/model/revision.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import type { Sync } from '../../src/model/sync.ts';
import { keptStatuses } from './forge-statuses.ts';
import { liveScope } from './scope.ts';

const run = promisify(execFile);
const ANN = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.org',
};
const USER_AGENT = 'kudo-gitops-service';

/** The real service against a sandbox, in this process; each test takes a {@link Fleet} of its own. */
export class ServiceWorld {
  readonly sandbox: Sandbox;
  readonly scope: ReturnType<typeof liveScope>;
  readonly #outer: ReturnType<typeof liveScope>;
  readonly #running: RunningService;
  #fleets = 0;

  private constructor(
    sandbox: Sandbox,
    running: RunningService,
    scopes: { outer: ReturnType<typeof liveScope>; scope: ReturnType<typeof liveScope> },
  ) {
    this.sandbox = sandbox;
    this.#running = running;
    this.scope = scopes.scope;
    this.#outer = scopes.outer;
  }

  /** `clock` is the service's; servers keep the real one. */
  static async start(clock?: Scope['clock']): Promise<ServiceWorld> {
    const outer = liveScope();
    const scope = { ...liveScope(), ...(clock ? { clock } : {}) };
    const programFolder = join(import.meta.dirname, '../../dist');
    const place = { env: process.env, version: 'test', programFolder };
    const sandbox = await startSandbox({}, place, outer);
    const access = await loadKubeConfig({ kubeconfig: sandbox.kubeconfig, env: {} });
    const client = createKubeClient(access, { userAgent: USER_AGENT });
    const options = {
      clusterName: 'test',
      publicUrl: 'http://pages.example',
      packageHosts: ['127.0.0.1'],
      programFolder,
    };
    const running = await runService(options, client, scope);
    return new ServiceWorld(sandbox, running, { outer, scope });
  }

  async stop(): Promise<void> {
    this.scope.stop();
    await this.#running.close();
    await this.sandbox.stop();
    this.#outer.stop();
  }

  get running(): RunningService {
    return this.#running;
  }

  /** A namespace, a repository and a Sync; nothing is looked at before `sync()`. */
  async fleet(files?: Readonly<Record<string, string>>): Promise<Fleet> {
    this.#fleets += 1;
    const name = `fleet${String(this.#fleets)}`;
    const { url } = await this.sandbox.git.createRepository('shop', name, files);
    const { client, user, bot } = this.sandbox;
    const v1 = { apiVersion: 'v1' };
    await client.create(
      NAMESPACES,
      { ...v1, kind: 'Namespace', metadata: { name } },
      {},
      this.#outer,
    );
    const work = await mkdtemp(join(tmpdir(), 'kudo-gitops-fleet-'));
    const pushUrl = new URL(url);
    pushUrl.username = user.login;
    pushUrl.password = user.token;
    const credentials = { kind: 'token', token: bot.token } as const;
    const forge = openForge({ type: 'gitea', url, credentials });
    const fleet = new Fleet({ name, url, work, forge, world: this, scope: this.#outer });
    await fleet.secret('repository', { username: bot.login, password: bot.token });
    await fleet.secret('forge', { token: bot.token, webhookSecret: 'webhook-secret' });
    await fleet.git('clone', '--quiet', pushUrl.href, '.');
    return fleet;
  }

  /** Requests of the service to the API server since a moment, as `METHOD path`. */
  serviceRequests(since = 0): readonly string[] {
    const requests = this.sandbox.api.requests.slice(since);
    return requests
      .filter(({ userAgent }) => userAgent.startsWith(USER_AGENT))
      .map(({ method, path }) => `${method} ${path}`);
  }
}

interface FleetParts {
  readonly name: string;
  readonly url: string;
  readonly work: string;
  readonly forge: OpenForge;
  readonly world: ServiceWorld;
  readonly scope: Scope;
}

/** One repository with its Sync, as people and the forge see it. */
export class Fleet {
  /** Of the Sync, the namespace and the repository. */
  readonly name: string;
  readonly url: string;
  readonly forge: OpenForge;
  readonly #parts: FleetParts;

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.url = parts.url;
    this.forge = parts.forge;
  }

  async git(...args: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: this.#parts.work, ...ANN };
    return (await run('git', args, { cwd: this.#parts.work, env })).stdout.trim();
  }

  /** Commits files by path (null removes one) without pushing; returns the commit. */
  async commit(files: Readonly<Record<string, string | null>>, subject: string): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.#parts.work, path);
      // oxlint-disable-next-line no-await-in-loop
      await mkdir(dirname(file), { recursive: true });
      // oxlint-disable-next-line no-await-in-loop
      await (text === null ? rm(file) : writeFile(file, text));
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', subject);
    return this.git('rev-parse', 'HEAD');
  }

  async push(): Promise<void> {
    await this.git('push', '--quiet', 'origin', 'HEAD:main');
  }

  /** Commits, pushes, and asks for a look as a webhook would. */
  async pushed(
    files: Readonly<Record<string, string | null>>,
    subject = 'A change',
  ): Promise<string> {
    const oid = await this.commit(files, subject);
    await this.push();
    this.lookNow();
    return oid;
  }

  lookNow(): void {
    this.#parts.world.running.service.lookNow(`${this.name}/${this.name}`);
  }

  head(): Promise<string> {
    return this.git('rev-parse', 'HEAD');
  }

  async secret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const path = { ...SECRETS, namespace: this.name };
    const encoded = Object.entries(values).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]);
    const data = Object.fromEntries(encoded) as Record<string, string>;
    const body = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: this.name },
      type: 'Opaque',
      data,
    };
    const { client } = this.#parts.world.sandbox;
    const { scope } = this.#parts;
    await client.create(path, body, {}, scope).catch(async () => {
      await client.patch({ ...path, name }, { type: 'merge', body: { data } }, scope);
    });
  }

  /** Creates the Sync; what `spec` says wins. */
  async sync(spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const body = {
      apiVersion: API_VERSION,
      kind: 'Sync',
      metadata: { name: this.name, namespace: this.name },
      spec: {
        url: this.url,
        interval: '1s',
        secretRef: { name: 'repository' },
        forge: { type: 'gitea', secretRef: { name: 'forge' } },
        ...spec,
      },
    };
    await this.create(SYNCS, body);
  }

  async create(resource: Resource, body: unknown): Promise<KubeObject> {
    const { client } = this.#parts.world.sandbox;
    return client.create({ ...resource, namespace: this.name }, body, {}, this.#parts.scope);
  }

  async patch(resource: ResourcePath, name: string, body: unknown): Promise<void> {
    const { client } = this.#parts.world.sandbox;
    const path = { ...resource, namespace: this.name, name };
    await client.patch(path, { type: 'merge', body }, this.#parts.scope);
  }

  async remove(resource: Resource, name: string): Promise<void> {
    const { client } = this.#parts.world.sandbox;
    await client.delete({ ...resource, namespace: this.name, name }, {}, this.#parts.scope);
  }

  /** `Ready=False Unreachable: message` and the other conditions, as the API server has them. */
  async conditions(): Promise<Record<string, string>> {
    const { client } = this.#parts.world.sandbox;
    const key = `${this.name}/${this.name}` as const;
    const sync = await client.get<Sync>(pathOf(SYNCS, key), this.#parts.scope);
    return Object.fromEntries(
      (sync.status?.conditions ?? []).map(({ type, status, reason, message }) => [
        type,
        `${status} ${reason}: ${message}`,
      ]),
    );
  }

  async ready(): Promise<string> {
    return (await this.conditions())['Ready'] ?? '';
  }

  /** `state: description` of the newest roll-up status. */
  async status(commit: string): Promise<string> {
    const context = `kudo-gitops/test/${this.name}/${this.name}`;
    const status = await this.forge.newestStatus(commit, context, this.#parts.scope);
    return status ? `${status.state}: ${status.description}` : 'none';
  }

  /** Every status under a commit, oldest first: those of one Instance, or those of none. */
  async statuses(commit: string, instance = ''): Promise<readonly string[]> {
    const own = `kudo-gitops/test/${this.name}/${this.name}/${instance}`;
    const { git, bot } = this.#parts.world.sandbox;
    const access = { url: git.url, token: bot.token };
    const all = await keptStatuses(access, `shop/${this.name}`, commit);
    return all
      .filter(({ context }) => (instance === '' ? !context.startsWith(own) : context === own))
      .map(({ status, description }) => `${status}: ${description}`);
  }

  async instance(name: string): Promise<Instance | undefined> {
    const { client } = this.#parts.world.sandbox;
    return client
      .get<Instance>(pathOf(INSTANCES, `${this.name}/${name}`), this.#parts.scope)
      .catch(() => undefined);
  }

  /** Rollouts of a commit in the order of their attempts. */
  rollouts(commit: string): readonly Rollout[] {
    return this.#parts.world.running.context.view.caches.rollouts
      .list()
      .filter(({ metadata, spec }) => {
        return metadata.namespace === this.name && oidOf(spec.revision) === commit;
      })
      .toSorted((a, b) => a.spec.attempt - b.spec.attempt);
  }

  async leave(): Promise<void> {
    this.forge.close();
    await this.remove(SYNCS, this.name).catch(() => undefined);
    await rm(this.#parts.work, { recursive: true, force: true });
  }
}
