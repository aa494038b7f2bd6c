import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubeClient } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import type { KubeClient, WatchEvent } from '../../src/cluster/kube-client.ts';
import { INSTANCES, MUTATING_WEBHOOKS } from '../../src/cluster/resources.ts';
import { startEngine, type Engine } from '../../src/engine/start-engine.ts';
import { webhookConfiguration } from '../../src/engine/webhook-configuration.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import { issueServingCertificate } from '../../src/lib/serving-certificate.ts';
import type { Scope } from '../../src/lib/scope.ts';

/** A client for the API server of a kubeconfig text. */
export async function clientOf(kubeconfig: string): Promise<KubeClient> {
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-test-'));
  try {
    const file = join(folder, 'kubeconfig');
    await writeFile(file, kubeconfig, { mode: 0o600 });
    const access = await loadKubeConfig({ kubeconfig: file, env: {} });
    const client = createKubeClient(access, { userAgent: 'kudo-gitops/test' });
    await access.credentials();
    return client;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Our engine for an API server that has KUDO's CRDs, with its webhook registered. */
export async function startKubeEngine(client: KubeClient, scope: Scope): Promise<Engine> {
  const certificate = await issueServingCertificate(
    { hosts: ['127.0.0.1'], validMs: 3_600_000 },
    scope.clock.now(),
  );
  const webhook = { host: '127.0.0.1', port: 0, certificate };
  const engine = await startEngine({ client, webhook }, scope);
  const url = `https://127.0.0.1:${String(engine.webhookPort)}`;
  const registration = webhookConfiguration({ url, caBundle: certificate.caPem });
  await client.create(MUTATING_WEBHOOKS, registration, {}, scope);
  return engine;
}

/** Everything that a watcher of one Instance sees, and a way to wait for some of it. */
export class InstanceWatch {
  readonly seen: WatchEvent<Instance>[] = [];
  readonly #waiting: (() => void)[] = [];

  /** Sees everything that happens to the Instance from now on. */
  static async start(
    client: KubeClient,
    { namespace, name }: { readonly namespace: string; readonly name: string },
    scope: Scope,
  ): Promise<InstanceWatch> {
    const path = { ...INSTANCES, namespace };
    const fieldSelector = `metadata.name=${name}`;
    const { resourceVersion } = await client.list(path, { fieldSelector }, scope);
    const watch = new InstanceWatch();
    const events = client.watch<Instance>(path, { fieldSelector, resourceVersion }, scope);
    watch.#follow(events).catch((thrown: unknown) => {
      if (!scope.signal.aborted) throw thrown;
    });
    return watch;
  }

  /** The first state that is as expected. */
  async until(holds: (event: WatchEvent<Instance>) => boolean): Promise<Instance> {
    for (;;) {
      const found = this.seen.find(holds);
      if (found) return found.object;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #follow(events: AsyncIterable<WatchEvent<Instance>>): Promise<void> {
    for await (const event of events) {
      if (event.type !== 'BOOKMARK') this.seen.push(event);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }
}
