import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { PLAN_RUNS, PLAN_SCHEDULES, ROLLOUTS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { PlanRun } from '../model/plan-run.ts';
import type { PlanSchedule } from '../model/plan-schedule.ts';
import type { Rollout } from '../model/rollout.ts';
import { planRun, type PlannedRun } from '../plan/plan-runs.ts';
import { planSchedule, schedulesToSuspend, type PlannedSchedule } from '../plan/plan-schedules.ts';
import { PLAN_RUN_INDEXES, type Caches } from '../reconcile/cluster-view.ts';
import { isFirstSync } from '../reconcile/first-sync.ts';
import { planRunContext } from '../reconcile/plan-run-context.ts';
import type { ReplacingRevision } from '../reconcile/replace-policy.ts';
import { rolloutsOf } from '../reconcile/rollout-store.ts';
import { settingsHash, type SyncSettings } from '../reconcile/sync-settings.ts';
import { fillCache } from './fill-cache.ts';
import { listAll } from './open-cluster.ts';

/** What becomes of the PlanRuns and PlanSchedules of files. */
export interface ClusterRuns {
  readonly runs: readonly PlannedRun[];
  readonly schedules: readonly PlannedSchedule[];
  /** PlanSchedules that the Sync made and the files no longer have. */
  readonly suspended: readonly ObjectKey[];
}

interface Against {
  readonly client: KubeClient;
  readonly namespaces: readonly string[];
  readonly sync: SyncSettings | undefined;
  readonly caches: Pick<Caches, 'instances' | 'operatorVersions'> & Partial<Pick<Caches, 'syncs'>>;
}

/** Compares the files' PlanRuns and PlanSchedules with the cluster, as a rollout of them would. */
export async function runsAgainstCluster(
  revision: ReplacingRevision,
  { client, namespaces, sync, caches: known }: Against,
  scope: Scope,
): Promise<ClusterRuns> {
  const { desired } = revision;
  const planRuns = new ObjectCache<PlanRun>(
    { client, path: PLAN_RUNS },
    { indexes: PLAN_RUN_INDEXES },
  );
  const planSchedules = new ObjectCache<PlanSchedule>({ client, path: PLAN_SCHEDULES });
  const from = { client, namespaces };
  if (desired.planRuns.size > 0) await fillCache(planRuns, PLAN_RUNS, from, scope);
  const schedules = fillCache(planSchedules, PLAN_SCHEDULES, from, scope);
  // Files that name none need none: then nothing is to be suspended where they cannot be listed.
  await (desired.planSchedules.size > 0 ? schedules : schedules.catch(ignoreFailure));
  const isFirst = sync && desired.planRuns.size > 0 ? await isNew(sync, client, scope) : false;
  const asker = { uid: sync?.uid, isFirstSync: () => isFirst };
  const judged = planRunContext(revision, { ...known, planRuns, planSchedules }, asker);
  const removed = sync ? schedulesToSuspend(planSchedules.list(), desired, sync.uid) : [];
  return {
    runs: [...desired.planRuns.values()].map((one) => planRun(one, judged)),
    schedules: [...desired.planSchedules.values()].map((one) => planSchedule(one, judged)),
    suspended: removed.map((one) => keyOf(one)),
  };
}

function ignoreFailure(thrown: unknown): void {
  if (!(thrown instanceof Failure)) throw thrown;
}

/** Whether the Sync has carried out nothing so far, or something else than it reads now. */
async function isNew(sync: SyncSettings, client: KubeClient, scope: Scope): Promise<boolean> {
  const { namespace } = sync;
  const rollouts = new ObjectCache<Rollout>({ client, path: ROLLOUTS });
  for (const one of await listAll<Rollout>(client, { ...ROLLOUTS, namespace }, scope)) {
    rollouts.update(one);
  }
  const commit = { settingsHash: settingsHash(sync), oid: undefined, sequence: Infinity };
  return isFirstSync(commit, rolloutsOf(sync, { rollouts }));
}
