import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import { type KubeClient, KubeError, type ResourcePath } from './kube-client.ts';
import type { InstalledObject } from './kudo-install.ts';
import { pathOfObject } from './resources.ts';

export type ApplyOutcome = 'created' | 'updated' | 'unchanged';

/** Makes the cluster have `object`: creates it, or merges its fields into the one that is there. */
export async function applyObject(
  client: KubeClient,
  { resource, object }: InstalledObject,
  scope: Scope,
): Promise<ApplyOutcome> {
  const path = pathOfObject(resource, object);
  const write = { fieldManager: FIELD_MANAGER };
  const before = await getIfThere(client, path, scope);
  if (!before) {
    const { name: _, ...collection } = path;
    await client.create(collection, object, write, scope);
    return 'created';
  }
  const after = await client.patch(path, { type: 'merge', body: object, ...write }, scope);
  return contentOf(before) === contentOf(after) ? 'unchanged' : 'updated';
}

/** What an object says, without what controllers and the API server keep in it. */
function contentOf(object: KubeObject): string {
  const { metadata, ...rest } = object;
  const { labels, annotations } = metadata;
  return JSON.stringify({ ...rest, labels, annotations, status: undefined });
}

/** The object at `path`; undefined when there is none. */
export async function getIfThere<T extends KubeObject>(
  client: KubeClient,
  path: ResourcePath,
  scope: Scope,
): Promise<T | undefined> {
  try {
    return await client.get<T>(path, scope);
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 404) return undefined;
    throw thrown;
  }
}
