import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import {
  INSTANCES,
  OPERATOR_VERSIONS,
  OPERATORS,
  PLAN_RUNS,
  PLAN_SCHEDULES,
  ROLLOUT_PARTS,
  ROLLOUTS,
  SYNCS,
} from '../cluster/resources.ts';
import type { Instance, Operator, OperatorVersion } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import type { PlanRun } from '../model/plan-run.ts';
import type { PlanSchedule } from '../model/plan-schedule.ts';
import type { Rollout, RolloutPart } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { INSTANCE_CACHE, PLAN_RUN_INDEXES, type Caches } from './cluster-view.ts';

/** Starts watching everything that the service decides by; none is read before it is synced. */
export function startCaches(client: KubeClient, random: () => number, scope: Scope): Caches {
  const at = { client, random };
  const caches: Caches = {
    syncs: new ObjectCache<Sync>({ ...at, path: SYNCS }),
    rollouts: new ObjectCache<Rollout>({ ...at, path: ROLLOUTS }),
    rolloutParts: new ObjectCache<RolloutPart>({ ...at, path: ROLLOUT_PARTS }),
    operators: new ObjectCache<Operator>({ ...at, path: OPERATORS }),
    operatorVersions: new ObjectCache<OperatorVersion>({ ...at, path: OPERATOR_VERSIONS }),
    instances: new ObjectCache<Instance>({ ...at, path: INSTANCES }, INSTANCE_CACHE),
    planRuns: new ObjectCache<PlanRun>({ ...at, path: PLAN_RUNS }, { indexes: PLAN_RUN_INDEXES }),
    planSchedules: new ObjectCache<PlanSchedule>({ ...at, path: PLAN_SCHEDULES }),
  };
  for (const cache of Object.values(caches)) (cache as ObjectCache<Sync>).start(scope);
  return caches;
}

/** Resolves when every cache has its first list. */
export async function cachesSynced(caches: Caches): Promise<void> {
  await Promise.all(Object.values(caches).map((cache) => (cache as ObjectCache<Sync>).synced));
}
