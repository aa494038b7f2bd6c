import { internalActor, type Api, type ObjectTarget } from './api-context.ts';
import {
  fieldsOf,
  isSame,
  valueAt,
  withValueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import { deleteObject } from './delete-object.ts';
import type { OwnerIndex } from './owner-index.ts';
import { apiVersionOf } from './resource-registry.ts';
import { createObject, updateObject } from './write-object.ts';

const ACTOR = internalActor('kube-controller-manager');

/** Which built-in resource, e.g. `apps/v1/deployments`, `/v1/pods`. */
export type ResourceId = `${string}/${string}/${string}`;

/** The object of a controller's key (`namespace/name`). */
export function objectOf(id: ResourceId, key: string, api: Api): ApiObject | undefined {
  const { definition, namespace, name } = targetOf(id, key, api);
  return api.store.get(definition.storage, namespace, name);
}

function targetOf(id: ResourceId, key: string, api: Api): ObjectTarget {
  const [group = '', version = '', plural = ''] = id.split('/');
  const definition = api.registry.find(group, version, plural);
  if (definition === undefined) throw new Error(`the sandbox has no resource ${id}`);
  const [namespace, name = ''] = key.split('/');
  return { definition, namespace, name, subresource: undefined };
}

/** The key of an object in its namespace. */
export function keyOf({ metadata }: ApiObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The objects of one storage that `owner` controls. */
export function dependents(
  owner: ApiObject,
  storage: string,
  { owners, api }: { readonly owners: OwnerIndex; readonly api: Api },
): ApiObject[] {
  return owners
    .dependentsOf(owner.metadata.uid ?? '')
    .map((uid) => owners.locate(uid))
    .filter((location) => location?.storage === storage)
    .map((location) => location && api.store.get(storage, location.namespace, location.name))
    .filter((object) => object !== undefined);
}

/** What a new object is made of. */
export interface NewObject {
  readonly metadata: ApiObject['metadata'];
  readonly spec: unknown;
}

/** Creates an object in the namespace of its owner. */
export async function createOwned(
  id: ResourceId,
  owner: ApiObject,
  { metadata, spec }: NewObject,
  api: Api,
): Promise<void> {
  const reference = {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
  const body = { metadata: { ...metadata, ownerReferences: [reference] }, spec };
  await createIn(id, owner.metadata.namespace, body, api);
}

/** Creates an object in a namespace. */
export async function createIn(
  id: ResourceId,
  namespace: string | undefined,
  { metadata, spec }: NewObject,
  api: Api,
): Promise<void> {
  const target = targetOf(id, `${namespace ?? ''}/`, api);
  const { kind } = target.definition;
  const apiVersion = apiVersionOf(target.definition);
  const object: ApiObject = { apiVersion, kind, metadata: { ...metadata, namespace }, spec };
  await createObject(object, { ...target, name: undefined }, ACTOR, api);
}

/** Writes the status of an object if it differs. */
export async function writeStatus(
  id: ResourceId,
  object: ApiObject,
  status: Fields,
  api: Api,
): Promise<void> {
  if (isSame(fieldsOf(object['status']), status)) return;
  const target = { ...targetOf(id, keyOf(object), api), subresource: 'status' };
  const next = (current: ApiObject): ApiObject =>
    withValueAt(current, ['status'], status) as ApiObject;
  await updateObject({ next }, target, ACTOR, api);
}

/** Changes one field of an object. */
export async function writeField(
  id: ResourceId,
  object: ApiObject,
  { path, value }: { readonly path: readonly string[]; readonly value: unknown },
  api: Api,
): Promise<void> {
  if (isSame(valueAt(object, ...path), value)) return;
  const next = (current: ApiObject): ApiObject => withValueAt(current, path, value) as ApiObject;
  await updateObject({ next }, targetOf(id, keyOf(object), api), ACTOR, api);
}

/** Deletes an object; its dependents follow. */
export function remove(id: ResourceId, object: ApiObject, api: Api): void {
  const options = {
    uid: object.metadata.uid,
    resourceVersion: undefined,
    propagation: 'Background',
  } as const;
  deleteObject(options, targetOf(id, keyOf(object), api), ACTOR, api);
}
