import type { DesiredPlanSchedule } from '../model/desired.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { ownerUid } from '../model/owner-uid.ts';
import { PlanScheduleSpec, type PlanSchedule } from '../model/plan-schedule.ts';
import type { Problem } from '../model/problem.ts';
import { isOfOthers, planProblems, type PlanRunContext } from './plan-runs.ts';

/** What is to become of one PlanSchedule of a revision. */
export interface PlannedSchedule {
  readonly desired: DesiredPlanSchedule;
  /** As the cluster has it. */
  readonly known: PlanSchedule | undefined;
  /** Undefined when the cluster says the same. */
  readonly change: 'create' | 'change' | undefined;
  /** Of severity error: it is left alone while there is one. */
  readonly problems: readonly Problem[];
}

/** A PlanSchedule against the cluster. The preview of a commit and its rollout both come from here. */
export function planSchedule(
  desired: DesiredPlanSchedule,
  context: PlanRunContext,
): PlannedSchedule {
  const known = context.findSchedule(desired.key);
  const isSame = known !== undefined && saysTheSame(known, desired.spec);
  return {
    desired,
    known,
    change: known ? (isSame ? undefined : 'change') : 'create',
    problems: [...planProblems(desired, context), ...takenProblems(desired, known, context)],
  };
}

function takenProblems(
  { key, position }: DesiredPlanSchedule,
  known: PlanSchedule | undefined,
  context: PlanRunContext,
): readonly Problem[] {
  const uid = ownerUid(known);
  if (uid === undefined || !isOfOthers(uid, context)) return [];
  const message = `PlanSchedule ${key} belongs to another Sync`;
  const hint = 'give this one another name';
  return [{ id: 'plan-schedule-of-others', severity: 'error', ...position, message, hint }];
}

function saysTheSame({ spec }: PlanSchedule, wanted: PlanScheduleSpec): boolean {
  const { data } = PlanScheduleSpec.safeParse(spec);
  return data !== undefined && textOf(data) === textOf(wanted);
}

const textOf = (spec: PlanScheduleSpec): string =>
  JSON.stringify(Object.entries(spec).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Those that this Sync made, Git no longer names, and that still make runs. */
export function schedulesToSuspend(
  there: readonly PlanSchedule[],
  desired: {
    readonly planSchedules: ReadonlyMap<ObjectKey, unknown>;
    readonly incomplete: boolean;
  },
  syncUid: string,
): readonly PlanSchedule[] {
  if (desired.incomplete) return [];
  return there.filter((one) => {
    const key = keyOf(one);
    const isOurs = one.metadata.annotations?.[ANNOTATION.owner] === `${syncUid}:${key}`;
    return isOurs && !desired.planSchedules.has(key) && one.spec['suspend'] !== true;
  });
}
