import type { Instance } from '../kudo/objects.ts';
import type { DesiredInstance, DesiredPlan, DesiredPlanRun } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { ownerUid } from '../model/owner-uid.ts';
import { stateOf, type PlanRun, type PlanRunState } from '../model/plan-run.ts';
import type { PlanSchedule } from '../model/plan-schedule.ts';
import type { Problem } from '../model/problem.ts';

/** By what PlanRuns and PlanSchedules of a revision are judged. */
export interface PlanRunContext {
  /** uid of the Sync that asks; undefined while it has none (a diff from a working copy). */
  readonly syncUid: string | undefined;
  readonly findDesired: (key: ObjectKey) => DesiredInstance | undefined;
  readonly findObserved: (key: ObjectKey) => Instance | undefined;
  readonly findRun: (key: ObjectKey) => PlanRun | undefined;
  readonly findSchedule: (key: ObjectKey) => PlanSchedule | undefined;
  /** True when no earlier commit was carried out: what is in Git then may have run long ago, elsewhere. */
  readonly isFirstSync: () => boolean;
  /** Whether there is a Sync with this uid. */
  readonly isSync: (uid: string) => boolean;
  /** Names of the plans that the Instance will have; undefined when that is not known. */
  readonly plansOf: (instance: ObjectKey) => readonly string[] | undefined;
  /** Names of Instances that could be meant. */
  readonly instancesIn: (namespace: string) => readonly string[];
  /** `did you mean X?`, or undefined when nothing is close. */
  readonly suggest: (word: string, known: readonly string[]) => string | undefined;
}

/** What is to become of one PlanRun of a revision. */
export interface PlannedRun {
  readonly desired: DesiredPlanRun;
  readonly instance: ObjectKey;
  /** As the cluster has it. */
  readonly known: PlanRun | undefined;
  /** True when it has not been sent yet. */
  readonly isToCome: boolean;
  /** Why it does not run; undefined when it will. */
  readonly whyNot: string | undefined;
  /** Of severity error: it is left alone while there is one. */
  readonly problems: readonly Problem[];
}

/** A PlanRun against the cluster. The preview of a commit and its rollout both come from here. */
export function planRun(desired: DesiredPlanRun, context: PlanRunContext): PlannedRun {
  const instance = instanceOf(desired);
  const known = context.findRun(desired.key);
  const isToCome = known === undefined || hasNotStarted(known);
  const problems = isToCome
    ? [...planProblems(desired, context), ...orderProblems(desired, context)]
    : [];
  const taken = known && takenProblem(desired, known, context);
  const whyNot = whyNotRun(desired, known, context);
  return { desired, instance, known, isToCome, whyNot, problems: taken ? [taken] : problems };
}

function whyNotRun(
  { spec }: DesiredPlanRun,
  known: PlanRun | undefined,
  { isFirstSync }: PlanRunContext,
): string | undefined {
  if (!known) return spec.onFirstSync === 'skip' && isFirstSync() ? SKIPPED_AT_FIRST : undefined;
  if (known.metadata.annotations?.[ANNOTATION.skip] !== undefined) return SKIPPED_AT_FIRST;
  return WHY_NOT[stateOf(known)];
}

/** Why a PlanRun of an earlier day does not run. */
export const SKIPPED_AT_FIRST = 'it was in Git before its Sync was; see spec.onFirstSync';

const WHY_NOT: Readonly<Partial<Record<PlanRunState, string>>> = {
  sending: 'it is under way',
  running: 'it is under way',
  succeeded: 'it has run',
  failed: 'it has run and failed; kudo-gitops plan retry runs it again',
  skipped: 'it was skipped',
};

/** The Instance whose plan it is. */
export function instanceOf({ namespace, spec }: AnyPlan): ObjectKey {
  return `${namespace}/${spec.instance}`;
}

/** True while the object may still be changed. */
export function hasNotStarted(run: PlanRun): boolean {
  return stateOf(run) === 'waiting' || stateOf(run) === 'held';
}

type AnyPlan = Pick<
  DesiredPlan<{ readonly instance: string; readonly plan: string }>,
  'key' | 'namespace' | 'spec' | 'instancePosition' | 'planPosition'
>;

/** What is wrong with the names of a PlanRun or PlanSchedule. */
export function planProblems(wanted: AnyPlan, context: PlanRunContext): readonly Problem[] {
  const { namespace, spec, instancePosition, planPosition } = wanted;
  const instance = instanceOf(wanted);
  if (!context.findDesired(instance) && !context.findObserved(instance)) {
    const known = context.instancesIn(namespace).toSorted();
    return [
      error('unknown-instance', instancePosition, {
        message: `there is no Instance ${instance} in Git or in the cluster`,
        hint: context.suggest(spec.instance, known),
      }),
    ];
  }
  if (spec.plan === 'cleanup') {
    const message = 'KUDO runs the plan cleanup only when an Instance is deleted';
    return [error('unknown-plan', planPosition, { message })];
  }
  const plans = context.plansOf(instance);
  if (!plans || plans.includes(spec.plan)) return [];
  const hint = context.suggest(spec.plan, plans) ?? `it has: ${plans.toSorted().join(', ')}`;
  const message = `Instance ${instance} has no plan ${spec.plan}`;
  return [error('unknown-plan', planPosition, { message, hint })];
}

function orderProblems(desired: DesiredPlanRun, context: PlanRunContext): readonly Problem[] {
  const { key, spec, instancePosition } = desired;
  const instance = instanceOf(desired);
  if (spec.when !== 'before' || context.findObserved(instance)) return [];
  const message = `${key} is to run before the commit's changes, but one of them creates Instance ${instance}`;
  return [error('before-creation', instancePosition, { message, hint: 'write when: after' })];
}

/** The name stands for something else already. */
function takenProblem(
  desired: DesiredPlanRun,
  known: PlanRun,
  context: PlanRunContext,
): Problem | undefined {
  const uid = ownerUid(known);
  const hint = 'a PlanRun is known by its name: give this one another';
  if (uid !== undefined && isOfOthers(uid, context)) {
    const message = `PlanRun ${desired.key} belongs to another Sync`;
    return error('plan-run-of-others', desired.position, { message, hint });
  }
  const { instance, plan } = known.spec;
  const isSame = instance === desired.spec.instance && plan === desired.spec.plan;
  if (isSame || hasNotStarted(known)) return undefined;
  const what = stateOf(known) === 'skipped' ? 'was skipped' : 'has run already';
  const message = `PlanRun ${desired.key} ${what}, with plan ${plan} of ${instance}`;
  return error('plan-run-changed', desired.position, { message, hint });
}

/** True for the uid of another Sync that is there. */
export function isOfOthers(uid: string, { syncUid, isSync }: PlanRunContext): boolean {
  return syncUid !== undefined && uid !== syncUid && isSync(uid);
}

function error(
  id: string,
  position: DesiredPlanRun['position'],
  text: { readonly message: string; readonly hint?: string | undefined },
): Problem {
  return { id, severity: 'error', ...position, ...text };
}
