import { ownerUid } from '../model/owner-uid.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { PlanRun } from '../model/plan-run.ts';
import type { RunObstacle } from '../plan/run-step.ts';
import type { Caches } from './cluster-view.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RunGate } from './run-reconciler.ts';
import { changesBefore } from './run-order.ts';
import type { SyncJob } from './sync-job.ts';
import { isSuspended } from '../model/sync.ts';
import { isOfSuspended } from './suspended-sync.ts';

/** Lets a PlanRun of Git start when its turn among the changes of its commit has come; others at once. */
export function runGate(caches: Caches, jobOf: (sync: ObjectKey) => SyncJob | undefined): RunGate {
  return (run) => {
    const uid = ownerUid(run);
    if (uid === undefined) return scheduleGate(run, caches);
    const sync = caches.syncs.list().find(({ metadata }) => metadata.uid === uid);
    if (!sync) return gone('its Sync was deleted before it ran');
    if (isSuspended(sync)) return waits('its Sync is suspended');
    const { revision, record } = jobOf(keyOf(sync)) ?? {};
    if (!revision || record?.oid !== revision.commit.oid) {
      return waits('waits for a look at its repository');
    }
    const why = whyNotAsInGit(run, revision);
    return why ?? changesBefore(run, { revision, record, syncUid: uid }, caches);
  };
}

/** What a schedule made waits while the Sync of that schedule is suspended; what a person made does not. */
function scheduleGate(
  { metadata }: PlanRun,
  { planSchedules, syncs }: Pick<Caches, 'planSchedules' | 'syncs'>,
): RunObstacle | undefined {
  const maker = metadata.ownerReferences?.find(({ kind }) => kind === 'PlanSchedule');
  const schedule = planSchedules.get(`${metadata.namespace ?? ''}/${maker?.name ?? ''}`);
  return isOfSuspended(schedule, syncs) ? waits('its Sync is suspended') : undefined;
}

function whyNotAsInGit(run: PlanRun, { desired }: RevisionState): RunObstacle | undefined {
  const wanted = desired.planRuns.get(keyOf(run));
  if (wanted) return isAsInGit(run, wanted.spec) ? undefined : waits('waits to be as Git says');
  return desired.incomplete
    ? waits('some files cannot be read')
    : gone('it was removed from Git before it ran');
}

/** True when the object says what Git says. */
export function isAsInGit({ spec }: PlanRun, wanted: Required<PlanRun['spec']>): boolean {
  const { instance, plan, when = 'after', onFirstSync = 'skip' } = spec;
  return (
    instance === wanted.instance &&
    plan === wanted.plan &&
    when === wanted.when &&
    onFirstSync === wanted.onFirstSync
  );
}

const gone = (message: string): RunObstacle => ({ kind: 'gone', message });
const waits = (message: string): RunObstacle => ({ kind: 'waits', message });
