import type { InstancePlan } from '../model/change.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Asker } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { removalsOf } from './removals.ts';
import type { RevisionState } from './revision-reader.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** One Sync at one of its revisions. */
export interface SyncAt {
  readonly settings: SyncSettings;
  readonly job: SyncJob;
  readonly revision: RevisionState;
}

/** The Sync as the planner sees it. */
export function askerOf({ settings, job }: Pick<SyncAt, 'settings' | 'job'>): Asker {
  return { uid: settings.uid, driftPolicy: settings.driftPolicy, fights: job.fights };
}

/** What becomes of its Instances that the revision no longer has. */
export function removalsIn(
  { settings, job, revision }: SyncAt,
  { view }: Pick<ReconcileContext, 'view'>,
): ReadonlyMap<ObjectKey, InstancePlan> {
  const sync = view.caches.syncs.get(`${settings.namespace}/${settings.name}`);
  return removalsOf({ settings, revision, sync, standingOf: job.standingOf }, view.caches);
}
