import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { INSTANCES, OPERATOR_VERSIONS, SYNCS } from '../cluster/resources.ts';
import type { Instance, Operator, OperatorVersion } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import type { Change, InstancePlan } from '../model/change.ts';
import type { DesiredInstance, DesiredState } from '../model/desired.ts';
import { type ObjectKey, splitKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import type { Sync } from '../model/sync.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { planInstance, referenceOf } from '../plan/plan-instance.ts';
import { INSTANCE_CACHE } from '../reconcile/cluster-view.ts';
import { planPhases } from '../reconcile/plan-phases.ts';
import { planContext, versionSteps, type VersionStep } from '../reconcile/plan-revision.ts';
import { cleanupPhases, removalsOf } from '../reconcile/removals.ts';
import type { SyncSettings } from '../reconcile/sync-settings.ts';
import { fillCache } from './fill-cache.ts';
import { listAll } from './open-cluster.ts';
import { runsAgainstCluster, type ClusterRuns } from './runs-against-cluster.ts';

/** Everything that brings the cluster to what files say, as a rollout of them would go about it. */
export interface ClusterPlan {
  /** OperatorVersions that the cluster lacks. */
  readonly newVersions: readonly ObjectKey[];
  /** OperatorVersions whose content would be replaced. */
  readonly replacedVersions: readonly ObjectKey[];
  /** By key; those that need nothing have no changes. */
  readonly instances: readonly InstancePlan[];
  /** Names of the phases of a change's plan, where they are known. */
  readonly phases: ReadonlyMap<Change, readonly string[]>;
  /** Instances that the Sync made, the files do not name, and nobody deletes. */
  readonly removed: readonly ObjectKey[];
  /** What becomes of the files' PlanRuns, PlanSchedules, and of those PlanSchedules that they no longer have. */
  readonly runs: ClusterRuns;
  /** Of the files, of OperatorVersions, PlanRuns and PlanSchedules; those of Instances stand in their plans. */
  readonly problems: readonly Problem[];
  /** Parameters of a new Instance whose values are secret. */
  readonly secretsOf: (desired: DesiredInstance) => ReadonlySet<string>;
}

type Desired = DesiredState<Operator, OperatorVersion>;

interface Against {
  readonly client: KubeClient;
  /** Of objects that name none. */
  readonly namespace: string;
  /** Undefined when no Sync asks: then Instances of every Sync count as one's own, and nothing is deleted. */
  readonly sync: SyncSettings | undefined;
}

/** Compares files with the cluster by the planner of the service; reads only the namespaces that matter. */
export async function planAgainstCluster(
  desired: Desired,
  against: Against,
  scope: Scope,
): Promise<ClusterPlan> {
  const { client, sync } = against;
  const namespaces = namespacesOf(desired, against.namespace);
  const instances = new ObjectCache<Instance>({ client, path: INSTANCES }, INSTANCE_CACHE);
  const operatorVersions = new ObjectCache<OperatorVersion>({ client, path: OPERATOR_VERSIONS });
  await fillCache(instances, INSTANCES, { namespaces, client }, scope);
  await fillCache(operatorVersions, OPERATOR_VERSIONS, { namespaces, client }, scope);
  const revision = { desired, replacesVersions: sync?.replaceOperatorVersions === true };
  const syncs = await readSyncs(client, scope);
  const caches = { instances, operatorVersions, ...(syncs ? { syncs } : {}) };
  const asker = { uid: sync?.uid, driftPolicy: sync?.driftPolicy ?? 'correct' };
  const context = planContext(revision, caches, asker);
  const versions = versionSteps(revision, caches, sync?.uid);
  const plans = [...desired.instances.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((instance) => planInstance(instance, instances.get(instance.key), context));
  const removals = sync ? removalsFrom(desired, sync, caches) : [];
  const runs = await runsAgainstCluster(revision, { ...against, namespaces, caches }, scope);
  const acted = removals.filter(({ changes }) => changes.length > 0);
  return {
    newVersions: keysOfKind('create', versions),
    replacedVersions: keysOfKind('replace', versions),
    instances: [...plans, ...acted].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    phases: new Map([...planPhases(plans, desired, context), ...cleanupPhases(acted, caches)]),
    removed: removals.filter((plan) => !acted.includes(plan)).map(({ key }) => key),
    runs,
    problems: [
      ...desired.problems,
      ...versions.flatMap(({ step }) => (step.kind === 'refuse' ? [step.problem] : [])),
      ...[...runs.runs, ...runs.schedules].flatMap(({ problems }) => problems),
    ],
    secretsOf: (instance) => {
      const { namespace, name } = referenceOf(instance);
      return secretNames(instance, context.findDesired(namespace, name));
    },
  };
}

function keysOfKind(
  kind: 'create' | 'replace',
  versions: readonly VersionStep[],
): readonly ObjectKey[] {
  return versions.filter(({ step }) => step.kind === kind).map(({ wanted }) => wanted.key);
}

function namespacesOf(desired: Desired, fallback: string): readonly string[] {
  const { instances, operatorVersions, planRuns, planSchedules } = desired;
  const keys = [instances, operatorVersions, planRuns, planSchedules].flatMap((all) => [
    ...all.keys(),
  ]);
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

/** Undefined where Syncs cannot be listed: then every owner counts as one that is there. */
async function readSyncs(client: KubeClient, scope: Scope): Promise<ObjectCache<Sync> | undefined> {
  try {
    const cache = new ObjectCache<Sync>({ client, path: SYNCS });
    for (const sync of await listAll<Sync>(client, SYNCS, scope)) cache.update(sync);
    return cache;
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    return undefined;
  }
}

/** A commit that nobody has made yet, so that nobody can have agreed to what it removes. */
const NO_COMMIT = { oid: '' };

/** What other Syncs have in Git is not known here. */
const unknown = (): undefined => undefined;

function removalsFrom(
  desired: Desired,
  settings: SyncSettings,
  caches: Parameters<typeof removalsOf>[1],
): readonly InstancePlan[] {
  const revision = { desired, commit: NO_COMMIT };
  const input = { settings, revision, sync: undefined, standingOf: unknown };
  return [...removalsOf(input, caches).values()];
}
