import { stateOf, type PlanRun } from '../model/plan-run.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { instanceOf } from '../plan/plan-runs.ts';
import { withoutNoise } from '../plan/record-updates.ts';
import { copyOf, placeOfRun } from '../plan/run-records.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/**
 * Copies into the Rollout how far the PlanRuns of its revision are: those that are not over, those that
 * failed, and those that it has recorded before.
 *
 * @returns true when one of them is in another state than was recorded
 */
export function copyRuns(
  { revision, record, job }: RolloutTurn,
  { view }: ReconcileContext,
): boolean {
  let isOther = false;
  for (const desired of revision.desired.planRuns.values()) {
    const key = instanceOf(desired);
    const { n, before } = placeOfRun(desired.name, record.recordsOf(key));
    const copy = copyFor(view.caches.planRuns.get(desired.key), before, record.oid);
    const stored = before ? [{ n, record: before }] : [];
    if (withoutNoise(new Map([[n, copy]]), stored).size === 0) continue;
    record.set(key, n, copy);
    isOther ||= copy?.state !== before?.state;
  }
  if (isOther) job.quiet.clear();
  return isOther;
}

function copyFor(
  run: PlanRun | undefined,
  before: ChangeRecord | undefined,
  oid: string,
): ChangeRecord | undefined {
  if (!run || stateOf(run) === 'skipped') return undefined;
  const isNews = stateOf(run) !== 'succeeded' || before !== undefined;
  return isNews ? copyOf(run, oid) : undefined;
}
