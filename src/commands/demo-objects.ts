import type { KubeClient } from '../cluster/kube-client.ts';
import { NAMESPACES, SECRETS, SYNCS } from '../cluster/resources.ts';
import { openForge } from '../forge/forge-registry.ts';
import type { Scope } from '../lib/scope.ts';
import { API_VERSION } from '../model/names.ts';
import type { Sandbox } from './start-sandbox.ts';

/** The demo's names. */
export const DEMO = {
  owner: 'shop',
  repository: 'fleet',
  namespace: 'shop',
  sync: 'fleet',
  cluster: 'sandbox',
} as const;

/** Creates the demo's namespace, Secrets and Sync, as a person with kubectl would. */
export async function applyDemoSync(
  repositoryUrl: string,
  webhookSecret: string,
  { client, bot }: Pick<Sandbox, 'client' | 'bot'>,
  scope: Scope,
): Promise<void> {
  const { namespace, sync: name } = DEMO;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await client.create(NAMESPACES, body, {}, scope);
  const repository = { username: bot.login, password: bot.token };
  await createSecret('fleet-repository', repository, client, scope);
  await createSecret('fleet-forge', { token: bot.token, webhookSecret }, client, scope);
  const sync = {
    apiVersion: API_VERSION,
    kind: 'Sync',
    metadata: { name, namespace },
    spec: {
      url: repositoryUrl,
      ref: { branch: 'main' },
      paths: ['operators', 'shop'],
      interval: '10s',
      secretRef: { name: 'fleet-repository' },
      forge: { type: 'gitea', secretRef: { name: 'fleet-forge' } },
    },
  };
  await client.create({ ...SYNCS, namespace }, sync, {}, scope);
}

async function createSecret(
  name: string,
  values: Readonly<Record<string, string>>,
  client: KubeClient,
  scope: Scope,
): Promise<void> {
  const { namespace } = DEMO;
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const metadata = { name, namespace };
  const body = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data };
  await client.create({ ...SECRETS, namespace }, body, {}, scope);
}

/** Makes the forge tell the service at `url` about pushes and pull requests. */
export async function createDemoWebhook(
  url: string,
  secret: string,
  { git, user }: Pick<Sandbox, 'git' | 'user'>,
  scope: Scope,
): Promise<void> {
  const forge = openForge({
    type: 'gitea',
    url: `${git.url}/${DEMO.owner}/${DEMO.repository}.git`,
    credentials: { kind: 'token', token: user.token },
  });
  try {
    await forge.createWebhook({ url, secret }, scope);
  } finally {
    forge.close();
  }
}

/** Root of the forge's API for the demo's repository. */
export function repositoryApi(gitUrl: string): string {
  return `${gitUrl}/api/v1/repos/${DEMO.owner}/${DEMO.repository}`;
}
