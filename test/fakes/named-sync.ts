import type { Resource } from '../../src/cluster/kube-client.ts';
import { NAMESPACES, SECRETS, SYNCS } from '../../src/cluster/resources.ts';
import type { Sandbox } from '../../src/commands/start-sandbox.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { ANNOTATION, API_VERSION } from '../../src/model/names.ts';

/**
 * Creates a Sync and a namespace of the same name, with what the Sync needs to read a repository of the
 * sandbox and to answer in its forge.
 */
export async function createNamedSync(
  name: string,
  spec: { readonly url: string } & Readonly<Record<string, unknown>>,
  { client, bot }: Sandbox,
  scope: Scope,
): Promise<void> {
  const v1 = { apiVersion: 'v1' };
  const create = async (resource: Resource, body: object): Promise<unknown> => {
    const path = resource === NAMESPACES ? resource : { ...resource, namespace: name };
    return client.create(path, body, {}, scope);
  };
  const metadata = (own: string): object => ({ name: own, namespace: name });
  await create(NAMESPACES, { ...v1, kind: 'Namespace', metadata: { name } });
  const data = { username: bot.login, password: bot.token, token: bot.token };
  await create(SECRETS, { ...v1, kind: 'Secret', metadata: metadata('git'), stringData: data });
  const secretRef = { name: 'git' };
  const common = { interval: '1s', secretRef, forge: { type: 'gitea', secretRef } };
  await create(SYNCS, {
    apiVersion: API_VERSION,
    kind: 'Sync',
    metadata: metadata(name),
    spec: { ...common, ...spec },
  });
}

/** Asks the Sync to look now, as a webhook would. */
export async function askSync(
  name: string,
  word: string,
  { client }: Sandbox,
  scope: Scope,
): Promise<void> {
  const body = { metadata: { annotations: { [ANNOTATION.requestedAt]: word } } };
  const path = { ...SYNCS, namespace: name, name };
  await client.patch(path, { type: 'merge', body }, scope);
}
