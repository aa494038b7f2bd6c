import type { Instance, OperatorVersion, PlanStatus, Step } from '../kudo/objects.ts';
import { planStatusOf, runningPlan } from '../kudo/plan-status.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { InstanceSituation, NumberedRecord } from './instance-situation.ts';
import { isPlanFailure } from './rollout-verdict.ts';
import { settleRecord } from './settle-record.ts';

/**
 * The record of a failed plan whose work a later run has done, as KUDO's status of each plan tells: the
 * same plan, whoever ran it again, or another one that runs every task that was left undone. Undefined
 * while the failure stands.
 */
export function redoneFailure(
  { n, record }: NumberedRecord,
  situation: InstanceSituation,
): ChangeRecord | undefined {
  const { observed, now } = situation;
  if (!observed || !mayBeRedone(record, observed)) return undefined;
  const run = Object.values(observed.status?.planStatus ?? {}).find((status) =>
    redoes(status, { n, record }, observed, situation),
  );
  if (!run?.uid) return undefined;
  const others = situation.records.filter(({ record: other }) => other !== record);
  if (others.some(({ record: other }) => isRunOf(other, run))) {
    return { ...record, redoneBy: run.uid };
  }
  const { cause: _, progress: __, ...rest } = record;
  const message = `plan ${run.name} has done it since (${run.uid})`;
  return { ...rest, state: 'succeeded', planUid: run.uid, message, finishedAt: now };
}

/** A plan of this very Instance that failed, and does not run any more. */
function mayBeRedone(record: ChangeRecord, observed: Instance): boolean {
  if (!isPlanFailure(record) || record.kind === 'delete') return false;
  const isSame = observed.metadata.uid === record.instanceUid;
  return isSame && runningPlan(observed)?.uid !== record.planUid;
}

/** Whether a run has ended well, after the failure, and did what that left undone. */
function redoes(
  run: PlanStatus,
  { n, record }: NumberedRecord,
  observed: Instance,
  situation: InstanceSituation,
): boolean {
  if (run.status !== 'COMPLETE' || !run.uid) return false;
  const failed = planStatusOf(observed, record.plan);
  const does =
    run.name === record.plan
      ? run.uid !== record.uidBefore
      : isAfter(run, { n, record }, failed, situation) &&
        doesRest(run.name, record, failed, situation.version);
  if (!does) return false;
  const { cause: _, ...before } = record;
  const asRun = { ...before, state: 'running', plan: run.name, planUid: run.uid } as const;
  const settled = settleRecord({ n, record: asRun }, situation);
  return settled.kind === 'record' && settled.record.state === 'succeeded';
}

/** By our own records, else by KUDO's clock: it runs one plan of an Instance after the other. */
function isAfter(
  run: PlanStatus,
  { n, record }: NumberedRecord,
  failed: PlanStatus | undefined,
  { records }: InstanceSituation,
): boolean {
  if (records.some(({ n: later, record: other }) => later > n && isRunOf(other, run))) return true;
  if (failed?.uid === undefined || failed.uid !== record.planUid) return false;
  return (run.lastUpdatedTimestamp ?? '') > (failed.lastUpdatedTimestamp ?? '9');
}

const isRunOf = ({ planUid, plan }: ChangeRecord, { uid, name }: PlanStatus): boolean =>
  planUid === uid && plan === name;

/**
 * Whether plan `by` runs every task that a failed run left undone: those of its steps that are not
 * COMPLETE. Dummy tasks do nothing, and what the OperatorVersion has no more cannot be asked for.
 */
export function doesRest(
  by: string,
  { plan, planUid }: ChangeRecord,
  status: PlanStatus | undefined,
  version: OperatorVersion | undefined,
): boolean {
  if (!version) return false;
  const steps = stepsOf(plan, version);
  const isDone = doneIn(status?.uid === planUid ? status : undefined);
  const left = steps.filter((step) => !isDone(step)).flatMap(({ tasks }) => tasks);
  const kinds = new Map((version.spec?.tasks ?? []).map(({ name, kind }) => [name, kind]));
  const done = new Set(stepsOf(by, version).flatMap(({ tasks }) => tasks));
  return left.every((task) => done.has(task) || kinds.get(task) === 'Dummy');
}

interface PlacedStep {
  readonly phase: string;
  readonly name: string;
  readonly tasks: readonly string[];
}

function stepsOf(plan: string, { spec }: OperatorVersion): readonly PlacedStep[] {
  const plans = spec?.plans ?? {};
  const phases = (Object.hasOwn(plans, plan) ? plans[plan] : undefined)?.phases ?? [];
  return phases.flatMap(({ name: phase, steps }) =>
    (steps ?? []).map(({ name, tasks }: Step) => ({ phase, name, tasks: tasks ?? [] })),
  );
}

function doneIn(status: PlanStatus | undefined): (step: PlacedStep) => boolean {
  const done = new Set(
    (status?.phases ?? []).flatMap(({ name: phase, steps = [] }) =>
      steps
        .filter((step) => step.status === 'COMPLETE')
        .map(({ name }) => JSON.stringify([phase, name])),
    ),
  );
  return ({ phase, name }) => done.has(JSON.stringify([phase, name]));
}
