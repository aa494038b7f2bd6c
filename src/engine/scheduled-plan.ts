import type { Instance, OperatorVersion, PlanStatus } from '../kudo/objects.ts';
import { CLEANUP_FINALIZER } from '../kudo/objects.ts';
import { isDeleting, planExecutionOf, planStatusesOf } from './instance-fields.ts';

const CLEANUP = 'cleanup';

/**
 * `instance` with `cleanup` scheduled when it is being deleted, its OperatorVersion has that plan
 * and it never ran. Admission cannot do this: a DELETE is not admitted (instance_controller.go:581-604).
 */
export function withCleanupScheduled(
  instance: Instance,
  operatorVersion: OperatorVersion,
  newUid: () => string,
): Instance {
  if (!isDeleting(instance) || !needsCleanup(instance, operatorVersion)) return instance;
  const planExecution = { planName: CLEANUP, uid: newUid(), status: 'NEVER_RUN' } as const;
  return { ...instance, spec: { ...instance.spec, planExecution } };
}

function needsCleanup(instance: Instance, { spec }: OperatorVersion): boolean {
  const hasPlan = Object.hasOwn(spec?.plans ?? {}, CLEANUP);
  const hasRun = (planStatusOf(instance, CLEANUP)?.status ?? 'NEVER_RUN') !== 'NEVER_RUN';
  return hasPlan && !hasRun && planExecutionOf(instance).planName !== CLEANUP;
}

/**
 * `instance` without the cleanup finalizer once cleanup is COMPLETE (a FATAL_ERROR keeps it, a
 * person must act), or when there is no status of a cleanup plan (instance_types_helpers.go:159-179).
 */
export function withoutSpentFinalizer(instance: Instance): Instance {
  const finalizers = instance.metadata.finalizers ?? [];
  if (!finalizers.includes(CLEANUP_FINALIZER)) return instance;
  const cleanup = planStatusOf(instance, CLEANUP);
  if (cleanup !== undefined && cleanup.status !== 'COMPLETE') return instance;
  const left = finalizers.filter((name) => name !== CLEANUP_FINALIZER);
  return { ...instance, metadata: { ...instance.metadata, finalizers: left } };
}

function planStatusOf(instance: Instance, plan: string): PlanStatus | undefined {
  return Object.values(planStatusesOf(instance)).find(({ name }) => name === plan);
}
