import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ObjectCache } from '../cluster/object-cache.ts';
import { NAMESPACES, ROLLOUTS, SECRETS, SYNCS } from '../cluster/resources.ts';
import { forgeHttp } from '../forge/forge-http.ts';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { API_VERSION } from '../model/names.ts';
import { oidOf } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { CommandContext } from './command-context.ts';
import { followRollout } from './follow-rollout.ts';
import { startSandbox, type Sandbox } from './start-sandbox.ts';

/** The demo's names. */
export const DEMO = {
  owner: 'shop',
  repository: 'fleet',
  namespace: 'shop',
  sync: 'fleet',
  cluster: 'sandbox',
} as const;

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
  stop(): Promise<void>;
}

/**
 * Starts everything on loopback and free ports.
 *
 * @param files content of the repository's first commit
 */
export async function startDemo(
  files: Readonly<Record<string, string>>,
  context: CommandContext,
): Promise<Demo> {
  const { scope } = context;
  const stopping = new AbortController();
  const inner = withSignal({ ...scope, signal: new AbortController().signal }, stopping.signal);
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-demo-'));
  let rollouts: ObjectCache<Rollout> | undefined;
  const sandbox = await startSandbox(
    {
      followPush: async ({ ref, newOid }, write, signal) => {
        if (ref !== 'refs/heads/main' || !rollouts) return;
        await followRollout(
          rollouts,
          { oid: newOid, patienceMs: FOLLOW_PATIENCE_MS },
          write,
          withSignal(inner, signal),
        );
      },
    },
    context,
    inner,
  );
  rollouts = new ObjectCache<Rollout>({ client: sandbox.client, path: ROLLOUTS });
  rollouts.start(inner);
  await rollouts.synced;
  const repository = await sandbox.git.createRepository(DEMO.owner, DEMO.repository, files);
  const port = await freePort();
  const serviceUrl = `http://127.0.0.1:${String(port)}`;
  const webhookSecret = sandbox.bot.token;
  await createWebhook(`${serviceUrl}/webhooks`, webhookSecret, sandbox, inner);
  const serviceLog = join(folder, 'service.log');
  const service = startServiceProcess({ sandbox, port, serviceUrl, serviceLog }, context);
  await applySync(repository.url, webhookSecret, sandbox, inner);
  const pushUrl = new URL(repository.url);
  pushUrl.username = sandbox.user.login;
  pushUrl.password = sandbox.user.token;
  return {
    sandbox,
    rollouts,
    cloneUrl: repository.url,
    pushUrl: pushUrl.href,
    repositoryPage: repository.pageUrl,
    serviceUrl,
    serviceLog,
    serviceEnded: service.ended,
    stop: async () => {
      await service.stop();
      await sandbox.stop();
      stopping.abort(new Error('the demo ended'));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** True once every Rollout of the commit has its verdict. */
export function hasVerdict(rollouts: ObjectCache<Rollout>, oid: string): boolean {
  const own = rollouts.list().filter(({ spec }) => oidOf(spec.revision) === oid);
  return (
    own.length > 0 && own.every(({ status }) => (status?.phase ?? 'progressing') !== 'progressing')
  );
}

interface ServiceProcess {
  readonly ended: Promise<never>;
  stop(): Promise<void>;
}

function startServiceProcess(
  at: { sandbox: Sandbox; port: number; serviceUrl: string; serviceLog: string },
  { programFolder, env }: CommandContext,
): ServiceProcess {
  const args = [
    join(programFolder, 'kudo-gitops.js'),
    'run',
    `--kubeconfig=${at.sandbox.kubeconfig}`,
    `--cluster-name=${DEMO.cluster}`,
    `--listen=127.0.0.1:${String(at.port)}`,
    `--public-url=${at.serviceUrl}`,
  ];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...env },
    // Ctrl-C in a terminal goes to the whole group; the demo stops the service itself, in order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.pipe(createWriteStream(at.serviceLog));
  let stopping = false;
  const ended = (async (): Promise<never> => {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (stopping) return new Promise<never>(() => undefined);
    const hint = `its log is in ${at.serviceLog}`;
    throw new Failure('unreachable', `the service ended with ${String(code)}`, { hint });
  })();
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      stopping = true;
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function applySync(
  url: string,
  webhookSecret: string,
  { client, bot }: Sandbox,
  scope: Scope,
): Promise<void> {
  const { namespace, sync: name } = DEMO;
  const v1 = { apiVersion: 'v1' };
  await client.create(
    NAMESPACES,
    { ...v1, kind: 'Namespace', metadata: { name: namespace } },
    {},
    scope,
  );
  const secrets = {
    'fleet-repository': { username: bot.login, password: bot.token },
    'fleet-forge': { token: bot.token, webhookSecret },
  };
  for (const [secret, stringData] of Object.entries(secrets)) {
    const data = Object.fromEntries(
      Object.entries(stringData).map(([key, value]) => [
        key,
        Buffer.from(value).toString('base64'),
      ]),
    );
    const body = {
      ...v1,
      kind: 'Secret',
      metadata: { name: secret, namespace },
      type: 'Opaque',
      data,
    };
    await client.create({ ...SECRETS, namespace }, body, {}, scope);
  }
  const body = {
    apiVersion: API_VERSION,
    kind: 'Sync',
    metadata: { name, namespace },
    spec: {
      url,
      ref: { branch: 'main' },
      paths: ['operators', 'shop'],
      interval: '10s',
      secretRef: { name: 'fleet-repository' },
      forge: { type: 'gitea', secretRef: { name: 'fleet-forge' } },
    },
  };
  await client.create({ ...SYNCS, namespace }, body, {}, scope);
}

async function createWebhook(
  url: string,
  secret: string,
  { git, user }: Sandbox,
  scope: Scope,
): Promise<void> {
  const apiBase = `${git.url}/api/v1/repos/${DEMO.owner}/${DEMO.repository}`;
  const api = forgeHttp({ apiBase, authorization: `token ${user.token}` });
  const config = { url, content_type: 'json', secret };
  const body = { type: 'gitea', active: true, events: ['push', 'pull_request'], config };
  try {
    await api.call({ method: 'POST', path: '/hooks', body }, z.unknown(), scope);
  } finally {
    api.close();
  }
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
