import type { Condition } from '../model/kube-object.ts';
import type { Instance, PlanExecution, PlanStatus } from '../kudo/objects.ts';

/** The scheduled plan; no field is set when there is none. */
export function planExecutionOf({ spec }: Instance): PlanExecution {
  return spec?.planExecution ?? {};
}

/** The statuses of the plans, by plan. */
export function planStatusesOf({ status }: Instance): Readonly<Record<string, PlanStatus>> {
  return status?.planStatus ?? {};
}

/** What KUDO says of its readiness. */
export function conditionsOf({ status }: Instance): readonly Condition[] {
  return status?.conditions ?? [];
}

/** Whether somebody asked for its deletion. */
export function isDeleting({ metadata }: Instance): boolean {
  return metadata.deletionTimestamp !== undefined;
}
