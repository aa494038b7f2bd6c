import { describe, expect, it } from 'vitest';
import type { ExecutionStatus, PlanStatus, Task } from '../kudo/objects.ts';
import { runPlan, type TaskOutcome } from './run-plan.ts';

const DONE: TaskOutcome = { kind: 'done' };
const WAITING: TaskOutcome = { kind: 'waiting' };
const FAILED: TaskOutcome = { kind: 'failed', message: 'dummy error' };
const FATAL: TaskOutcome = { kind: 'fatal', event: 'DummyTaskError', message: 'it is broken' };

/** `phase: step=task,task …` → outcome of each task; what a plan looks like and how its tasks end. */
interface Row {
  readonly why: string;
  readonly strategy?: string;
  readonly phaseStrategy?: string;
  /** phase → step → its status before, and its tasks by name. */
  readonly plan: Readonly<
    Record<
      string,
      Readonly<Record<string, readonly [ExecutionStatus, Record<string, TaskOutcome>]>>
    >
  >;
  readonly expected: {
    readonly plan: ExecutionStatus;
    readonly phases: Readonly<Record<string, ExecutionStatus>>;
    readonly steps: Readonly<Record<string, string>>;
    readonly ran: readonly string[];
  };
}

const RETRY = (where: string): string =>
  `ERROR A transient error when executing task test.${where}. Will retry. dummy error`;

const ROWS: readonly Row[] = [
  {
    why: 'a step whose task is not done is in progress',
    plan: { phase: { step: ['PENDING', { task: WAITING }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { phase: 'IN_PROGRESS' },
      steps: { step: 'IN_PROGRESS' },
      ran: ['task'],
    },
  },
  {
    why: 'a step whose tasks are done completes phase and plan',
    plan: { phase: { step: ['PENDING', { one: DONE, two: DONE }] } },
    expected: {
      plan: 'COMPLETE',
      phases: { phase: 'COMPLETE' },
      steps: { step: 'COMPLETE' },
      ran: ['one', 'two'],
    },
  },
  {
    why: 'a step in error is tried again and completes',
    plan: { phase: { step: ['ERROR', { task: DONE }] } },
    expected: {
      plan: 'COMPLETE',
      phases: { phase: 'COMPLETE' },
      steps: { step: 'COMPLETE' },
      ran: ['task'],
    },
  },
  {
    why: 'a failing task leaves an error at its step only, and the tasks after it still run',
    plan: { phase: { step: ['IN_PROGRESS', { one: FAILED, two: DONE }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { phase: 'IN_PROGRESS' },
      steps: { step: RETRY('phase.step.one') },
      ran: ['one', 'two'],
    },
  },
  {
    why: 'a fatal task ends task, step, phase and plan at once',
    plan: { phase: { step: ['IN_PROGRESS', { one: FATAL, two: DONE }] } },
    expected: {
      plan: 'FATAL_ERROR',
      phases: { phase: 'FATAL_ERROR' },
      steps: { step: 'FATAL_ERROR it is broken' },
      ran: ['one'],
    },
  },
  {
    why: 'a serial phase stops at the first unfinished step',
    phaseStrategy: 'serial',
    plan: { phase: { one: ['PENDING', { a: FAILED }], two: ['PENDING', { b: DONE }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { phase: 'IN_PROGRESS' },
      steps: { one: RETRY('phase.one.a'), two: 'PENDING' },
      ran: ['a'],
    },
  },
  {
    why: 'a parallel phase goes on after an unfinished step',
    phaseStrategy: 'parallel',
    plan: { phase: { one: ['PENDING', { a: FAILED }], two: ['PENDING', { b: DONE }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { phase: 'IN_PROGRESS' },
      steps: { one: RETRY('phase.one.a'), two: 'COMPLETE' },
      ran: ['a', 'b'],
    },
  },
  {
    why: 'a phase without a strategy is parallel',
    phaseStrategy: '',
    plan: { phase: { one: ['PENDING', { a: WAITING }], two: ['PENDING', { b: DONE }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { phase: 'IN_PROGRESS' },
      steps: { one: 'IN_PROGRESS', two: 'COMPLETE' },
      ran: ['a', 'b'],
    },
  },
  {
    why: 'a parallel phase stops at a fatal step and leaves the others as they were',
    phaseStrategy: 'parallel',
    plan: { phase: { one: ['PENDING', { a: FATAL }], two: ['IN_PROGRESS', { b: DONE }] } },
    expected: {
      plan: 'FATAL_ERROR',
      phases: { phase: 'FATAL_ERROR' },
      steps: { one: 'FATAL_ERROR it is broken', two: 'IN_PROGRESS' },
      ran: ['a'],
    },
  },
  {
    why: 'a serial plan stops at the first unfinished phase',
    strategy: 'serial',
    plan: { one: { a: ['PENDING', { a: WAITING }] }, two: { b: ['PENDING', { b: DONE }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { one: 'IN_PROGRESS', two: 'PENDING' },
      steps: { a: 'IN_PROGRESS', b: 'PENDING' },
      ran: ['a'],
    },
  },
  {
    why: 'a parallel plan goes on after an unfinished phase',
    strategy: 'parallel',
    plan: { one: { a: ['PENDING', { a: WAITING }] }, two: { b: ['PENDING', { b: DONE }] } },
    expected: {
      plan: 'IN_PROGRESS',
      phases: { one: 'IN_PROGRESS', two: 'COMPLETE' },
      steps: { a: 'IN_PROGRESS', b: 'COMPLETE' },
      ran: ['a', 'b'],
    },
  },
  {
    why: 'a complete step is skipped',
    plan: { phase: { one: ['COMPLETE', { a: FATAL }], two: ['PENDING', { b: DONE }] } },
    expected: {
      plan: 'COMPLETE',
      phases: { phase: 'COMPLETE' },
      steps: { one: 'COMPLETE', two: 'COMPLETE' },
      ran: ['b'],
    },
  },
  {
    why: 'a plan without phases is complete at once',
    plan: {},
    expected: { plan: 'COMPLETE', phases: {}, steps: {}, ran: [] },
  },
];

describe('a pass over a plan', () => {
  it.each(ROWS)('$why', async (row) => {
    const ran: string[] = [];
    const { status } = await runPlan(planRunOf(row), async (task) => {
      ran.push(task.name);
      return Promise.resolve(outcomesOf(row).get(task.name) ?? WAITING);
    });
    expect({ ...summary(status), ran }).toEqual(row.expected);
  });

  it('does not touch a run that has ended', async () => {
    const run = planRunOf({ plan: { phase: { step: ['PENDING', { task: DONE }] } } });
    const ended = { ...run, status: { name: 'test', status: 'FATAL_ERROR' as const } };
    expect(await runPlan(ended, async () => Promise.resolve(DONE))).toEqual({
      status: ended.status,
    });
  });

  it.each([
    {
      why: 'names a task that the operator does not define',
      tasks: [],
      message: 'default/demo fatal error:  missing task test.phase.step.task',
      event: 'UnknownTaskName',
    },
    {
      why: 'names a task whose kind nobody knows',
      tasks: [{ name: 'task', kind: 'Unknown', spec: {} }],
      message:
        'default/demo fatal error:  failed to build task test.phase.step.task: unknown task kind Unknown',
      event: 'TaskBuildError',
    },
  ])('$why', async ({ tasks, message, event }) => {
    const run = planRunOf({ plan: { phase: { step: ['PENDING', { task: DONE }] } } });
    const pass = await runPlan({ ...run, tasks }, async () => Promise.resolve(DONE));
    expect(summary(pass.status).steps).toEqual({ step: `FATAL_ERROR ${message}` });
    expect(pass.failure).toEqual({ event, message: `Error during execution: ${message}` });
  });
});

function planRunOf(row: Pick<Row, 'plan' | 'strategy' | 'phaseStrategy'>) {
  const phases = Object.entries(row.plan);
  const tasks: Task[] = [...outcomesOf(row).keys()].map((name) => ({
    name,
    kind: 'Dummy',
    spec: {},
  }));
  return {
    namespace: 'default',
    instanceName: 'demo',
    planName: 'test',
    tasks,
    plan: {
      strategy: row.strategy ?? 'serial',
      phases: phases.map(([name, steps]) => ({
        name,
        strategy: row.phaseStrategy ?? 'serial',
        steps: Object.entries(steps).map(([step, [, outcomes]]) => ({
          name: step,
          tasks: Object.keys(outcomes),
        })),
      })),
    },
    status: {
      name: 'test',
      uid: 'u',
      status: 'PENDING' as const,
      phases: phases.map(([name, steps]) => ({
        name,
        status: 'PENDING' as const,
        steps: Object.entries(steps).map(([step, [status]]) => ({ name: step, status })),
      })),
    },
  };
}

function outcomesOf({ plan }: Pick<Row, 'plan'>): Map<string, TaskOutcome> {
  const steps = Object.values(plan).flatMap((phase) => Object.values(phase));
  return new Map(steps.flatMap(([, outcomes]) => Object.entries(outcomes)));
}

function summary({ status, phases = [] }: PlanStatus) {
  const steps = phases.flatMap((phase) => phase.steps ?? []);
  return {
    plan: status,
    phases: Object.fromEntries(phases.map((phase) => [phase.name, phase.status])),
    steps: Object.fromEntries(
      steps.map((step) => [step.name, [step.status, step.message ?? ''].join(' ').trim()]),
    ),
  };
}
