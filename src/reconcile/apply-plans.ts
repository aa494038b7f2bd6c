import type { Scope } from '../lib/scope.ts';
import type { Problem } from '../model/problem.ts';
import { planRun } from '../plan/plan-runs.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import { applyPlanRun } from './apply-plan-run.ts';
import { applySchedules } from './apply-schedules.ts';
import { copyRuns } from './copy-runs.ts';
import { isFirstSync } from './first-sync.ts';
import { planRunContext } from './plan-run-context.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { rolloutsOf } from './rollout-store.ts';

/** What came of the PlanRuns and PlanSchedules of a revision in one pass. */
export interface AppliedPlans {
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  /** True when a PlanRun is in another state than the Rollout knew. */
  readonly urgent: boolean;
}

/**
 * Brings the PlanRuns and PlanSchedules of a revision into the cluster, as objects that remember what ran,
 * and copies into the Rollout how far they are. Running them is the RunReconciler's.
 */
export async function applyPlans(
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<AppliedPlans> {
  const { revision, settings, record } = turn;
  const { caches } = context.view;
  const commit = { ...record.spec, oid: record.oid };
  const judged = planRunContext(revision, caches, {
    uid: settings.uid,
    isFirstSync: () => isFirstSync(commit, rolloutsOf(settings, caches)),
  });
  const problems: Problem[] = [];
  const skipped: string[] = [];
  for (const desired of revision.desired.planRuns.values()) {
    const planned = planRun(desired, judged);
    problems.push(...planned.problems);
    if (planned.problems.length > 0) continue;
    const { problem, isSkipped } = await applyPlanRun(planned, turn, context, scope);
    if (problem) problems.push(problem);
    if (isSkipped) skipped.push(desired.key);
  }
  const schedules = await applySchedules(turn, judged, context, scope);
  return {
    problems: [...problems, ...schedules.problems],
    notes: [...skippedNotes(skipped), ...schedules.notes],
    urgent: copyRuns(turn, context),
  };
}

function skippedNotes(keys: readonly string[]): readonly string[] {
  if (keys.length === 0) return [];
  const [first = ''] = keys;
  const what = keys.length === 1 ? `PlanRun ${first}` : `${String(keys.length)} PlanRuns`;
  return [`${what} of before this Sync skipped`];
}
