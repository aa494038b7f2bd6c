import type { ExecutionStatus, Instance, PhaseStatus, PlanStatus } from './objects.ts';

/** The plan that is scheduled or runs now, by planExecution; KUDO empties it at the end of a run. */
export function runningPlan(
  instance: Instance,
): { readonly plan: string; readonly uid: string } | undefined {
  const { planName = '', uid = '' } = instance.spec?.planExecution ?? {};
  return planName === '' ? undefined : { plan: planName, uid };
}

/**
 * How the run `uid` of a plan stands:
 *
 * - `complete`, `fatal`: ended, and KUDO said so under this uid;
 * - `running`: scheduled or at work;
 * - `superseded`: another run has taken the place of this one, whose result is not kept;
 * - `lost-candidate`: nothing is scheduled, but KUDO has not said how the run ended. For a moment after
 *   each run that is normal; after 30 s without any change the outcome is lost.
 */
export type PlanOutcome = 'running' | 'complete' | 'fatal' | 'superseded' | 'lost-candidate';

/** How the run `uid` of `plan` stands. Only a terminal status under this very uid is an end. */
export function planOutcome(instance: Instance, plan: string, uid: string): PlanOutcome {
  const status = planStatusOf(instance, plan);
  const end = status?.uid === uid ? ENDS[status.status] : undefined;
  if (end !== undefined) return end;
  const running = runningPlan(instance);
  if (running?.uid === uid) return 'running';
  return running?.plan === plan ? 'superseded' : 'lost-candidate';
}

const ENDS: Readonly<Partial<Record<ExecutionStatus, PlanOutcome>>> = {
  COMPLETE: 'complete',
  FATAL_ERROR: 'fatal',
};

/** The last run of `plan` that KUDO keeps. */
export function planStatusOf(instance: Instance, plan: string): PlanStatus | undefined {
  const plans = instance.status?.planStatus ?? {};
  return Object.hasOwn(plans, plan) ? plans[plan] : undefined;
}

/** Every phase done, only the plan's own final status lost (kudo.md §8.4). */
export function isAllComplete({ phases = [] }: PlanStatus): boolean {
  return phases.length > 0 && phases.every((phase) => phase.status === 'COMPLETE');
}

const endedAt = ({ lastUpdatedTimestamp }: PlanStatus): string => lastUpdatedTimestamp ?? '';

/** The status of the plan that ran last, of `plans` if they are given; KUDO keeps one entry per plan. */
export function lastRunStatus(
  instance: Instance,
  plans?: ReadonlySet<string>,
): PlanStatus | undefined {
  return Object.values(instance.status?.planStatus ?? {})
    .filter(({ name, status }) => status !== 'NEVER_RUN' && plans?.has(name) !== false)
    .toSorted((a, b) => endedAt(a).localeCompare(endedAt(b)))
    .at(-1);
}

/** How far a run is. Counts are of finished ones; `step` and `error` are those of the first unfinished step. */
export interface PlanProgress {
  readonly phasesDone: number;
  readonly phases: number;
  readonly stepsDone: number;
  readonly steps: number;
  readonly phase: string | undefined;
  readonly step: string | undefined;
  /** Why a step is being tried again. */
  readonly error: string | undefined;
}

/** How far the run is that `status` describes. */
export function planProgress(status: PlanStatus): PlanProgress {
  const phases = status.phases ?? [];
  const steps = phases.flatMap((phase) => phase.steps ?? []);
  const current = currentPhase(phases);
  const step = current?.steps?.find(({ status: state }) => state !== 'COMPLETE');
  return {
    phasesDone: phases.filter(({ status: state }) => state === 'COMPLETE').length,
    phases: phases.length,
    stepsDone: steps.filter(({ status: state }) => state === 'COMPLETE').length,
    steps: steps.length,
    phase: current?.name,
    step: step?.name,
    error: steps.find(({ status: state }) => state === 'ERROR')?.message,
  };
}

/** The phase at work, else the first that is not finished: phases may run in parallel. */
function currentPhase(phases: readonly PhaseStatus[]): PhaseStatus | undefined {
  return (
    phases.find(({ status }) => status === 'IN_PROGRESS' || status === 'FATAL_ERROR') ??
    phases.find(({ status }) => status !== 'COMPLETE')
  );
}

/**
 * One line for people about the run `uid` of `plan`: `update 1/3 phases, step brokers`, `deploy scheduled`,
 * `deploy complete`, `FATAL_ERROR in deploy.nodes.node: <cause>`.
 */
export function describePlanStatus(instance: Instance, plan: string, uid: string): string {
  const scheduled: PlanStatus = { name: plan, status: 'NEVER_RUN', uid };
  const last = planStatusOf(instance, plan) ?? scheduled;
  switch (planOutcome(instance, plan, uid)) {
    case 'complete':
      return `${plan} complete`;
    case 'fatal':
      return failureText(last);
    case 'superseded':
      return `${plan} was restarted as ${runningPlan(instance)?.uid}`;
    case 'lost-candidate':
      return `${plan} ended without a result so far`;
    case 'running':
      return describeProgress(last.uid === uid ? last : scheduled);
  }
}

function describeProgress(status: PlanStatus): string {
  if (status.status === 'NEVER_RUN') return `${status.name} scheduled`;
  const { phases, phasesDone, step, error } = planProgress(status);
  const parts = [
    phases === 0 ? status.name : `${status.name} ${phasesDone}/${phases} phases`,
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(error === undefined || error === '' ? [] : [errorText(error)]),
  ];
  return parts.join(', ');
}

/** What made a plan fail, with the place where it did: `FATAL_ERROR in deploy.nodes.node: <cause>`. */
export function failureText(status: PlanStatus): string {
  const failure = failurePlace(status);
  const place = [status.name, ...failure.place].join('.');
  return failure.message === ''
    ? `FATAL_ERROR in ${place}`
    : `FATAL_ERROR in ${place}: ${errorText(failure.message)}`;
}

/** KUDO writes the cause to the step; a plan that failed before its first step has it itself. */
function failurePlace(status: PlanStatus): { place: readonly string[]; message: string } {
  if ((status.message ?? '') !== '') return { place: [], message: status.message ?? '' };
  const phase = status.phases?.find((candidate) => candidate.status === 'FATAL_ERROR');
  if (phase === undefined) return { place: [], message: '' };
  const step = phase.steps?.find((candidate) => candidate.status === 'FATAL_ERROR');
  const message = [step?.message, phase.message].find((text) => (text ?? '') !== '') ?? '';
  return { place: [phase.name, ...(step ? [step.name] : [])], message };
}

/** The cause without KUDO's preambles, which repeat where it happened. */
function errorText(message: string): string {
  return message
    .replace(/^Error during execution: fatal error: \S+ failed in \S+: /, '')
    .replace(/^A transient error when executing task (\S+)\. Will retry\. /, 'retrying $1: ')
    .trim();
}

const STEP_MARK: Readonly<Record<ExecutionStatus, string>> = {
  NEVER_RUN: '·',
  PENDING: '·',
  IN_PROGRESS: '◎',
  ERROR: '◌',
  COMPLETE: '✔',
  FATAL_ERROR: '✗',
};

/** Every phase with its steps, `; ` between phases: `config: config ✔; nodes: brokers ✔, budget ✗`. */
export function describePhases({ phases = [] }: PlanStatus): string {
  return phases
    .map(({ name, steps = [] }) => {
      const done = steps.map((step) => `${step.name} ${STEP_MARK[step.status]}`);
      return `${name}: ${done.join(', ')}`;
    })
    .join('; ');
}
