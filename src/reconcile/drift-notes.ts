import type { InstancePlan } from '../model/change.ts';
import { describeChange } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { planOne } from './plan-revision.ts';
import { QuietInstances } from './quiet-instances.ts';
import type { ClusterView } from './cluster-view.ts';
import type { RevisionState } from './revision-reader.ts';
import type { SyncTurn } from './sync-job.ts';

/**
 * What differs from Git although the head was rolled out: Instances that somebody changed or deleted.
 * It is reported and left alone. Plans are made anew only for Instances that changed since.
 */
export function driftNotes(
  { settings, job }: SyncTurn,
  revision: RevisionState,
  view: ClusterView,
): readonly string[] {
  const notes: string[] = [];
  for (const instance of revision.desired.instances.values()) {
    const { key } = instance;
    const mark = QuietInstances.mark(key, revision, view);
    if (job.quiet.has(key, mark)) continue;
    const isHeld = job.record?.recordsOf(key).some(({ record }) => record.state === 'held');
    if (isHeld === true) continue;
    const own = noteOf(instance, planOne(instance, revision, view.caches, settings.uid), view);
    if (own.length === 0) job.quiet.add(key, mark);
    notes.push(...own);
  }
  return notes;
}

function noteOf(
  { key }: DesiredInstance,
  { changes, problems, notes }: InstancePlan,
  view: ClusterView,
): readonly string[] {
  if (problems.length > 0) return [];
  if (!view.caches.instances.get(key))
    return [`${key} is in Git and not in the cluster; left alone`];
  const differences = changes.map(describeChange);
  if (differences.length === 0) return notes;
  return [...notes, `${key}: Git differs in ${differences.join(', ')}; left alone`];
}
