import type { ReplacePolicy } from '../plan/operator-version-step.ts';
import { keyOf } from '../model/kube-object.ts';
import type { Caches } from './cluster-view.ts';
import { ownedBy } from './observed-owner.ts';
import type { RevisionState } from './revision-reader.ts';

/** A revision and how its Sync treats content that changed under a name. */
export type ReplacingRevision = Pick<RevisionState, 'desired' | 'replacesVersions'>;

/** Whether the Sync may replace OperatorVersions, and who refers to them. */
export function replacePolicy(
  { desired, replacesVersions }: ReplacingRevision,
  { instances }: Pick<Caches, 'instances'>,
  syncUid: string | undefined,
): ReplacePolicy {
  return {
    isAllowed: replacesVersions,
    users: (version) =>
      instances.indexed('version', version).map((instance) => {
        const key = keyOf(instance);
        const isOwned = syncUid === undefined || ownedBy(syncUid, key, instance);
        return { key, isOurs: isOwned && desired.instances.has(key) };
      }),
  };
}
