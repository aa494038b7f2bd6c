import { join } from 'node:path';
import { createKubeClient } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { KubeError, type KubeClient, type ResourcePath } from '../../src/cluster/kube-client.ts';
import { INSTANCES } from '../../src/cluster/resources.ts';
import { runService, type RunningService } from '../../src/commands/run-service.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import { liveScope } from './scope.ts';

/** A write of an Instance that the API server or KUDO did not take. */
export interface RefusedWrite {
  readonly key: string;
  readonly code: number;
  readonly message: string;
}

/** The real service in this process; it can be ended in the middle of everything and begun anew. */
export class RestartedService {
  static readonly userAgent = 'kudo-gitops-proof';
  /** Writes of Instances that were refused, over all lives. */
  readonly refused: RefusedWrite[] = [];
  readonly #sandbox: Sandbox;
  #scope = liveScope();
  #running: RunningService | undefined;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  async start(): Promise<void> {
    const access = await loadKubeConfig({ kubeconfig: this.#sandbox.kubeconfig, env: {} });
    const client = createKubeClient(access, { userAgent: RestartedService.userAgent });
    const options = {
      clusterName: 'test',
      publicUrl: undefined,
      packageHosts: [],
      programFolder: join(import.meta.dirname, '../../dist'),
    };
    this.#scope = liveScope();
    this.#running = await runService(options, noting(client, this.refused), this.#scope);
  }

  /** What was under way is cut off where it is. */
  async stop(): Promise<void> {
    this.#scope.stop();
    await this.#running?.close();
    this.#running = undefined;
  }
}

function noting(client: KubeClient, refused: RefusedWrite[]): KubeClient {
  const note =
    ({ plural, namespace = '', name = '' }: ResourcePath) =>
    (thrown: unknown): never => {
      if (plural === INSTANCES.plural && thrown instanceof KubeError) {
        const { code, message } = thrown;
        refused.push({ key: `${namespace}/${name}`, code, message });
      }
      throw thrown;
    };
  return {
    server: client.server,
    get: async (path, scope) => client.get(path, scope),
    list: async (path, options, scope) => client.list(path, options, scope),
    create: async (path, body, options, scope) =>
      client.create<never>(path, body, options, scope).catch(note({ ...path, name: nameIn(body) })),
    replace: async (path, body, options, scope) =>
      client.replace<never>(path, body, options, scope).catch(note(path)),
    patch: async (path, patch, scope) => client.patch<never>(path, patch, scope).catch(note(path)),
    delete: async (path, options, scope) => client.delete(path, options, scope),
    watch: (path, options, scope) => client.watch(path, options, scope),
    getRaw: async (path, scope) => client.getRaw(path, scope),
  };
}

function nameIn(body: unknown): string {
  return (body as { readonly metadata: { readonly name: string } }).metadata.name;
}
