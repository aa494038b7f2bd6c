import { internalActor, timestamp, type Api } from './api-context.ts';
import {
  fieldsOf,
  isSame,
  listOf,
  valueAt,
  withValueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import type { Controller } from './controller.ts';
import { customResources, customStorage } from './custom-resource.ts';
import { updateObject } from './write-object.ts';

export const CRD_STORAGE = 'apiextensions.k8s.io/customresourcedefinitions';

/** Serves what CustomResourceDefinitions declare, and stops when they are gone. */
export function crdController(api: Api): Controller {
  const served = new Map<string, { readonly storage: string; readonly spec: unknown }>();
  return {
    name: 'crd',
    keysOf: ({ storage, object }) => (storage === CRD_STORAGE ? [object.metadata.name] : []),
    reconcile: async (name) => {
      const crd = api.store.get(CRD_STORAGE, undefined, name);
      const before = served.get(name);
      if (crd === undefined) {
        if (before !== undefined) withdraw(before.storage, api);
        served.delete(name);
        return undefined;
      }
      if (!isSame(before?.spec, crd['spec'])) {
        const storage = customStorage(fieldsOf(crd['spec']));
        api.registry.removeStorage(storage);
        api.registry.add(customResources(crd));
        served.set(name, { storage, spec: crd['spec'] });
      }
      await establish(crd, api);
      return undefined;
    },
  };
}

/** The objects of a resource go with it, whatever finalizers they have. */
function withdraw(storage: string, api: Api): void {
  for (const object of api.store.list(storage)) api.store.remove(storage, object);
  api.registry.removeStorage(storage);
}

async function establish(crd: ApiObject, api: Api): Promise<void> {
  const definition = api.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  if (definition === undefined) return;
  const { name } = crd.metadata;
  const target = { definition, namespace: undefined, name, subresource: 'status' };
  const next = (current: ApiObject): ApiObject =>
    withValueAt(current, ['status'], statusOf(current, timestamp(api))) as ApiObject;
  await updateObject({ next }, target, internalActor('kube-apiserver'), api);
}

function statusOf(crd: ApiObject, now: string): Fields {
  const before = listOf(valueAt(crd, 'status', 'conditions')).map(fieldsOf);
  const condition = (type: string, reason: string, message: string): Fields =>
    before.find((one) => one['type'] === type) ?? {
      type,
      status: 'True',
      lastTransitionTime: now,
      reason,
      message,
    };
  const stored = listOf(valueAt(crd, 'spec', 'versions'))
    .map(fieldsOf)
    .filter((version) => version['storage'] === true)
    .map((version) => version['name']);
  const known = listOf(valueAt(crd, 'status', 'storedVersions'));
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: fieldsOf(valueAt(crd, 'spec', 'names')),
    storedVersions: [...new Set([...known, ...stored])],
  };
}
