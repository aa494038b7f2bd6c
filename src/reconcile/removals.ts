import { parseDependsOn } from '../desired/depends-on.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { CLEANUP_FINALIZER } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { Change, InstancePlan } from '../model/change.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Sync } from '../model/sync.ts';
import type { InstanceSituation } from '../plan/instance-situation.ts';
import { planRemovals, type Standing } from '../plan/plan-removals.ts';
import { CLEANUP_PLAN } from '../plan/settle-deletion.ts';
import type { Caches } from './cluster-view.ts';
import { ownedBy } from './observed-owner.ts';
import type { RevisionState } from './revision-reader.ts';
import type { SyncSettings } from './sync-settings.ts';

type Observed = Pick<Caches, 'instances' | 'operatorVersions'>;

/** Whose removals are looked for. */
export interface RemovalInput {
  readonly settings: Pick<
    SyncSettings,
    'uid' | 'namespace' | 'name' | 'paths' | 'prune' | 'pruneLimit'
  >;
  readonly revision: Pick<RevisionState, 'desired'> & { readonly commit: { readonly oid: string } };
  /** The Sync as the cluster has it, with what people wrote on it. */
  readonly sync: Pick<Sync, 'metadata'> | undefined;
  readonly standingOf: (key: ObjectKey) => Standing | undefined;
}

/** What becomes of the Instances that this Sync made and the revision no longer has. */
export function removalsOf(
  { settings, revision, sync, standingOf }: RemovalInput,
  caches: Observed,
): ReadonlyMap<ObjectKey, InstancePlan> {
  const { oid } = revision.commit;
  const confirmed = sync?.metadata.annotations?.[ANNOTATION.confirmPrune] ?? '';
  const { namespace, name } = settings;
  return planRemovals({
    ...settings,
    owned: caches.instances
      .list()
      .filter((instance) => ownedBy(settings.uid, keyOf(instance), instance)),
    desired: revision.desired,
    isConfirmed: /^[0-9a-f]{7,40}$/.test(confirmed) && oid.startsWith(confirmed),
    howToConfirm: `kubectl annotate sync ${name} -n ${namespace} --overwrite ${ANNOTATION.confirmPrune}=${oid}`,
    standingOf,
    dependsOn: writtenDependencies,
    cleanupPlan: (instance) => (cleanupOf(instance, caches) === 'runs' ? CLEANUP_PLAN : '-'),
  });
}

/** What Git said at the last change of the Instance; it says nothing of it any more. */
function writtenDependencies({ metadata }: Instance): readonly ObjectKey[] {
  const { annotations, namespace = '' } = metadata;
  return parseDependsOn(annotations?.[ANNOTATION.dependsOn], namespace).keys;
}

/** What KUDO makes of the Instance's finalizer when it is deleted; `no-plan` also when there is none. */
export function cleanupOf(
  instance: Instance,
  caches: Pick<Caches, 'operatorVersions'>,
): NonNullable<InstanceSituation['cleanup']> {
  const version = versionOf(instance, caches);
  if (!version) return 'no-version';
  const isHeld = instance.metadata.finalizers?.includes(CLEANUP_FINALIZER) === true;
  return isHeld && version.spec?.plans?.[CLEANUP_PLAN] ? 'runs' : 'no-plan';
}

/** Names of the phases of the cleanup plans that will run, by change. */
export function cleanupPhases(
  plans: Iterable<InstancePlan>,
  caches: Observed,
): ReadonlyMap<Change, readonly string[]> {
  const deletions = [...plans].flatMap(({ changes }) =>
    changes.filter(({ kind }) => kind === 'delete'),
  );
  return new Map(deletions.map((change) => [change, phasesOf(change, caches)]));
}

function phasesOf({ key, plan }: Change, caches: Observed): readonly string[] {
  const instance = caches.instances.get(key);
  const version = instance && versionOf(instance, caches);
  return version?.spec?.plans?.[plan]?.phases?.map(({ name }) => name) ?? [];
}

function versionOf(
  instance: Instance,
  { operatorVersions }: Pick<Caches, 'operatorVersions'>,
): OperatorVersion | undefined {
  const { namespace, name } = versionReference(instance);
  return operatorVersions.get(`${namespace}/${name}`);
}
