import { versionReference } from '../kudo/version-reference.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { InstanceSituation } from '../plan/instance-situation.ts';
import { changesAmong } from '../plan/run-records.ts';
import type { Caches } from './cluster-view.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';

/** What the cluster and a Rollout say of an Instance, whatever Git says of it. */
export type InstanceFacts = Pick<
  InstanceSituation,
  | 'observed'
  | 'version'
  | 'children'
  | 'childrenQuietMs'
  | 'records'
  | 'rolloutUid'
  | 'quietMs'
  | 'lastRun'
  | 'now'
>;

/** @param now epoch ms */
export function instanceFacts(
  key: ObjectKey,
  record: RolloutRecord,
  { view }: Pick<ReconcileContext, 'view'>,
  now: number,
): InstanceFacts {
  const { instances, operatorVersions } = view.caches;
  const observed = instances.get(key);
  const children = observed ? view.descendants(observed) : [];
  return {
    observed,
    version: observed && versionOf(observed, operatorVersions),
    children,
    childrenQuietMs: Math.min(...children.map((child) => view.quietMs(keyOf(child)))),
    records: changesAmong(record.recordsOf(key)),
    rolloutUid: record.uid,
    quietMs: view.quietMs(key),
    lastRun: view.lastRun(key),
    now: new Date(now).toISOString(),
  };
}

function versionOf(
  observed: Instance,
  versions: Caches['operatorVersions'],
): OperatorVersion | undefined {
  const { namespace, name } = versionReference(observed);
  return versions.get(`${namespace}/${name}`);
}
