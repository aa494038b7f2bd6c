import type { KubeClient, Resource } from '../../src/cluster/kube-client.ts';
import { NAMESPACES, SECRETS, SYNCS } from '../../src/cluster/resources.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { API_VERSION } from '../../src/model/names.ts';

/** A Sync `shop/fleet` and what it needs. */
export interface FleetSync {
  /** Clone URL as the service reaches it, without credentials. */
  readonly url: string;
  /** The service's user at the forge. */
  readonly bot: { readonly login: string; readonly token: string };
  /** Go-style duration. */
  readonly interval: string;
  readonly webhookSecret?: string;
  readonly paths?: readonly string[];
  /** Of the forge, when it is not where `url` says. */
  readonly apiUrl?: string;
  readonly maxConcurrent?: number;
  /** What else the Sync says. */
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
}

export const FLEET = { namespace: 'shop', sync: 'fleet', cluster: 'test' } as const;
/** The roll-up context of its commit statuses. */
export const FLEET_CONTEXT = `kudo-gitops/${FLEET.cluster}/${FLEET.namespace}/${FLEET.sync}`;

/** Creates namespace, Secrets and Sync, as a person with kubectl would. */
export async function createFleetSync(
  wish: FleetSync,
  client: KubeClient,
  scope: Scope,
): Promise<void> {
  const { namespace, sync: name } = FLEET;
  const { url, bot, interval, paths = ['operators', 'shop'], webhookSecret, apiUrl } = wish;
  const { maxConcurrent } = wish;
  const make = async (resource: Resource, body: object): Promise<unknown> => {
    const path = resource === NAMESPACES ? resource : { ...resource, namespace };
    return client.create(path, body, {}, scope);
  };
  await make(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await make(SECRETS, secret('repository', { username: bot.login, password: bot.token }));
  const hook = webhookSecret === undefined ? {} : { webhookSecret };
  await make(SECRETS, secret('forge', { token: bot.token, ...hook }));
  await make(SYNCS, {
    apiVersion: API_VERSION,
    kind: 'Sync',
    metadata: { name, namespace },
    spec: {
      url,
      paths,
      interval,
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
      secretRef: { name: 'repository' },
      forge: { type: 'gitea', secretRef: { name: 'forge' }, ...(apiUrl ? { apiUrl } : {}) },
      ...wish.spec,
    },
  });
}

function secret(name: string, values: Readonly<Record<string, string>>): object {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: FLEET.namespace },
    type: 'Opaque',
    data,
  };
}
