import { groupByEffectiveTrigger } from '../kudo/effective-trigger.ts';
import { findNeverAdmitted } from '../kudo/never-admitted.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
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
import { parameterDifference, type ParameterDifference } from './parameter-edits.ts';

/** What the planner may know besides the two sides of one Instance. */
export interface PlanContext {
  /** uid of the Sync that asks; undefined while it has none (a diff from a working copy). */
  readonly syncUid: string | undefined;
  /** The OperatorVersion of a revision: Git's if Git has it, else the cluster's. */
  findDesired(namespace: string, name: string): OperatorVersion | undefined;
  /** The OperatorVersion that the cluster has. */
  findObserved(namespace: string, name: string): OperatorVersion | undefined;
  /** Names of OperatorVersions that could be meant, for suggestions. */
  knownNames(namespace: string): readonly string[];
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
  const { key } = desired;
  const { namespace, name } = referenceOf(desired);
  const operatorVersion = context.findDesired(namespace, name);
  if (!operatorVersion) return stopped(key, missingOperatorVersion(desired, context));

  if (!observed || observed.metadata.deletionTimestamp !== undefined) {
    const problems = admissionProblems(desired, undefined, [], operatorVersion, operatorVersion);
    return {
      key,
      changes: [{ key, kind: 'create', plan: 'deploy', desired }],
      problems,
      notes: [],
    };
  }
  const difference = parameterDifference(desired, observed, operatorVersion);
  const upgrade = needsUpgrade(desired, observed);
  const stranger = ownerProblem(desired, observed, context.syncUid);
  if (stranger !== undefined) return leftAlone(desired, stranger, difference, upgrade);

  const current = currentOperatorVersion(observed, context) ?? operatorVersion;
  const changes = [
    ...(upgrade
      ? [upgradeChange(desired, observed, difference.edits, current, operatorVersion)]
      : []),
  ];
  const travelling = new Set(changes.flatMap(({ edits }) => edits.map((edit) => edit.name)));
  const rest = difference.edits.filter((edit) => !travelling.has(edit.name));
  const groups = groupByEffectiveTrigger(rest, operatorVersion);
  return {
    key,
    changes: [
      ...changes,
      ...groups.map(({ plan, edits }): Change => ({ key, kind: 'set-parameters', plan, edits })),
    ],
    problems: admissionProblems(desired, observed, difference.edits, current, operatorVersion),
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

function needsUpgrade(desired: DesiredInstance, observed: Instance): boolean {
  const wanted = referenceOf(desired);
  const current = observed.spec?.operatorVersion;
  const currentNamespace = emptyAsUndefined(current?.namespace) ?? desired.namespace;
  return current?.name !== wanted.name || currentNamespace !== wanted.namespace;
}

function currentOperatorVersion(
  observed: Instance,
  context: PlanContext,
): OperatorVersion | undefined {
  const reference = observed.spec?.operatorVersion;
  const namespace = emptyAsUndefined(reference?.namespace) ?? observed.metadata.namespace ?? '';
  return context.findObserved(namespace, reference?.name ?? '');
}

const emptyAsUndefined = (text: string | undefined): string | undefined =>
  text === '' ? undefined : text;

type Upgrade = Extract<Change, { kind: 'upgrade' }>;

function upgradeChange(
  desired: DesiredInstance,
  observed: Instance,
  edits: readonly ParameterEdit[],
  from: OperatorVersion,
  to: OperatorVersion,
): Upgrade {
  return {
    key: desired.key,
    kind: 'upgrade',
    plan: upgradePlan(to) ?? 'deploy',
    from: observed.spec?.operatorVersion?.name ?? '',
    to: desired.operatorVersion,
    edits: edits.filter((edit) => mustTravel(edit, from, to)),
  };
}

/** Keys that only the new OperatorVersion knows, and those that it makes immutable (kudo.md §2.5). */
function mustTravel(edit: ParameterEdit, from: OperatorVersion, to: OperatorVersion): boolean {
  if (edit.to === undefined) return false;
  const definition = (version: OperatorVersion) =>
    version.spec?.parameters?.find((parameter) => parameter.name === edit.name);
  const before = definition(from);
  if (!before) return definition(to) !== undefined;
  return before.immutable !== true && definition(to)?.immutable === true;
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
  from: OperatorVersion,
  to: OperatorVersion,
): Problem[] {
  return findNeverAdmitted({ desired: desired.parameters, observed, edits, from, to }).map(
    (denial) =>
      problem(
        denial.id,
        desired.parameterPositions[denial.parameter ?? ''] ?? desired.position,
        `${desired.key}: ${denial.message}`,
        denial.hint,
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
