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
import { startEngine } from '../engine/start-engine.ts';
import type { RenderTemplate } from '../engine/task-context.ts';
import { ADMISSION_PATH, webhookConfiguration } from '../engine/webhook-configuration.ts';
import { renderTemplate } from '../kudo/render-template.ts';
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
  stop(): Promise<void>;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** Starts everything on free ports; `stop` ends it and removes what it wrote. */
export async function startSandbox(
  options: SandboxOptions,
  { env, version }: Pick<CommandContext, 'env' | 'version'>,
  scope: Scope,
): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-sandbox-'));
  const api = await startApiServer(options.apiServer ?? {}, scope);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, api.kubeconfig(), { mode: 0o600 });
  const access = await loadKubeConfig({ kubeconfig, env: {} });
  const client = createKubeClient(access, { userAgent: `kudo-gitops-sandbox/${version}` });
  for (const crd of [...KUDO_CRDS, ...GITOPS_CRDS]) {
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd, {}, scope);
  }
  const engine = await startSandboxEngine(client, scope);
  const user = { login: 'you', token: randomBytes(12).toString('hex') };
  const bot = { login: 'kudo-gitops', token: randomBytes(12).toString('hex') };
  const git = await startGitServer(
    {
      users: [user, bot],
      path: env['PATH'] ?? '',
      nodePath: process.execPath,
      ...(options.followPush ? { followPush: options.followPush } : {}),
    },
    scope,
  );
  return {
    api,
    git,
    client,
    kubeconfig,
    user,
    bot,
    stop: async () => {
      await git.stop();
      await engine.stop();
      await api.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The engine answers admission over HTTPS, exactly as it would for a real cluster. */
async function startSandboxEngine(
  client: KubeClient,
  scope: Scope,
): Promise<{ stop(): Promise<void> }> {
  const certificate = await issueServingCertificate(
    { hosts: ['127.0.0.1'], validMs: YEAR_MS },
    scope.clock.now(),
  );
  const webhook = { host: '127.0.0.1', port: 0, certificate };
  const render: RenderTemplate = (name, text, variables) => {
    const sources = { now: () => new Date(scope.clock.now()), random: Math.random };
    return renderTemplate(name, text, variables, sources);
  };
  const engine = await startEngine({ client, render, webhook }, scope);
  const url = `https://127.0.0.1:${String(engine.webhookPort)}${ADMISSION_PATH}`;
  const registration = webhookConfiguration({ url, caBundle: certificate.caPem });
  await client.create(MUTATING_WEBHOOKS, registration, {}, scope);
  return engine;
}
