import type {
  ExecutionStatus,
  Instance,
  OperatorVersion,
  PhaseStatus,
  Plan,
  PlanStatus,
  Step,
  StepStatus,
} from '../kudo/objects.ts';
import { conditionsOf, planExecutionOf, planStatusesOf } from './instance-fields.ts';
import { withReadiness } from './readiness.ts';

type PlanStatuses = Readonly<Record<string, PlanStatus>>;

/**
 * The Instance with a status for each of its plans, that of the scheduled one PENDING when its uid is
 * new, and Ready unknown while a plan runs that brings the service up (instance_controller.go:205-222,
 * 279-284). `at` is RFC 3339.
 */
export function startedRun(instance: Instance, { spec }: OperatorVersion, at: string): Instance {
  const { planName = '', uid = '' } = planExecutionOf(instance);
  const conditions = conditionsOf(instance);
  const initialized: Instance = {
    ...instance,
    status: {
      ...instance.status,
      conditions: CHANGES_READINESS.has(planName)
        ? withReadiness(conditions, 'PlanInProgress', '', at)
        : conditions,
      planStatus: initializedPlanStatuses(planStatusesOf(instance), spec?.plans ?? {}),
    },
  };
  const status = planStatusesOf(initialized)[planName];
  if (status === undefined || status.uid === uid) return initialized;
  return withPlanStatus(initialized, pendingPlanStatus(status, uid), at);
}

const CHANGES_READINESS = new Set(['deploy', 'update', 'upgrade']);

/**
 * A status for each plan of the OperatorVersion: what is there is kept, phases and steps that are
 * new get NEVER_RUN, and the order is the plan's. Entries of plans that are gone stay
 * (instance_controller.go:529-577).
 */
function initializedPlanStatuses(
  before: PlanStatuses,
  plans: Readonly<Record<string, Plan | null>>,
): PlanStatuses {
  const initialized = Object.entries(plans).map(([name, plan]) => {
    const status = before[name] ?? { name, status: 'NEVER_RUN' };
    const phases = (plan?.phases ?? []).map((phase) =>
      initializedPhase(status.phases, phase.name, phase.steps ?? []),
    );
    return [name, withList(status, 'phases', phases)];
  });
  return { ...before, ...Object.fromEntries(initialized) };
}

function initializedPhase(
  before: readonly PhaseStatus[] | undefined,
  name: string,
  steps: readonly Step[],
): PhaseStatus {
  const phase = before?.find((status) => status.name === name) ?? { name, status: 'NEVER_RUN' };
  const initialized = steps.map(
    (step): StepStatus =>
      phase.steps?.find((status) => status.name === step.name) ?? {
        name: step.name,
        status: 'NEVER_RUN',
      },
  );
  return withList(phase, 'steps', initialized);
}

function withList<T extends object>(
  status: T,
  key: 'phases' | 'steps',
  list: readonly unknown[],
): T {
  const rest = Object.fromEntries(Object.entries(status).filter(([name]) => name !== key));
  return { ...rest, ...(list.length > 0 && { [key]: list }) } as T;
}

/** The status of a run that has not started: everything PENDING under its uid (instance_types_helpers.go:93-106). */
function pendingPlanStatus(status: PlanStatus, uid: string): PlanStatus {
  return {
    ...status,
    uid,
    status: 'PENDING',
    ...(status.phases && { phases: status.phases.map(pendingPhase) }),
  };
}

function pendingPhase(phase: PhaseStatus): PhaseStatus {
  return {
    name: phase.name,
    status: 'PENDING',
    ...(phase.steps && {
      steps: phase.steps.map(({ name }) => ({ name, status: 'PENDING' as const })),
    }),
  };
}

/**
 * `instance` with `status` as its plan's status, mirrored in planExecution, stamped with `at`
 * (RFC 3339), and Ready set when the run has ended (instance_types_helpers.go:72-89).
 */
export function withPlanStatus(instance: Instance, status: PlanStatus, at: string): Instance {
  const stamped = { ...status, lastUpdatedTimestamp: at };
  const conditions = conditionsOf(instance);
  const reason = READINESS_AT_END[status.status];
  return {
    ...instance,
    spec: {
      ...instance.spec,
      planExecution: { ...planExecutionOf(instance), status: status.status },
    },
    status: {
      ...instance.status,
      planStatus: { ...planStatusesOf(instance), [status.name]: stamped },
      conditions: reason ? withReadiness(conditions, reason, '', at) : conditions,
    },
  };
}

const READINESS_AT_END: Readonly<
  Partial<Record<ExecutionStatus, 'ResourcesReady' | 'PlanInFatalError'>>
> = { COMPLETE: 'ResourcesReady', FATAL_ERROR: 'PlanInFatalError' };
