import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '../cluster/kube-client.ts';
import { openForge, type OpenForge } from '../forge/forge-registry.ts';
import type { Scope } from '../lib/scope.ts';
import { sha256 } from '../lib/sha256.ts';
import { ClusterView } from '../reconcile/cluster-view.ts';
import type { ReconcileContext } from '../reconcile/reconcile-context.ts';
import { startService, type Service } from '../reconcile/service.ts';
import { cachesSynced, startCaches } from '../reconcile/start-caches.ts';
import { createGitSource } from '../source/create-git-source.ts';

export interface ServiceOptions {
  readonly clusterName: string;
  readonly publicUrl: string | undefined;
  /** Where Git mirrors lie; a temporary folder when absent. */
  readonly mirrors: string | undefined;
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

/** Starts caches, Git worker and loop; resolves when the first look at the cluster is done. */
export async function runService(
  options: ServiceOptions,
  client: KubeClient,
  scope: Scope,
): Promise<RunningService> {
  const cacheDir = options.mirrors ?? (await mkdtemp(join(tmpdir(), 'kudo-gitops-mirrors-')));
  const workerFile = join(options.programFolder, 'git.worker.js');
  const source = createGitSource({ cacheDir, workerFile }, scope);
  const caches = startCaches(client, Math.random, scope);
  const view = new ClusterView(caches, scope.clock);
  await cachesSynced(caches);
  const forges = new ForgeCache();
  const context: ReconcileContext = {
    client,
    source,
    view,
    forgeFor: (settings, secret) => forges.get(settings, secret),
    clusterName: options.clusterName,
    publicUrl: options.publicUrl,
    random: Math.random,
  };
  const service = startService(context, scope);
  return {
    service,
    context,
    close: async () => {
      await service.ended();
      await source.close();
      forges.close();
      if (options.mirrors === undefined) await rm(cacheDir, { recursive: true, force: true });
    },
  };
}

type ForgeFor = ReconcileContext['forgeFor'];

/** One connection pool a repository and token; a renewed token gets its own. */
class ForgeCache {
  readonly #open = new Map<string, { readonly identity: string; readonly forge: OpenForge }>();

  get(...[settings, secret]: Parameters<ForgeFor>): OpenForge {
    const { url, forge } = settings;
    const identity = sha256(JSON.stringify([forge, secret]));
    const known = this.#open.get(url);
    if (known?.identity === identity) return known.forge;
    known?.forge.close();
    const opened = openForge({
      type: forge?.type ?? 'gitea',
      url,
      apiUrl: forge?.apiUrl,
      token: secret.token,
      ca: secret.ca,
    });
    this.#open.set(url, { identity, forge: opened });
    return opened;
  }

  close(): void {
    for (const { forge } of this.#open.values()) forge.close();
  }
}
