import { internalActor, type Api, type ObjectTarget } from './api-context.ts';
import { withMeta, type ApiObject } from './api-object.ts';
import type { Controller } from './controller.ts';
import {
  deleteObject,
  FOREGROUND_FINALIZER,
  ORPHAN_FINALIZER,
  type DeleteRequest,
} from './delete-object.ts';
import { ownersOf, type OwnerIndex } from './owner-index.ts';
import { updateObject } from './write-object.ts';

const ACTOR = internalActor('kube-controller-manager');

/**
 * Deletes objects whose owners are all gone, and finishes foreground and orphaning deletions. Its
 * keys are uids.
 */
export function garbageCollector(index: OwnerIndex, api: Api): Controller {
  return {
    name: 'garbage collector',
    keysOf: (event) => {
      const uid = event.object.metadata.uid ?? '';
      const isGone = event.type === 'DELETED';
      if (isGone) return [...index.dependentsOf(uid), ...ownersOf(event.previous)];
      const isOfInterest =
        ownersOf(event.object).length > 0 || event.object.metadata.deletionTimestamp !== undefined;
      return isOfInterest ? [uid] : [];
    },
    reconcile: async (uid) => {
      const found = find(uid, index, api);
      if (found === undefined) return undefined;
      const finalizers = found.object.metadata.finalizers ?? [];
      if (finalizers.includes(ORPHAN_FINALIZER)) await orphan(found, index, api);
      else if (finalizers.includes(FOREGROUND_FINALIZER)) await deleteForeground(found, index, api);
      else await collect(found, index, api);
      return undefined;
    },
  };
}

interface Found {
  readonly object: ApiObject;
  readonly target: ObjectTarget;
}

function find(uid: string, index: OwnerIndex, api: Api): Found | undefined {
  const location = index.locate(uid);
  if (location === undefined) return undefined;
  const { storage, namespace, name } = location;
  const object = api.store.get(storage, namespace, name);
  if (object === undefined || object.metadata.uid !== uid) return undefined;
  const definition = api.registry.storages().find((one) => one.storage === storage);
  if (definition === undefined) return undefined;
  return { object, target: { definition, namespace, name, subresource: undefined } };
}

/** An object whose owners are all gone goes too; one that still has an owner forgets the others. */
async function collect({ object, target }: Found, index: OwnerIndex, api: Api): Promise<void> {
  const owners = object.metadata.ownerReferences ?? [];
  const alive = owners.filter(({ uid }) => index.locate(uid) !== undefined);
  if (alive.length === owners.length) return;
  if (alive.length > 0) {
    await rewrite(target, api, (current) => withMeta(current, { ownerReferences: alive }));
  } else if (object.metadata.deletionTimestamp === undefined) {
    deleteObject(precisely(object, 'Background'), target, ACTOR, api);
  }
}

/** The object goes when every dependent that blocks it is gone; they are deleted in the same way. */
async function deleteForeground(found: Found, index: OwnerIndex, api: Api): Promise<void> {
  const uid = found.object.metadata.uid ?? '';
  let isBlocked = false;
  for (const dependent of index.dependentsOf(uid)) {
    const child = find(dependent, index, api);
    if (child === undefined) continue;
    const reference = child.object.metadata.ownerReferences?.find((owner) => owner.uid === uid);
    const policy = index.dependentsOf(dependent).length > 0 ? 'Foreground' : 'Background';
    const { isGone } = deleteObject(precisely(child.object, policy), child.target, ACTOR, api);
    isBlocked ||= !isGone && reference?.blockOwnerDeletion === true;
  }
  if (!isBlocked) await rewrite(found.target, api, withoutFinalizer(FOREGROUND_FINALIZER));
}

async function orphan(found: Found, index: OwnerIndex, api: Api): Promise<void> {
  const uid = found.object.metadata.uid ?? '';
  for (const dependent of index.dependentsOf(uid)) {
    const child = find(dependent, index, api);
    if (child === undefined) continue;
    await rewrite(child.target, api, (current) => {
      const others = current.metadata.ownerReferences?.filter((owner) => owner.uid !== uid) ?? [];
      return withMeta(current, { ownerReferences: others.length === 0 ? undefined : others });
    });
  }
  await rewrite(found.target, api, withoutFinalizer(ORPHAN_FINALIZER));
}

function withoutFinalizer(finalizer: string): (current: ApiObject) => ApiObject {
  return (current) => {
    const others = current.metadata.finalizers?.filter((one) => one !== finalizer) ?? [];
    return withMeta(current, { finalizers: others.length === 0 ? undefined : others });
  };
}

async function rewrite(
  target: ObjectTarget,
  api: Api,
  change: (current: ApiObject) => ApiObject,
): Promise<void> {
  await updateObject({ next: change }, target, ACTOR, api);
}

function precisely(object: ApiObject, propagation: DeleteRequest['propagation']): DeleteRequest {
  return { uid: object.metadata.uid, resourceVersion: undefined, propagation };
}
