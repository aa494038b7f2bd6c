import type {
  ExecutionStatus,
  Phase,
  PhaseStatus,
  Plan,
  PlanStatus,
  Step,
  StepStatus,
  Task,
} from '../kudo/objects.ts';
import { taskProblem } from './check-task.ts';
import { draftOf, type Draft } from './draft.ts';

/** How one execution of one task ended. */
export type TaskOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'waiting' } // nothing is wrong, something is not healthy or not gone yet
  | { readonly kind: 'failed'; readonly message: string } // tried again in the next pass
  | { readonly kind: 'fatal'; readonly event: string; readonly message: string };

/** Executes one task of one step. */
export type RunTask = (
  task: Task,
  at: { readonly phaseName: string; readonly stepName: string },
) => Promise<TaskOutcome>;

/** A plan run as a pass finds it. */
export interface PlanRun {
  readonly namespace: string;
  readonly instanceName: string;
  readonly planName: string;
  readonly plan: Plan;
  readonly status: PlanStatus;
  readonly tasks: readonly Task[];
}

/** What a pass made of a plan run; `failure` ended it and is worth an Event. */
export interface PlanPass {
  readonly status: PlanStatus;
  readonly failure?: PlanFailure | undefined;
}

export interface PlanFailure {
  readonly event: string;
  readonly message: string;
}

/**
 * One walk over the phases, steps and tasks of a plan run. COMPLETE phases and steps are skipped;
 * all tasks of an unfinished step run again. `serial` stops at the first unfinished step or phase,
 * every other strategy goes on. A fatal task ends the walk and the run; a failing one is noted at
 * its step. Mirrors KUDO's workflow (pkg/engine/workflow/engine.go:67-236).
 */
export async function runPlan(run: PlanRun, runTask: RunTask): Promise<PlanPass> {
  if (isTerminal(run.status.status)) return { status: run.status };
  const status = draftOf(run.status);
  set(status, 'IN_PROGRESS');
  const phases = run.plan.phases ?? [];
  let left = phases.length;
  for (const phase of phases) {
    const phaseStatus = status.phases?.find(({ name }) => name === phase.name);
    if (phaseStatus === undefined) {
      const lost = missing(
        run,
        'MissingPhaseStatus',
        `phase status: ${run.planName}.${phase.name}`,
      );
      set(status, 'FATAL_ERROR', inner(lost));
      return { status, failure: lost };
    }
    const progress = await runPhase({ run, runTask, phase }, phaseStatus);
    if (typeof progress === 'object') {
      set(status, 'FATAL_ERROR');
      return { status, failure: progress };
    }
    if (progress === 'complete') left -= 1;
    else if (run.plan.strategy === 'serial') break;
  }
  if (left === 0) set(status, 'COMPLETE');
  return { status };
}

/** Whether a run with this status has ended. */
export function isTerminal(status: ExecutionStatus | '' | undefined): boolean {
  return status === 'COMPLETE' || status === 'FATAL_ERROR';
}

interface PhaseWalk {
  readonly run: PlanRun;
  readonly runTask: RunTask;
  readonly phase: Phase;
}

type Progress = 'complete' | 'unfinished' | PlanFailure;

async function runPhase(walk: PhaseWalk, status: Draft<PhaseStatus>): Promise<Progress> {
  if (status.status === 'COMPLETE') return 'complete';
  if (isRunning(status.status)) set(status, 'IN_PROGRESS');
  const { phase } = walk;
  const steps = phase.steps ?? [];
  const stepsLeft = new Set(steps.map(({ name }) => name));
  for (const step of steps) {
    const progress = await runStep(walk, step, status);
    if (typeof progress === 'object') {
      if (status.status !== 'FATAL_ERROR') set(status, 'FATAL_ERROR');
      return progress;
    }
    if (progress === 'complete') stepsLeft.delete(step.name);
    else if (phase.strategy === 'serial') break;
  }
  if (stepsLeft.size > 0) return 'unfinished';
  set(status, 'COMPLETE');
  return 'complete';
}

async function runStep(
  walk: PhaseWalk,
  step: Step,
  phaseStatus: Draft<PhaseStatus>,
): Promise<Progress> {
  const status = phaseStatus.steps?.find(({ name }) => name === step.name);
  if (status === undefined) {
    const where = `${walk.run.planName}.${walk.phase.name}.${step.name}`;
    const lost = missing(walk.run, 'MissingStepStatus', `step status: ${where}`);
    set(phaseStatus, 'FATAL_ERROR', inner(lost));
    return lost;
  }
  if (status.status === 'COMPLETE') return 'complete';
  if (isRunning(status.status)) set(status, 'IN_PROGRESS');
  const progress = await runTasks(walk, step, status);
  if (progress === 'complete') set(status, 'COMPLETE');
  return progress;
}

async function runTasks(walk: PhaseWalk, step: Step, status: Draft<StepStatus>): Promise<Progress> {
  const left = new Set(step.tasks);
  for (const taskName of left) {
    const outcome = await runStepTask(walk, step, taskName);
    if (outcome.kind === 'fatal') {
      set(status, 'FATAL_ERROR', outcome.message);
      return { event: outcome.event, message: outcome.eventMessage ?? outcome.message };
    }
    if (outcome.kind === 'done') left.delete(taskName);
    if (outcome.kind === 'failed') set(status, 'ERROR', outcome.message);
  }
  return left.size > 0 ? 'unfinished' : 'complete';
}

type StepTaskOutcome = TaskOutcome & { readonly eventMessage?: string };

async function runStepTask(
  { run, phase, runTask }: PhaseWalk,
  step: Step,
  taskName: string,
): Promise<StepTaskOutcome> {
  const where = [run.planName, phase.name, step.name, taskName].join('.');
  const task = run.tasks.find(({ name }) => name === taskName);
  if (task === undefined) return unusable(missing(run, 'UnknownTaskName', `task ${where}`));
  const problem = taskProblem(task);
  if (problem !== undefined)
    return unusable(
      planFailure(run, 'TaskBuildError', `failed to build task ${where}: ${problem}`),
    );
  const outcome = await runTask(task, { phaseName: phase.name, stepName: step.name });
  if (outcome.kind !== 'failed') return outcome;
  const message = `A transient error when executing task ${where}. Will retry. ${outcome.message}`;
  return { kind: 'failed', message };
}

function unusable(lost: PlanFailure): StepTaskOutcome {
  return { kind: 'fatal', event: lost.event, message: inner(lost), eventMessage: lost.message };
}

function missing(run: PlanRun, event: string, what: string): PlanFailure {
  return planFailure(run, event, `missing ${what}`);
}

const EVENT_PREFIX = 'Error during execution: ';

function planFailure(run: PlanRun, event: string, text: string): PlanFailure {
  const message = `${run.namespace}/${run.instanceName} fatal error:  ${text}`;
  return { event, message: `${EVENT_PREFIX}${message}` };
}

/** These failures stand in the status without the prefix that their Event has (workflow/engine.go:80-170). */
function inner({ message }: PlanFailure): string {
  return message.slice(EVENT_PREFIX.length);
}

function isRunning(status: ExecutionStatus): boolean {
  return status === 'IN_PROGRESS' || status === 'PENDING' || status === 'ERROR';
}

function set(
  target: { status: ExecutionStatus; message?: string | undefined },
  status: ExecutionStatus,
  message?: string,
): void {
  target.status = status;
  if (message === undefined) delete target.message;
  else target.message = message;
}
