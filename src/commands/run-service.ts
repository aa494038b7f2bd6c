import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '../cluster/kube-client.ts';
import { keepKudoCertificate } from '../cluster/kudo-certificate.ts';
import { ForgePaces } from '../forge/forge-pace.ts';
import { forgeTypeOf, openForge, type OpenForge } from '../forge/forge-registry.ts';
import { Cleanup } from '../lib/cleanup.ts';
import type { Scope } from '../lib/scope.ts';
import { sha256 } from '../lib/sha256.ts';
import { ClusterView } from '../reconcile/cluster-view.ts';
import { pruneHistory } from '../reconcile/prune-history.ts';
import { PackageLoader } from '../reconcile/package-loader.ts';
import type { ReconcileContext } from '../reconcile/reconcile-context.ts';
import { schedulePruning } from '../reconcile/schedule-pruning.ts';
import { startService, type Service } from '../reconcile/service.ts';
import { cachesSynced, startCaches } from '../reconcile/start-caches.ts';
import { DriftEvents } from '../report/drift-events.ts';
import { ContentStore } from '../source/content-store.ts';
import { createGitSource } from '../source/create-git-source.ts';
import type { GitSource } from '../source/git-source.ts';
import type { NativeChoice } from '../source/open-transport.ts';
import type { CommandContext } from './command-context.ts';

export interface ServiceOptions {
  readonly clusterName: string;
  readonly publicUrl: string | undefined;
  /** Where Git mirrors lie; a temporary folder when absent. */
  readonly mirrors?: string | undefined;
  /** Hosts on private networks that Packages may name. */
  readonly packageHosts: readonly string[];
  /** Variables of this process, for git and proxies. */
  readonly env?: CommandContext['env'] | undefined;
  /** When native git speaks http. */
  readonly native?: NativeChoice | undefined;
  /** Folder of the built workers. */
  readonly programFolder: string;
}

/** The running service and what its pages read. */
export interface RunningService {
  readonly service: Service;
  readonly context: ReconcileContext;
  /** After the scope has stopped: waits for what is under way and removes what was temporary. */
  close(): Promise<void>;
}

/** Starts caches, Git worker, loop and what is done now and then; resolves when the first look at the cluster is done. */
export async function runService(
  options: ServiceOptions,
  client: KubeClient,
  scope: Scope,
): Promise<RunningService> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const { source, packages } = await openSource(options, cleanup, scope);
    const caches = startCaches(client, Math.random, scope);
    const view = new ClusterView(caches, scope.clock);
    await cachesSynced(caches);
    const forges = new ForgeCache(options.env ?? {});
    cleanup.add(async () => {
      forges.close();
    });
    const driftEvents = new DriftEvents(client, scope);
    cleanup.add(() => driftEvents.settled());
    const context: ReconcileContext = {
      client,
      driftEvents,
      source,
      packages,
      view,
      forgeFor: (settings, secret) => forges.get(settings, secret),
      clusterName: options.clusterName,
      publicUrl: options.publicUrl,
      random: Math.random,
    };
    const certificate = keepKudoCertificate(client, scope);
    cleanup.add(() => certificate);
    cleanup.add(schedulePruning((inner) => pruneHistory({ client, caches }, inner), scope));
    const service = startService(context, scope);
    cleanup.add(() => service.ended());
    return { service, context, close: () => cleanup.run() };
  });
}

const MAX_PACKAGE_BYTES = 512 << 20;

async function openSource(
  { mirrors, programFolder, packageHosts, env, native }: ServiceOptions,
  cleanup: Cleanup,
  scope: Scope,
): Promise<{ readonly source: GitSource; readonly packages: PackageLoader }> {
  const cacheDir = mirrors ?? (await mkdtemp(join(tmpdir(), 'kudo-gitops-mirrors-')));
  if (mirrors === undefined) cleanup.add(() => rm(cacheDir, { recursive: true, force: true }));
  const workerFile = join(programFolder, 'git.worker.js');
  const source = createGitSource({ cacheDir, workerFile, env, native }, scope);
  cleanup.add(() => source.close());
  const store = new ContentStore(join(cacheDir, 'packages'), MAX_PACKAGE_BYTES);
  const packages = new PackageLoader({ git: source, store, privateHosts: packageHosts, env });
  return { source, packages };
}

type ForgeFor = ReconcileContext['forgeFor'];

/** Connection pools kept open; the one not used for longest is closed for a new one. */
const MAX_FORGES = 64;

/** One connection pool a repository and token; a renewed token gets its own. */
class ForgeCache {
  readonly #open = new Map<string, OpenForge>();
  readonly #paces = new ForgePaces(Math.random);
  readonly #env: CommandContext['env'];

  constructor(env: CommandContext['env']) {
    this.#env = env;
  }

  get(...[settings, secret]: Parameters<ForgeFor>): OpenForge {
    const { url, forge } = settings;
    const identity = sha256(JSON.stringify([url, forge, secret]));
    const opened = this.#open.get(identity) ?? this.#openForge(settings, secret);
    this.#open.delete(identity);
    this.#open.set(identity, opened);
    const [oldest] = this.#open;
    if (oldest && this.#open.size > MAX_FORGES) {
      oldest[1].close();
      this.#open.delete(oldest[0]);
    }
    return opened;
  }

  close(): void {
    for (const forge of this.#open.values()) forge.close();
  }

  #openForge(...[{ url, forge }, secret]: Parameters<ForgeFor>): OpenForge {
    const type = forgeTypeOf(url, forge?.type);
    const environment = { paces: this.#paces, env: this.#env };
    return openForge({ type, url, apiUrl: forge?.apiUrl, ...secret }, environment);
  }
}
