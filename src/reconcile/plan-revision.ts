import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import type { InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { maskPlanStatus, secretValues } from '../plan/mask-secrets.ts';
import { planInstance, referenceOf, type PlanContext } from '../plan/plan-instance.ts';
import type { Caches } from './cluster-view.ts';
import { dependencyContext } from './dependency-context.ts';
import type { RevisionState } from './revision-reader.ts';

/** How the planner sees a revision against the cluster. */
export function planContext(
  { desired }: Pick<RevisionState, 'desired'>,
  caches: Pick<Caches, 'operatorVersions'> & Partial<Pick<Caches, 'instances'>>,
  syncUid: string | undefined,
): PlanContext {
  const observed = (namespace: string, name: string): OperatorVersion | undefined =>
    caches.operatorVersions.get(`${namespace}/${name}`);
  return {
    syncUid,
    dependencies: dependencyContext(desired.instances, caches.instances),
    findObserved: observed,
    // An OperatorVersion is never replaced, so where the cluster has one KUDO judges by that one.
    findDesired: (namespace, name) =>
      observed(namespace, name) ?? desired.operatorVersions.get(`${namespace}/${name}`)?.object,
    knownNames: (namespace) => [
      ...new Set(
        [...desired.operatorVersions.values(), ...caches.operatorVersions.list().map(asDesired)]
          .filter(({ key }) => key.startsWith(`${namespace}/`))
          .map(({ object }) => object.metadata.name),
      ),
    ],
  };
}

const asDesired = (object: OperatorVersion): { key: ObjectKey; object: OperatorVersion } => ({
  key: `${object.metadata.namespace ?? ''}/${object.metadata.name}`,
  object,
});

/** Values of an Instance that nothing may quote. */
export function secretsOf(
  instance: DesiredInstance | undefined,
  observed: Instance | undefined,
  revision: Pick<RevisionState, 'desired'>,
  caches: Pick<Caches, 'operatorVersions'>,
): readonly string[] {
  const reference = instance ? referenceOf(instance) : observedReference(observed);
  const context = planContext(revision, caches, undefined);
  const version = context.findDesired(reference.namespace, reference.name);
  return secretValues(instance, observed, version);
}

/** The Instance as a page may show it: what its plans say is without its secret values. */
export function withoutSecrets(
  instance: Instance,
  { operatorVersions }: Pick<Caches, 'operatorVersions'>,
): Instance {
  const { namespace, name } = observedReference(instance);
  const values = secretValues(undefined, instance, operatorVersions.get(`${namespace}/${name}`));
  const runs = instance.status?.planStatus;
  if (values.length === 0 || !runs) return instance;
  const masked = Object.entries(runs).map(([plan, run]) => [plan, maskPlanStatus(run, values)]);
  const planStatus = Object.fromEntries(masked) as typeof runs;
  return { ...instance, status: { ...instance.status, planStatus } };
}

function observedReference(observed: Instance | undefined): { namespace: string; name: string } {
  const { name = '', namespace } = observed?.spec?.operatorVersion ?? {};
  const own = observed?.metadata.namespace ?? '';
  return { name, namespace: namespace === undefined || namespace === '' ? own : namespace };
}

/** The plan of one Instance of a revision: what its preview shows and its rollout carries out. */
export function planOne(
  instance: DesiredInstance,
  revision: RevisionState,
  caches: Caches,
  syncUid: string | undefined,
): InstancePlan {
  const context = planContext(revision, caches, syncUid);
  return planInstance(instance, caches.instances.get(instance.key), context);
}

/** Plans of every Instance of a revision, in the order of their keys. */
export function planAll(
  revision: RevisionState,
  caches: Caches,
  syncUid: string | undefined,
): readonly InstancePlan[] {
  return [...revision.desired.instances.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((instance) => planOne(instance, revision, caches, syncUid));
}

/** Instances that this Sync made and Git no longer names; they are reported, never deleted. */
export function removedFromGit(
  { desired }: RevisionState,
  caches: Caches,
  owned: (key: ObjectKey) => boolean,
): readonly ObjectKey[] {
  if (desired.incomplete) return [];
  return caches.instances
    .list()
    .map((instance): ObjectKey => `${instance.metadata.namespace ?? ''}/${instance.metadata.name}`)
    .filter((key) => !desired.instances.has(key) && owned(key))
    .toSorted();
}
