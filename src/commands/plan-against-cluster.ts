import { sameContent } from '../act/ensure-operators.ts';
import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { INSTANCES, OPERATOR_VERSIONS } from '../cluster/resources.ts';
import type { Instance, Operator, OperatorVersion } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import type { Change, InstancePlan } from '../model/change.ts';
import type { DesiredInstance, DesiredState } from '../model/desired.ts';
import { keyOf, type KubeObject, type ObjectKey, splitKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { planInstance, referenceOf } from '../plan/plan-instance.ts';
import { ownedBy } from '../reconcile/observed-owner.ts';
import { planPhases } from '../reconcile/plan-phases.ts';
import { planContext } from '../reconcile/plan-revision.ts';
import { listAll } from './open-cluster.ts';

/** Everything that brings the cluster to what files say, as a rollout of them would go about it. */
export interface ClusterPlan {
  /** OperatorVersions that the cluster lacks. */
  readonly newVersions: readonly ObjectKey[];
  /** By key; those that need nothing have no changes. */
  readonly instances: readonly InstancePlan[];
  /** Names of the phases of a change's plan, where they are known. */
  readonly phases: ReadonlyMap<Change, readonly string[]>;
  /** Instances that the Sync made and the files do not name; they are never deleted. */
  readonly removed: readonly ObjectKey[];
  /** Of the files and of OperatorVersions; those of Instances stand in their plans. */
  readonly problems: readonly Problem[];
  /** Parameters of a new Instance whose values are secret. */
  readonly secretsOf: (desired: DesiredInstance) => ReadonlySet<string>;
}

type Desired = DesiredState<Operator, OperatorVersion>;

interface Against {
  readonly client: KubeClient;
  /** Of objects that name none. */
  readonly namespace: string;
  /** Undefined when no Sync asks: then Instances of every Sync count as one's own. */
  readonly syncUid: string | undefined;
}

/** Compares files with the cluster by the planner of the service; reads only the namespaces that matter. */
export async function planAgainstCluster(
  desired: Desired,
  against: Against,
  scope: Scope,
): Promise<ClusterPlan> {
  const { client, syncUid } = against;
  const namespaces = namespacesOf(desired, against.namespace);
  const instances = await readInto<Instance>(INSTANCES, namespaces, client, scope);
  const operatorVersions = await readInto<OperatorVersion>(
    OPERATOR_VERSIONS,
    namespaces,
    client,
    scope,
  );
  const context = planContext({ desired }, { operatorVersions, instances }, syncUid);
  const plans = [...desired.instances.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((instance) => planInstance(instance, instances.get(instance.key), context));
  return {
    newVersions: [...desired.operatorVersions.keys()].filter((key) => !operatorVersions.get(key)),
    instances: plans,
    phases: planPhases(plans, desired, context),
    removed: removedFrom(desired, instances, syncUid),
    problems: [...desired.problems, ...changedVersions(desired, operatorVersions)],
    secretsOf: (instance) => {
      const { namespace, name } = referenceOf(instance);
      return secretNames(instance, context.findDesired(namespace, name));
    },
  };
}

function namespacesOf(desired: Desired, fallback: string): readonly string[] {
  const keys = [...desired.instances.keys(), ...desired.operatorVersions.keys()];
  const named = [...desired.instances.values()].flatMap((one) => one.dependsOn ?? []);
  const referred = [...desired.instances.values()].map((one) => referenceOf(one).namespace);
  return [
    ...new Set([
      fallback,
      ...[...keys, ...named].map((key) => splitKey(key).namespace),
      ...referred,
    ]),
  ];
}

/** A cache that is filled once and follows nothing: the planner reads caches. */
async function readInto<T extends KubeObject>(
  resource: Resource,
  namespaces: readonly string[],
  client: KubeClient,
  scope: Scope,
): Promise<ObjectCache<T>> {
  const cache = new ObjectCache<T>({ client, path: resource });
  for (const namespace of namespaces) {
    const listed = await listAll<T>(client, { ...resource, namespace }, scope);
    for (const object of listed) cache.update(object);
  }
  return cache;
}

function removedFrom(
  desired: Desired,
  instances: ObjectCache<Instance>,
  syncUid: string | undefined,
): readonly ObjectKey[] {
  if (desired.incomplete || syncUid === undefined) return [];
  return instances
    .list()
    .filter((instance) => ownedBy(syncUid, keyOf(instance), instance))
    .map(keyOf)
    .filter((key) => !desired.instances.has(key))
    .toSorted();
}

function changedVersions(
  { operatorVersions }: Desired,
  observed: ObjectCache<OperatorVersion>,
): readonly Problem[] {
  return [...operatorVersions.values()].flatMap(({ key, object, position }): Problem[] => {
    const existing = observed.get(key);
    if (!existing || sameContent(existing, object)) return [];
    const message = `OperatorVersion ${key} is in the cluster with other content under the same name`;
    const hint =
      'raise operatorVersion in operator.yaml and let the Instances refer to the new name';
    return [{ id: 'operator-version-changed', severity: 'error', ...position, message, hint }];
  });
}
