import { groupByEffectiveTrigger } from '../kudo/effective-trigger.ts';
import { findParameter, parametersOf } from '../kudo/find-parameter.ts';
import { findNeverAdmitted } from '../kudo/never-admitted.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { placeUpgradeEdits } from '../kudo/upgrade-edits.ts';
import { upgradePlan } from '../kudo/upgrade-plan.ts';
import {
  describeEdit,
  type Change,
  type InstancePlan,
  type ParameterEdit,
} from '../model/change.ts';
import type { DesiredInstance, SourcePosition } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';
import { abandonChange } from './abandoned-run.ts';
import { dependencyProblems, type DependencyContext } from './dependency-problems.ts';
import { maskSecrets, secretValues } from './mask-secrets.ts';
import { parameterDifference, secretNames, type ParameterDifference } from './parameter-edits.ts';

/** What the planner may know besides the two sides of one Instance. */
export interface PlanContext {
  /** uid of the Sync that asks; undefined while it has none (a diff from a working copy). */
  readonly syncUid: string | undefined;
  /** The OperatorVersion of a revision: Git's if Git has it, else the cluster's. */
  findDesired(namespace: string, name: string): OperatorVersion | undefined;
  /** What a reference to an OperatorVersion whose content was replaced has to say; see `contentUid`. */
  contentUid?(namespace: string, name: string): string | undefined;
  /** The OperatorVersion that the cluster has. */
  findObserved(namespace: string, name: string): OperatorVersion | undefined;
  /** Names of OperatorVersions that could be meant, for suggestions. */
  knownNames(namespace: string): readonly string[];
  /** What `gitops.kudo.dev/depends-on` is judged by; undefined where it does not matter. */
  readonly dependencies?: DependencyContext | undefined;
}

/**
 * What brings one Instance from `observed` to `desired`, in the order in which KUDO accepts it: at most
 * one upgrade, then one group of parameters per effective trigger (reference: KUDO's
 * pkg/webhook/instance_admission.go). The preview of a commit and its rollout both come from here.
 */
export function planInstance(
  desired: DesiredInstance,
  observed: Instance | undefined,
  context: PlanContext,
): InstancePlan {
  const plan = planAlone(desired, observed, context);
  const problems = dependencyProblems(desired, context.dependencies);
  const abandon = abandonChange(desired, observed, context.syncUid);
  const changes = [...(abandon ? [abandon] : []), ...plan.changes];
  const waitsFor = changes.length > 0 ? desired.dependsOn : undefined;
  if (problems.length === 0 && !waitsFor && !abandon) return plan;
  return { ...plan, changes, problems: [...problems, ...plan.problems], waitsFor };
}

function planAlone(
  desired: DesiredInstance,
  observed: Instance | undefined,
  context: PlanContext,
): InstancePlan {
  const { key } = desired;
  const { namespace, name } = referenceOf(desired);
  const operatorVersion = context.findDesired(namespace, name);
  if (!operatorVersion) return stopped(key, missingOperatorVersion(desired, context));
  const contentUid = context.contentUid?.(namespace, name);

  if (!observed || observed.metadata.deletionTimestamp !== undefined) {
    const problems = admissionProblems(desired, undefined, [], {
      from: operatorVersion,
      to: operatorVersion,
    });
    return {
      key,
      changes: [{ key, kind: 'create', plan: 'deploy', desired, contentUid }],
      problems,
      notes: [],
    };
  }
  const difference = parameterDifference(desired, observed, operatorVersion);
  const upgrade = isRenamed(desired, observed) || isOutdated(contentUid, observed);
  const stranger = ownerProblem(desired, observed, context.syncUid);
  if (stranger !== undefined) return leftAlone(desired, stranger, difference, upgrade);

  const current = currentOperatorVersion(desired, observed, context) ?? operatorVersion;
  const versions = { from: current, to: operatorVersion };
  const edits = upgrade
    ? withForcedValues(desired, observed, difference, versions)
    : difference.edits;
  return {
    key,
    changes: upgrade
      ? changesAroundUpgrade({ ...desired, contentUid }, observed, edits, versions)
      : changesOf(key, edits, operatorVersion),
    problems: admissionProblems(desired, observed, edits, versions),
    notes: difference.drifted.map(
      (edit) => `${key}: ${describeEdit(edit)} differs from Git and is left alone`,
    ),
  };
}

/** Namespace and name of the OperatorVersion that an Instance refers to (an empty namespace is its own). */
export function referenceOf(instance: {
  readonly namespace: string;
  readonly operatorVersion: DesiredInstance['operatorVersion'];
}): { namespace: string; name: string } {
  const { name, namespace } = instance.operatorVersion;
  return { name, namespace: namespace ?? instance.namespace };
}

function isRenamed(desired: DesiredInstance, observed: Instance): boolean {
  const wanted = referenceOf(desired);
  const current = observed.spec?.operatorVersion;
  const currentNamespace = emptyAsUndefined(current?.namespace) ?? desired.namespace;
  return current?.name !== wanted.name || currentNamespace !== wanted.namespace;
}

/** Its OperatorVersion has other content than the one that it was last upgraded to. */
function isOutdated(contentUid: string | undefined, { spec }: Instance): boolean {
  return contentUid !== undefined && spec?.operatorVersion?.uid !== contentUid;
}

/** The version before an upgrade; of replaced content KUDO knows the new one alone. */
function currentOperatorVersion(
  desired: DesiredInstance,
  observed: Instance,
  context: PlanContext,
): OperatorVersion | undefined {
  if (!isRenamed(desired, observed)) return undefined;
  const reference = observed.spec?.operatorVersion;
  const namespace = emptyAsUndefined(reference?.namespace) ?? observed.metadata.namespace ?? '';
  return context.findObserved(namespace, reference?.name ?? '');
}

const emptyAsUndefined = (text: string | undefined): string | undefined =>
  text === '' ? undefined : text;

/** The OperatorVersion that the Instance has and the one that Git wants; often the same. */
interface Versions {
  readonly from: OperatorVersion;
  readonly to: OperatorVersion;
}

/** One change per effective trigger. */
function changesOf(
  key: ObjectKey,
  edits: readonly ParameterEdit[],
  version: OperatorVersion,
): Change[] {
  return groupByEffectiveTrigger(edits, version).map((group) => ({
    key,
    kind: 'set-parameters',
    ...group,
  }));
}

/** The upgrade with what must travel with it, and the other edits where KUDO admits them. */
function changesAroundUpgrade(
  { key, operatorVersion, contentUid }: DesiredInstance & { contentUid: string | undefined },
  observed: Instance,
  edits: readonly ParameterEdit[],
  { from, to }: Versions,
): Change[] {
  const { before, together, after } = placeUpgradeEdits(edits, from, to);
  const upgrade: Change = {
    key,
    kind: 'upgrade',
    plan: upgradePlan(to) ?? 'deploy',
    from: observed.spec?.operatorVersion?.name ?? '',
    to: contentUid === undefined ? operatorVersion : { ...operatorVersion, uid: contentUid },
    edits: together,
  };
  return [...changesOf(key, before, from), upgrade, ...changesOf(key, after, to)];
}

/**
 * The edits, and values that say what the default says but must stand in the Instance nevertheless:
 * KUDO upgrades to a version that makes a parameter immutable only with a value of it (kudo.md §2.6).
 */
function withForcedValues(
  desired: DesiredInstance,
  observed: Instance,
  { edits, drifted }: ParameterDifference,
  { from, to }: Versions,
): readonly ParameterEdit[] {
  const live = observed.spec?.parameters ?? {};
  const known = new Set([...edits, ...drifted].map(({ name }) => name));
  const secrets = secretNames(desired, to);
  const forced = parametersOf(to).flatMap(({ name, immutable }): ParameterEdit[] => {
    const value = desired.parameters[name];
    const isFrozen = immutable === true && findParameter(from, name)?.immutable !== true;
    if (!isFrozen || value === undefined || live[name] !== undefined || known.has(name)) return [];
    return [{ name, from: undefined, to: value, secret: secrets.has(name) }];
  });
  return [...edits, ...forced];
}

/** Why an existing Instance is not ours to change; undefined when it is. */
function ownerProblem(
  { key }: DesiredInstance,
  observed: Instance,
  syncUid: string | undefined,
): string | undefined {
  const parent = observed.metadata.ownerReferences?.find((owner) => owner.kind === 'Instance');
  if (parent) return `it is a child of Instance ${parent.name}, whose plans set its parameters`;
  const owner = observed.metadata.annotations?.[ANNOTATION.owner];
  if (owner === undefined) return 'it was not made by kudo-gitops';
  if (syncUid === undefined || owner === `${syncUid}:${key}`) return undefined;
  return 'it belongs to another Sync';
}

function leftAlone(
  desired: DesiredInstance,
  why: string,
  { edits, drifted }: ParameterDifference,
  upgrade: boolean,
): InstancePlan {
  const { key } = desired;
  const differences = [
    ...(upgrade ? [`operatorVersion → ${desired.operatorVersion.name}`] : []),
    ...[...edits, ...drifted].map(describeEdit),
  ];
  if (differences.length === 0) {
    const note = `${key} is left alone: ${why}; it says the same as Git`;
    return { key, changes: [], problems: [], notes: [note] };
  }
  const message = `${key} exists and is left alone: ${why}; Git differs in ${differences.join(', ')}`;
  const hint = 'delete the Instance, or make Git say what the cluster has';
  return stopped(key, problem('foreign-instance', desired.position, message, hint));
}

function stopped(key: ObjectKey, why: Problem): InstancePlan {
  return { key, changes: [], problems: [why], notes: [] };
}

function missingOperatorVersion(desired: DesiredInstance, context: PlanContext): Problem {
  const { namespace, name } = referenceOf(desired);
  const known = context.knownNames(namespace);
  return problem(
    'missing-operator-version',
    desired.operatorVersionPosition,
    `OperatorVersion ${namespace}/${name} is neither in Git nor in the cluster`,
    known.length > 0
      ? `known there: ${known.slice(0, 5).join(', ')}`
      : `add its package to the repository, or install it in namespace ${namespace}`,
  );
}

function admissionProblems(
  desired: DesiredInstance,
  observed: Instance | undefined,
  edits: readonly ParameterEdit[],
  { from, to }: Versions,
): Problem[] {
  const secrets = secretValues(desired, observed, to);
  const masked = (text: string): string => maskSecrets(text, secrets);
  return findNeverAdmitted({ desired: desired.parameters, observed, edits, from, to }).map(
    (denial) =>
      problem(
        denial.id,
        desired.parameterPositions[denial.parameter ?? ''] ?? desired.position,
        `${desired.key}: ${masked(denial.message)}`,
        denial.hint === undefined ? undefined : masked(denial.hint),
      ),
  );
}

function problem(
  id: string,
  position: SourcePosition,
  message: string,
  hint: string | undefined,
): Problem {
  return { id, severity: 'error', ...position, message, hint };
}
