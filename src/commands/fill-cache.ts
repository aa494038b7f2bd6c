import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import type { ObjectCache } from '../cluster/object-cache.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { listAll } from './open-cluster.ts';

/** Fills a cache once, which follows nothing: the planner reads caches. */
export async function fillCache<T extends KubeObject>(
  cache: ObjectCache<T>,
  resource: Resource,
  { namespaces, client }: { readonly namespaces: readonly string[]; readonly client: KubeClient },
  scope: Scope,
): Promise<void> {
  for (const namespace of namespaces) {
    const listed = await listAll<T>(client, { ...resource, namespace }, scope);
    for (const object of listed) cache.update(object);
  }
}
