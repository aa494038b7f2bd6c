import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectCache } from '../cluster/object-cache.ts';
import { ROLLOUTS } from '../cluster/resources.ts';
import { Cleanup } from '../lib/cleanup.ts';
import { unstoppable, withSignal, type Scope } from '../lib/scope.ts';
import type { Rollout } from '../model/rollout.ts';
import type { CommandContext } from './command-context.ts';
import { applyDemoSync, createDemoWebhook, DEMO } from './demo-objects.ts';
import { followRollout } from './follow-rollout.ts';
import { startServiceProcess } from './service-process.ts';
import { startSandbox, type Sandbox } from './start-sandbox.ts';

const FOLLOW_PATIENCE_MS = 20_000;

/** A sandbox with a repository, a Sync and the real service as a process of its own. */
export interface Demo {
  readonly sandbox: Sandbox;
  readonly rollouts: ObjectCache<Rollout>;
  /** Clone URL, without credentials and with the demo user's. */
  readonly cloneUrl: string;
  readonly pushUrl: string;
  readonly repositoryPage: string;
  /** The service's pages. */
  readonly serviceUrl: string;
  readonly serviceLog: string;
  /** Rejects when the service ends by itself. */
  readonly serviceEnded: Promise<never>;
  /** Ends everything in order and removes what was written. */
  stop(): Promise<void>;
}

/**
 * Starts everything on loopback and free ports. Stopped half way, it ends what it had started and
 * rejects with the scope's reason; once started, only `stop` ends it.
 *
 * @param files content of the repository's first commit
 */
export async function startDemo(
  files: Readonly<Record<string, string>>,
  context: CommandContext,
): Promise<Demo> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const { signal } = context.scope;
    const scope = unstoppable(context.scope);
    const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-demo-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const { sandbox, rollouts } = await startWatchedSandbox(context, cleanup, scope);
    signal.throwIfAborted();
    const { owner, repository: name } = DEMO;
    const repository = await sandbox.git.createRepository(owner, name, files);
    const service = await startDemoService(folder, { sandbox, context, cleanup }, scope);
    signal.throwIfAborted();
    await applyDemoSync(repository.url, webhookSecret(sandbox), sandbox, scope);
    const pushUrl = new URL(repository.url);
    pushUrl.username = sandbox.user.login;
    pushUrl.password = sandbox.user.token;
    return {
      sandbox,
      rollouts,
      cloneUrl: repository.url,
      pushUrl: pushUrl.href,
      repositoryPage: repository.pageUrl,
      ...service,
      stop: () => cleanup.run(),
    };
  });
}

const webhookSecret = ({ bot }: Sandbox): string => bot.token;

/** Whoever pushes to the sandbox sees the rollout of their commit. */
async function startWatchedSandbox(
  context: CommandContext,
  cleanup: Cleanup,
  scope: Scope,
): Promise<Pick<Demo, 'sandbox' | 'rollouts'>> {
  let rollouts: ObjectCache<Rollout> | undefined;
  const sandbox = await startSandbox(
    {
      followPush: async ({ ref, newOid }, write, signal) => {
        if (ref !== 'refs/heads/main' || !rollouts) return;
        const push = { oid: newOid, patienceMs: FOLLOW_PATIENCE_MS };
        await followRollout(rollouts, push, write, withSignal(scope, signal));
      },
    },
    context,
    scope,
  );
  cleanup.add(() => sandbox.stop());
  const watching = new AbortController();
  rollouts = new ObjectCache<Rollout>({ client: sandbox.client, path: ROLLOUTS });
  rollouts.start(withSignal(scope, watching.signal));
  cleanup.add(async () => {
    watching.abort(new Error('the demo ended'));
  });
  await rollouts.synced;
  return { sandbox, rollouts };
}

interface DemoGround {
  readonly sandbox: Sandbox;
  readonly context: CommandContext;
  readonly cleanup: Cleanup;
}

async function startDemoService(
  folder: string,
  { sandbox, context, cleanup }: DemoGround,
  scope: Scope,
): Promise<Pick<Demo, 'serviceUrl' | 'serviceLog' | 'serviceEnded'>> {
  const address = `127.0.0.1:${String(await freePort())}`;
  const serviceUrl = `http://${address}`;
  await createDemoWebhook(`${serviceUrl}/webhooks`, webhookSecret(sandbox), sandbox, scope);
  const serviceLog = join(folder, 'service.log');
  const args = [
    `--kubeconfig=${sandbox.kubeconfig}`,
    `--cluster-name=${DEMO.cluster}`,
    `--listen=${address}`,
    `--public-url=${serviceUrl}`,
    `--mirrors=${join(folder, 'mirrors')}`,
  ];
  const service = startServiceProcess({ args, logFile: serviceLog }, context, scope);
  cleanup.add(() => service.stop());
  return { serviceUrl, serviceLog, serviceEnded: service.ended };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
