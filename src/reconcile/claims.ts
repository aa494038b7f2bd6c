import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ownerUid } from '../plan/ownership.ts';
import type { Caches } from './cluster-view.ts';
import type { SyncJob } from './sync-job.ts';

/**
 * The other Sync whose newest revision names the Instance: an Instance that one Sync takes out of its Git
 * and another one has there is handed over, and never deleted.
 */
export function claimOf(
  key: ObjectKey,
  own: SyncJob,
  jobs: ReadonlyMap<ObjectKey, SyncJob>,
): string | undefined {
  for (const [sync, job] of jobs) {
    if (job !== own && job.revision?.desired.instances.has(key) === true) return `Sync ${sync}`;
  }
  return undefined;
}

/** Syncs that own what the newest revision of `own` names: they are the ones to let go of it. */
export function ownersOfClaimed(
  own: SyncJob,
  { instances, syncs }: Pick<Caches, 'instances' | 'syncs'>,
): readonly ObjectKey[] {
  const uids = new Set<string>();
  for (const key of own.revision?.desired.instances.keys() ?? []) {
    const observed = instances.get(key);
    const owner = observed && ownerUid(observed, key);
    if (owner !== undefined && owner !== own.uid) uids.add(owner);
  }
  if (uids.size === 0) return [];
  return syncs
    .list()
    .filter(({ metadata }) => uids.has(metadata.uid ?? ''))
    .map(keyOf);
}
