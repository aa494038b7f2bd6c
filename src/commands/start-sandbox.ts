import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GITOPS_CRDS } from '../cluster/gitops-crds.ts';
import { createKubeClient } from '../cluster/http-kube-client.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { loadKubeConfig } from '../cluster/kube-config.ts';
import { KUDO_CRDS } from '../cluster/kudo-crds.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, MUTATING_WEBHOOKS } from '../cluster/resources.ts';
import { boundedRenderer } from '../engine/bounded-renderer.ts';
import { startEngine } from '../engine/start-engine.ts';
import { ADMISSION_PATH, webhookConfiguration } from '../engine/webhook-configuration.ts';
import { Cleanup } from '../lib/cleanup.ts';
import type { Scope } from '../lib/scope.ts';
import { issueServingCertificate } from '../lib/serving-certificate.ts';
import {
  startApiServer,
  type ApiServerOptions,
  type SandboxApiServer,
} from '../sandbox/api-server.ts';
import type { FollowPush } from '../sandbox/git-push-follower.ts';
import { startGitServer, type SandboxGitServer } from '../sandbox/git-server.ts';
import type { CommandContext } from './command-context.ts';

export interface SandboxOptions {
  readonly followPush?: FollowPush;
  readonly apiServer?: ApiServerOptions;
  /** Port of the Git server; a free one when absent. */
  readonly gitPort?: number | undefined;
}

/** A whole world on loopback: Kubernetes API server, engine, Git server with a small forge. */
export interface Sandbox {
  readonly api: SandboxApiServer;
  readonly git: SandboxGitServer;
  readonly client: KubeClient;
  /** Path of a kubeconfig for kubectl and everything else. */
  readonly kubeconfig: string;
  /** A user of the forge and their token, which is also their password. */
  readonly user: { readonly login: string; readonly token: string };
  /** The service's user at the forge. */
  readonly bot: { readonly login: string; readonly token: string };
  /** Ends everything and removes what it wrote. */
  stop(): Promise<void>;
}

const YEAR_MS = 365 * 24 * 3_600_000;

type SandboxContext = Pick<CommandContext, 'env' | 'version' | 'programFolder'>;

/** Starts everything, on free ports unless told. What it had started ends when a part cannot be started. */
export async function startSandbox(
  options: SandboxOptions,
  context: SandboxContext,
  scope: Scope,
): Promise<Sandbox> {
  const cleanup = new Cleanup();
  return cleanup.guard(async () => {
    const kubernetes = await startKubernetes(options.apiServer ?? {}, context, { cleanup, scope });
    await startSandboxEngine(kubernetes.client, context, { cleanup, scope });
    const user = { login: 'you', token: randomBytes(12).toString('hex') };
    const bot = { login: 'kudo-gitops', token: randomBytes(12).toString('hex') };
    const git = await startGitServer(
      {
        users: [user, bot],
        path: context.env['PATH'] ?? '',
        nodePath: process.execPath,
        ...(options.gitPort === undefined ? {} : { port: options.gitPort }),
        ...(options.followPush ? { followPush: options.followPush } : {}),
      },
      scope,
    );
    cleanup.add(() => git.stop());
    return { ...kubernetes, git, user, bot, stop: () => cleanup.run() };
  });
}

interface Ground {
  readonly cleanup: Cleanup;
  readonly scope: Scope;
}

async function startKubernetes(
  options: ApiServerOptions,
  { version }: SandboxContext,
  { cleanup, scope }: Ground,
): Promise<Pick<Sandbox, 'api' | 'client' | 'kubeconfig'>> {
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-sandbox-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const api = await startApiServer(options, scope);
  cleanup.add(() => api.stop());
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, api.kubeconfig(), { mode: 0o600 });
  const access = await loadKubeConfig({ kubeconfig, env: {} });
  const client = createKubeClient(access, { userAgent: `kudo-gitops-sandbox/${version}` });
  for (const crd of [...KUDO_CRDS, ...GITOPS_CRDS]) {
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd, {}, scope);
  }
  return { api, client, kubeconfig };
}

/** The engine answers admission over HTTPS, exactly as it would for a real cluster. */
async function startSandboxEngine(
  client: KubeClient,
  { programFolder }: SandboxContext,
  { cleanup, scope }: Ground,
): Promise<void> {
  const certificate = await issueServingCertificate(
    { hosts: ['127.0.0.1'], validMs: YEAR_MS },
    scope.clock.now(),
  );
  const webhook = { host: '127.0.0.1', port: 0, certificate };
  const renderer = boundedRenderer(join(programFolder, 'render.worker.js'), scope);
  cleanup.add(() => renderer.close());
  const engine = await startEngine({ client, render: renderer.render, webhook }, scope);
  cleanup.add(() => engine.stop());
  const url = `https://127.0.0.1:${String(engine.webhookPort)}${ADMISSION_PATH}`;
  const registration = webhookConfiguration({ url, caBundle: certificate.caPem });
  await client.create(MUTATING_WEBHOOKS, registration, {}, scope);
}
