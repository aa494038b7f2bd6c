import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { dependencyObstacle } from '../plan/dependency-state.ts';
import type { DependencyObstacle } from '../plan/instance-situation.ts';
import type { ClusterView } from './cluster-view.ts';
import { changesAmong } from '../plan/run-records.ts';
import type { RevisionState } from './revision-reader.ts';
import { runsBefore } from './run-order.ts';
import type { RolloutRecord } from './rollout-record.ts';

/** What of the Instances that it depends on, and of the PlanRuns that come before it, keeps an Instance from being changed now. */
export function dependencyOf(
  instance: DesiredInstance,
  { revision, record }: { readonly revision: RevisionState; readonly record: RolloutRecord },
  view: ClusterView,
): DependencyObstacle | undefined {
  const run = runsBefore(instance.key, revision, view.caches);
  if (run || !instance.dependsOn) return run;
  return dependencyObstacle(instance.key, instance.dependsOn, (key) => ({
    records: changesAmong(record.recordsOf(key)),
    observed: view.caches.instances.get(key),
    quietMs: view.quietMs(key),
  }));
}

const named = new WeakMap<object, ReadonlySet<ObjectKey>>();

/** The first Instance of a revision that depends on `key`. */
export function dependentIn(
  instances: ReadonlyMap<ObjectKey, DesiredInstance>,
  key: ObjectKey,
): DesiredInstance | undefined {
  if (!isDependency(key, instances)) return undefined;
  return [...instances.values()].find(({ dependsOn = [] }) => dependsOn.includes(key));
}

/** Whether an Instance of the revision depends on `key`. */
export function isDependency(
  key: ObjectKey,
  instances: ReadonlyMap<ObjectKey, DesiredInstance>,
): boolean {
  const before = named.get(instances);
  if (before) return before.has(key);
  const all = new Set([...instances.values()].flatMap(({ dependsOn = [] }) => dependsOn));
  named.set(instances, all);
  return all.has(key);
}
