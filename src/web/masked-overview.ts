import type { ObjectKey } from '../model/kube-object.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import type { Caches } from '../reconcile/cluster-view.ts';
import { secretMasker } from '../reconcile/secret-masker.ts';
import { allChanges } from './all-changes.ts';
import { instancesOf, maskedRollout } from './masked-rollout.ts';
import { newestRollouts } from './overview-page.ts';

/** What the overview shows, with the secret values masked of the Instances that its messages may be about. */
export function maskedOverview(caches: Caches): {
  readonly syncs: readonly Sync[];
  readonly rollouts: readonly Rollout[];
} {
  const bySync = new Map<string, Set<ObjectKey>>();
  const rollouts = newestRollouts(caches.rollouts.list()).map((rollout) => {
    const instances = instancesOf(allChanges(rollout, caches));
    const sync = `${rollout.metadata.namespace ?? ''}/${rollout.spec.sync}`;
    bySync.set(sync, new Set([...(bySync.get(sync) ?? []), ...instances]));
    return maskedRollout(rollout, secretMasker(instances, caches));
  });
  const syncs = caches.syncs.list().map((sync) => {
    const key = `${sync.metadata.namespace ?? ''}/${sync.metadata.name}`;
    return maskedSync(sync, secretMasker(bySync.get(key) ?? [], caches));
  });
  return { syncs, rollouts };
}

function maskedSync(sync: Sync, mask: (text: string) => string): Sync {
  const conditions = sync.status?.conditions;
  if (!conditions) return sync;
  const masked = conditions.map((one) => ({ ...one, message: mask(one.message) }));
  return { ...sync, status: { ...sync.status, conditions: masked } };
}
