import { findNeverAdmitted } from '../kudo/never-admitted.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import {
  describeEdit,
  driftText,
  type DriftNote,
  type InstancePlan,
  type ParameterEdit,
} from '../model/change.ts';
import type { DesiredInstance, SourcePosition } from '../model/desired.ts';
import { versionAuthor } from '../model/field-author.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import { abandonChange } from './abandoned-run.ts';
import { dependencyProblems, type DependencyContext } from './dependency-problems.ts';
import { changesBetween } from './changes-between.ts';
import { versionDrift, withCorrections, type DriftContext } from './drift.ts';
import { maskSecrets, secretValues } from './mask-secrets.ts';
import { ownershipOf, type Ownership } from './ownership.ts';
import { metadataChange } from './plan-metadata.ts';
import { differencesText, planAdoption, statedDecisions } from './plan-adoption.ts';
import { parameterDifference } from './parameter-edits.ts';

/** What the planner may know besides the two sides of one Instance. */
export interface PlanContext extends DriftContext {
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
  /** What to call the Sync of a uid; undefined for one that is gone. */
  ownerName(uid: string): string | undefined;
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
  const wanted = { version: operatorVersion, contentUid };
  const ownership = ownershipOf(observed, key, context.syncUid, (uid) => context.ownerName(uid));
  if (ownership.kind === 'ours') return planOwn(desired, observed, wanted, context);
  return planForeign({ desired, observed, ownership }, wanted, context);
}

/** The OperatorVersion that Git names, and what a reference to it has to say. */
interface Wanted {
  readonly version: OperatorVersion;
  readonly contentUid: string | undefined;
}

function planOwn(
  desired: DesiredInstance,
  observed: Instance,
  { version, contentUid }: Wanted,
  context: PlanContext,
): InstancePlan {
  const { key } = desired;
  const current = currentOperatorVersion(desired, observed, context) ?? version;
  const renamed = isRenamed(desired, observed);
  const drift = renamed ? versionDrift(desired, observed, context) : 'none';
  const isLeft = drift === 'told' || drift === 'ignored';
  const upgrade = !isLeft && (renamed || isOutdated(contentUid, observed));
  // Parameters are those of the version that the Instance goes on to have.
  const to = isLeft ? current : version;
  const isDrift = drift === 'corrected';
  const versions = { from: current, to, upgrade, isDrift, contentUid };
  const difference = parameterDifference(desired, observed, to);
  const { edits: own, told } = withCorrections(desired, difference, context);
  const wish = { edits: own, drifted: difference.drifted };
  const { edits, changes } = changesBetween(desired, observed, wish, versions);
  const decision = metadataChange(desired, observed, statedDecisions(desired, observed));
  const left = [
    ...(drift === 'told' ? [versionNote(desired, observed)] : []),
    ...told.map(editNote),
  ];
  const notes = left.map(({ text, identity }) => ({
    text: `${key}: ${text} differs from Git and is left alone`,
    identity,
  }));
  return {
    key,
    changes: decision ? [...changes, decision] : changes,
    problems: admissionProblems(desired, observed, edits, versions),
    notes: notes.map(({ text }) => text),
    ...(notes.length > 0 ? { drift: notes } : {}),
  };
}

/** Of a secret value not even a hash is told: its next change is no news. */
const editNote = (edit: ParameterEdit): DriftNote => ({
  text: describeEdit(edit),
  identity: JSON.stringify([edit.name, ...(edit.secret ? [] : [edit.from, edit.to])]),
});

function versionNote({ operatorVersion }: DesiredInstance, observed: Instance): DriftNote {
  const from = observed.spec?.operatorVersion?.name ?? '';
  const identity = `operatorVersion ${from} → ${operatorVersion.name}`;
  return { identity, text: identity + driftText({ setBy: versionAuthor(observed) }) };
}

/** Taking over what is nobody's; what is somebody else's is left alone. */
function planForeign(
  {
    desired,
    observed,
    ownership,
  }: {
    readonly desired: DesiredInstance;
    readonly observed: Instance;
    readonly ownership: Exclude<Ownership, { kind: 'ours' }>;
  },
  { version, contentUid }: Wanted,
  context: PlanContext,
): InstancePlan {
  const { key } = desired;
  const upgrade = isRenamed(desired, observed) || isOutdated(contentUid, observed);
  const found = parameterDifference(desired, observed, version);
  const edits = [...found.edits, ...found.drifted].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (ownership.kind === 'others') {
    return leftAlone(desired, ownership, differencesText(desired, { edits, upgrade }));
  }
  const adoption = planAdoption(desired, { edits, upgrade }, ownership.why);
  if (!('kind' in adoption)) return stopped(key, adoption);
  const from = currentOperatorVersion(desired, observed, context) ?? version;
  const versions = { from, to: version, upgrade, isDrift: false, contentUid };
  const wish = changesBetween(desired, observed, { edits, drifted: [] }, versions);
  const problems = admissionProblems(desired, observed, wish.edits, versions);
  const metadata = metadataChange(desired, observed, {});
  const changes = [adoption, ...wish.changes, ...(metadata ? [metadata] : [])];
  return { key, changes, problems, notes: [] };
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
  const [wanted, current] = [referenceOf(desired), versionReference(observed)];
  return current.name !== wanted.name || current.namespace !== wanted.namespace;
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
  const { namespace, name } = versionReference(observed);
  return context.findObserved(namespace, name);
}

function leftAlone(
  { key, position }: DesiredInstance,
  { why, hint }: Extract<Ownership, { kind: 'others' }>,
  differences: string,
): InstancePlan {
  const text = `${key} exists and is left alone: ${why}`;
  if (differences === '') {
    return { key, changes: [], problems: [], notes: [`${text}; it says the same as Git`] };
  }
  const message = `${text}; Git differs in ${differences}`;
  return stopped(key, problem('foreign-instance', position, message, hint));
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
  { from, to }: { readonly from: OperatorVersion; readonly to: OperatorVersion },
): Problem[] {
  const secrets = secretValues({ desired, observed, versions: [from, to] });
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
