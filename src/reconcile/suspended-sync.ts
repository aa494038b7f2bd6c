import type { ObjectCache } from '../cluster/object-cache.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { ownerUid } from '../model/owner-uid.ts';
import { isSuspended, type Sync } from '../model/sync.ts';

/** True when the Sync that an object belongs to is suspended; not when it is gone, or there never was one. */
export function isOfSuspended(
  object: KubeObject | undefined,
  syncs: Pick<ObjectCache<Sync>, 'list'>,
): boolean {
  const uid = ownerUid(object);
  if (uid === undefined) return false;
  return syncs.list().some((sync) => sync.metadata.uid === uid && isSuspended(sync));
}
