import type { Api } from './api-context.ts';
import type { Controller } from './controller.ts';
import { deleteObject } from './delete-object.ts';

/** Empties namespaces that are being deleted, and removes them when nothing is left in them. */
export function namespaceController(api: Api): Controller {
  return {
    name: 'namespace',
    keysOf: ({ storage, type, object }) => {
      if (storage === 'namespaces') return type === 'DELETED' ? [] : [object.metadata.name];
      const { namespace } = object.metadata;
      return type === 'DELETED' && namespace !== undefined ? [namespace] : [];
    },
    reconcile: async (name) => {
      const namespace = api.store.get('namespaces', undefined, name);
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
      if (countAfterDeleting(name, api) > 0) return undefined;
      const isHeld = (namespace.metadata.finalizers ?? []).length > 0;
      if (!isHeld) api.store.remove('namespaces', namespace);
      return undefined;
    },
  };
}

/** Deletes what is in the namespace; how much is still there, held by finalizers. */
function countAfterDeleting(namespace: string, api: Api): number {
  const options = {
    uid: undefined,
    resourceVersion: undefined,
    propagation: 'Background',
  } as const;
  let left = 0;
  for (const definition of api.registry.storages().filter((one) => one.namespaced)) {
    for (const { metadata } of api.store.list(definition.storage)) {
      if (metadata.namespace !== namespace) continue;
      const target = { definition, namespace, name: metadata.name, subresource: undefined };
      if (!deleteObject(options, target, { dryRun: false }, api).isGone) left += 1;
    }
  }
  return left;
}
