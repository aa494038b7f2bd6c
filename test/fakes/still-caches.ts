import { ObjectCache } from '../../src/cluster/object-cache.ts';
import { INSTANCES } from '../../src/cluster/resources.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { INSTANCE_CACHE, PLAN_RUN_INDEXES, type Caches } from '../../src/reconcile/cluster-view.ts';
import { MemoryCluster } from './memory-cluster.ts';

/** Caches that follow nothing: they hold what a test puts in with `update`. */
export function stillCaches(): Caches {
  const source = { client: new MemoryCluster(), random: () => 0, path: INSTANCES };
  const cache = <T extends KubeObject>(): ObjectCache<T> => new ObjectCache<T>(source);
  return {
    syncs: cache(),
    rollouts: cache(),
    rolloutParts: cache(),
    operators: cache(),
    operatorVersions: cache(),
    instances: new ObjectCache(source, INSTANCE_CACHE),
    planRuns: new ObjectCache(source, { indexes: PLAN_RUN_INDEXES }),
    planSchedules: cache(),
  };
}
