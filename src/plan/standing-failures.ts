import type { InstancePlan } from '../model/change.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { NumberedRecord } from './instance-situation.ts';
import { isOutdone, isPlanFailure } from './rollout-verdict.ts';

/** What a merge is judged by, beside what failed before it. */
export interface MergedState {
  readonly plans: readonly InstancePlan[];
  /** What the head says of each Instance. */
  readonly hashes: ReadonlyMap<ObjectKey, string>;
  /** Whether a run of plan `by` does what a failed one left undone. */
  readonly isRedone: (key: ObjectKey, failed: ChangeRecord, by: string) => boolean;
}

/**
 * What a merge would not mend: plans of the branch's rollout that failed and that nothing of the merge
 * runs again. On an Instance that the head does not touch further changes are held, and so are those of
 * what depends on it.
 */
export function standingFailures(
  records: ReadonlyMap<ObjectKey, readonly NumberedRecord[]>,
  merged: MergedState,
): readonly string[] {
  const failed = new Map<ObjectKey, string>();
  const notes: string[] = [];
  for (const [key, ofInstance] of records) {
    const standing = ofInstance
      .filter(({ n, record }) => isLive(n, record, ofInstance))
      .map(({ record }) => record)
      .find((record) => isUntouched(key, record, merged) || isLeft(key, record, merged));
    if (!standing) continue;
    failed.set(key, standing.plan);
    notes.push(`${key}: plan ${standing.plan} failed before; ${fate(key, standing, merged)}`);
  }
  const waiting = merged.plans.flatMap(({ key, changes, waitsFor = [] }) => {
    const on = changes.length > 0 ? waitsFor.filter((one) => failed.has(one)) : [];
    return on.length > 0 ? [`${key} would be held: it waits for ${on.join(', ')}`] : [];
  });
  return [...notes, ...waiting];
}

function isLive(n: number, record: ChangeRecord, ofInstance: readonly NumberedRecord[]): boolean {
  const isFailure = record.state === 'failed' && record.kind !== 'run-plan';
  return isFailure && !isOutdone(n, record, ofInstance);
}

function isUntouched(key: ObjectKey, { desiredHash }: ChangeRecord, { hashes }: MergedState) {
  return desiredHash !== undefined && desiredHash === hashes.get(key);
}

/** Whether its plan failed and none that the merge runs does what it was to do. */
function isLeft(
  key: ObjectKey,
  failed: ChangeRecord,
  { plans, hashes, isRedone }: MergedState,
): boolean {
  if (!isPlanFailure(failed) || !hashes.has(key)) return false;
  const changes = plans.find((one) => one.key === key)?.changes ?? [];
  return !changes.some(
    ({ kind, plan }) => kind === 'create' || plan === failed.plan || isRedone(key, failed, plan),
  );
}

function fate(key: ObjectKey, failed: ChangeRecord, merged: MergedState): string {
  const hasChanges = merged.plans.some((one) => one.key === key && one.changes.length > 0);
  if (!isUntouched(key, failed, merged)) {
    const why = hasChanges ? 'what would run does not do its work' : 'nothing runs it again';
    return `${why}, so the rollout stays failed until it runs again`;
  }
  const what = hasChanges ? 'its changes stay held' : 'the rollout stays failed';
  return `${what} until it runs again or the Instance changes`;
}
