import type { Condition } from '../model/kube-object.ts';

/** Reasons of the Ready condition (instance_types_helpers.go:205-215). */
export type Readiness =
  'PlanInProgress' | 'PlanInFatalError' | 'ResourceNotReady' | 'ResourcesReady';

const STATUS: Readonly<Record<Readiness, Condition['status']>> = {
  ResourcesReady: 'True',
  ResourceNotReady: 'False',
  PlanInFatalError: 'Unknown',
  PlanInProgress: 'Unknown',
};

/** `conditions` with Ready set; `lastTransitionTime` moves only when the status does. `at` is RFC 3339. */
export function withReadiness(
  conditions: readonly Condition[],
  reason: Readiness,
  message: string,
  at: string,
): readonly Condition[] {
  const status = STATUS[reason];
  const before = conditions.find(({ type }) => type === 'Ready');
  const moved = before?.status !== status;
  const ready: Condition = {
    ...before,
    type: 'Ready',
    status,
    reason,
    message,
    lastTransitionTime: moved || before === undefined ? at : before.lastTransitionTime,
  };
  if (before === undefined) return [...conditions, ready];
  return conditions.map((condition) => (condition === before ? ready : condition));
}
