import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { InstancePlan } from '../model/change.ts';
import type { DesiredInstance, DesiredObject } from '../model/desired.ts';
import type { DriftPolicy } from '../model/drift-policy.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { withoutFormerPlanTexts } from '../plan/former-secrets.ts';
import { maskPlans, secretValues } from '../plan/mask-secrets.ts';
import { secretNamesIn } from '../plan/parameter-edits.ts';
import {
  contentUid,
  operatorVersionStep,
  type OperatorVersionStep,
  type ReplacePolicy,
} from '../plan/operator-version-step.ts';
import { planInstance, referenceOf, type PlanContext } from '../plan/plan-instance.ts';
import type { Caches } from './cluster-view.ts';
import { dependencyContext } from './dependency-context.ts';
import type { DriftFights } from './drift-fights.ts';
import { replacePolicy, type ReplacingRevision } from './replace-policy.ts';
import type { RevisionState } from './revision-reader.ts';

/** Who asks for a plan, and what its Sync says of drift. */
export interface Asker {
  /** Of the Sync; undefined when none asks. */
  readonly uid: string | undefined;
  readonly driftPolicy: DriftPolicy;
  /** Fields that were set back too often; none when absent. */
  readonly fights?: Pick<DriftFights, 'isFought'>;
}

/** Reads what a revision says without judging the cluster. */
const NOBODY: Asker = { uid: undefined, driftPolicy: 'ignore' };

type PlanCaches = PlannedCaches & Partial<Pick<Caches, 'syncs'>>;

/** How the planner sees a revision against the cluster. */
export function planContext(
  revision: ReplacingRevision,
  caches: PlanCaches,
  { uid: syncUid, driftPolicy, fights }: Asker = NOBODY,
): PlanContext {
  const { desired } = revision;
  const policy = replacePolicy(revision, caches, syncUid);
  const observed = (namespace: string, name: string): OperatorVersion | undefined =>
    caches.operatorVersions.get(`${namespace}/${name}`);
  const versions = { desired: desired.operatorVersions, observed, policy };
  return {
    syncUid,
    dependencies: dependencyContext(desired.instances, caches.instances),
    driftPolicy,
    isFought: (key, field) => fights?.isFought(key, field) ?? false,
    ownerName: (uid) => ownerName(uid, caches),
    findObserved: observed,
    ...judgedVersions(versions),
    knownNames: (namespace) => [
      ...new Set(
        [...desired.operatorVersions.values(), ...caches.operatorVersions.list().map(asDesired)]
          .filter(({ key }) => key.startsWith(`${namespace}/`))
          .map(({ object }) => object.metadata.name),
      ),
    ],
  };
}

/** `Sync shop/fleet`; where Syncs are not watched, every owner counts as one that is there. */
function ownerName(uid: string, { syncs }: PlanCaches): string | undefined {
  if (!syncs) return 'another Sync';
  const sync = syncs.list().find(({ metadata }) => metadata.uid === uid);
  return sync && `Sync ${keyOf(sync)}`;
}

const asDesired = (object: OperatorVersion): { key: ObjectKey; object: OperatorVersion } => ({
  key: `${object.metadata.namespace ?? ''}/${object.metadata.name}`,
  object,
});

/** What the planner reads of the cluster. */
type PlannedCaches = Pick<Caches, 'operatorVersions' | 'instances'>;

/** Every OperatorVersion of a revision with what is to be done about it. */
export function versionSteps(
  revision: ReplacingRevision,
  caches: PlannedCaches,
  syncUid: string | undefined,
): readonly VersionStep[] {
  const policy = replacePolicy(revision, caches, syncUid);
  return [...revision.desired.operatorVersions.values()].map((wanted) => ({
    wanted,
    step: operatorVersionStep(wanted, caches.operatorVersions.get(wanted.key), policy),
  }));
}

/** An OperatorVersion of a revision, and what is to be done about it. */
export interface VersionStep {
  readonly wanted: DesiredObject<OperatorVersion>;
  readonly step: OperatorVersionStep;
}

/** By which content KUDO judges: the cluster's where there is one, unless Git's is to replace it. */
export function judgedVersions({
  desired,
  observed,
  policy,
}: {
  readonly desired: ReadonlyMap<ObjectKey, DesiredObject<OperatorVersion>>;
  readonly observed: PlanContext['findObserved'];
  readonly policy: ReplacePolicy;
}): Required<Pick<PlanContext, 'findDesired' | 'contentUid'>> {
  return {
    findDesired: (namespace, name) => {
      const live = observed(namespace, name);
      const wanted = desired.get(`${namespace}/${name}`);
      if (!wanted || !live) return live ?? wanted?.object;
      return operatorVersionStep(wanted, live, policy).kind === 'replace' ? wanted.object : live;
    },
    contentUid: (namespace, name) => {
      const live = observed(namespace, name);
      const wanted = desired.get(`${namespace}/${name}`);
      return wanted && contentUid(wanted, live, operatorVersionStep(wanted, live, policy));
    },
  };
}

/** Values of an Instance that nothing may quote, and of the children whose failures are told as its own. */
export function secretsOf(
  { desired, observed, children }: SecretOwner,
  revision: ReplacingRevision,
  caches: PlannedCaches,
): readonly string[] {
  const reference = desired ? referenceOf(desired) : observed && versionReference(observed);
  const context = planContext(revision, caches);
  const wanted = reference && context.findDesired(reference.namespace, reference.name);
  const versions = [wanted, observedVersion(observed, caches)];
  const own = secretValues({ desired, observed, versions });
  return [...own, ...children.flatMap((child) => observedSecrets(child, caches))];
}

/** Whose secrets are asked for: an Instance of Git, of the cluster, or both. */
interface SecretOwner {
  readonly desired: DesiredInstance | undefined;
  readonly observed: Instance | undefined;
  readonly children: readonly Instance[];
}

type VersionCache = Pick<Caches, 'operatorVersions'>;

/** Values of an Instance of the cluster that nothing may quote, whoever made it. */
export function observedSecrets(
  observed: Instance | undefined,
  caches: VersionCache,
): readonly string[] {
  return secretValues({ observed, versions: [observedVersion(observed, caches)] });
}

function observedVersion(
  observed: Instance | undefined,
  { operatorVersions }: VersionCache,
): OperatorVersion | undefined {
  if (!observed) return undefined;
  const { namespace, name } = versionReference(observed);
  return operatorVersions.get(`${namespace}/${name}`);
}

/** The Instance as a page may show it: what its plans say is without its secret values. */
export function withoutSecrets(instance: Instance, caches: VersionCache): Instance {
  const version = observedVersion(instance, caches);
  const annotations = [instance, version].map((one) => one?.metadata.annotations);
  const isSecret = annotations.flatMap(secretNamesIn).length > 0;
  const shown = isSecret ? withoutFormerPlanTexts(instance) : instance;
  return maskPlans(shown, observedSecrets(instance, caches));
}

/** The plan of one Instance of a revision: what its preview shows and its rollout carries out. */
export function planOne(
  instance: DesiredInstance,
  revision: RevisionState,
  caches: Caches,
  asker: Asker,
): InstancePlan {
  const context = planContext(revision, caches, asker);
  return planInstance(instance, caches.instances.get(instance.key), context);
}

/** Plans of every Instance of a revision, in the order of their keys. */
export function planAll(
  revision: RevisionState,
  caches: Caches,
  asker: Asker,
): readonly InstancePlan[] {
  return [...revision.desired.instances.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((instance) => planOne(instance, revision, caches, asker));
}
