import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import type { Scope } from '../lib/scope.ts';
import { unknownResource } from './open-cluster.ts';

/**
 * Asks once for each resource that is about to be followed: a watch tries for ever, and what is not there or
 * not allowed is to be said.
 */
export async function requireLists(
  resources: readonly Resource[],
  namespace: string | undefined,
  client: KubeClient,
  scope: Scope,
): Promise<void> {
  for (const resource of resources) {
    const path = { ...resource, namespace };
    await client.list(path, { limit: 1 }, scope).catch((thrown: unknown) => {
      throw unknownResource(thrown, client, path);
    });
  }
}
