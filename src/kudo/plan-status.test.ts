import { expect, test } from 'vitest';
import { anInstance } from '../../test/fakes/kudo-objects.ts';
import type { ExecutionStatus, Instance, PlanStatus, StepStatus } from './objects.ts';
import {
  describePlanStatus,
  failureText,
  isAllComplete,
  lastRunStatus,
  planOutcome,
  planProgress,
} from './plan-status.ts';

const step = (name: string, status: ExecutionStatus, message?: string): StepStatus => ({
  name,
  status,
  ...(message !== undefined && { message }),
});

function aPlan(
  status: ExecutionStatus,
  steps: readonly StepStatus[],
  rest: Partial<PlanStatus> = {},
): PlanStatus {
  const phases = [
    { name: 'zookeeper', status: 'COMPLETE' as const, steps: [step('nodes', 'COMPLETE')] },
    { name: 'kafka', status, steps },
    { name: 'users', status: 'PENDING' as const, steps: [step('users', 'PENDING')] },
  ];
  return { name: 'deploy', status, uid: 'u1', phases, ...rest };
}

function having(plan: PlanStatus, running?: { planName: string; uid: string }): Instance {
  const instance = anInstance({ planExecution: running ?? {} });
  return { ...instance, status: { planStatus: { [plan.name]: plan } } };
}

const ours = { planName: 'deploy', uid: 'u1' };
test.each([
  {
    why: 'is complete only under its own uid',
    status: 'COMPLETE' as const,
    uid: 'u1',
    running: undefined,
    outcome: 'complete',
  },
  {
    why: 'is fatal under its own uid',
    status: 'FATAL_ERROR' as const,
    uid: 'u1',
    running: undefined,
    outcome: 'fatal',
  },
  {
    why: 'runs while it is scheduled',
    status: 'IN_PROGRESS' as const,
    uid: 'u1',
    running: ours,
    outcome: 'running',
  },
  {
    why: 'runs before its status says so',
    status: 'COMPLETE' as const,
    uid: 'u0',
    running: ours,
    outcome: 'running',
  },
  {
    why: 'has been replaced by another run of its plan',
    status: 'IN_PROGRESS' as const,
    uid: 'u1',
    running: { planName: 'deploy', uid: 'u2' },
    outcome: 'superseded',
  },
  {
    why: 'may have lost its outcome when nothing is scheduled',
    status: 'IN_PROGRESS' as const,
    uid: 'u1',
    running: undefined,
    outcome: 'lost-candidate',
  },
  {
    why: 'is not complete because an older run was',
    status: 'COMPLETE' as const,
    uid: 'u0',
    running: undefined,
    outcome: 'lost-candidate',
  },
])('a run $why', ({ status, uid, running, outcome }) => {
  expect(planOutcome(having(aPlan(status, [], { uid }), running), 'deploy', 'u1')).toBe(outcome);
});

test('the plan that ran last is told by its time; one that never ran is none', () => {
  const at = (
    name: string,
    status: ExecutionStatus,
    lastUpdatedTimestamp?: string,
  ): PlanStatus => ({
    name,
    status,
    lastUpdatedTimestamp,
  });
  const planStatus = {
    deploy: at('deploy', 'COMPLETE', '2026-01-01T00:00:00Z'),
    update: at('update', 'FATAL_ERROR', '2026-01-02T00:00:00Z'),
    backup: at('backup', 'NEVER_RUN', '2026-01-03T00:00:00Z'),
  };
  const instance: Instance = { ...anInstance({}), status: { planStatus } };
  expect(lastRunStatus(instance)?.name).toBe('update');
  expect(lastRunStatus(instance, new Set(['deploy', 'backup']))?.name).toBe('deploy');
});

test('a plan is all complete by its phases, and by none it is not', () => {
  expect(isAllComplete({ ...aPlan('COMPLETE', []), phases: [] })).toBe(false);
  const done = { name: 'nodes', status: 'COMPLETE', steps: [] } as const;
  expect(isAllComplete({ ...aPlan('IN_PROGRESS', []), phases: [done] })).toBe(true);
  expect(isAllComplete(aPlan('COMPLETE', []))).toBe(false);
});

test('progress names the step at work and why it is tried again', () => {
  const plan = aPlan('IN_PROGRESS', [
    step('config', 'COMPLETE'),
    step(
      'brokers',
      'ERROR',
      'A transient error when executing task deploy.kafka.brokers.apply. Will retry. no quota',
    ),
  ]);
  expect(planProgress(plan)).toMatchObject({
    phasesDone: 1,
    phases: 3,
    stepsDone: 2,
    steps: 4,
    phase: 'kafka',
    step: 'brokers',
  });
  expect(describePlanStatus(having(plan, ours), 'deploy', 'u1')).toBe(
    'deploy 1/3 phases, step brokers, retrying deploy.kafka.brokers.apply: no quota',
  );
});

test.each([
  { status: 'COMPLETE' as const, running: undefined, text: 'deploy complete' },
  { status: 'NEVER_RUN' as const, running: ours, text: 'deploy scheduled' },
  {
    status: 'IN_PROGRESS' as const,
    running: { planName: 'deploy', uid: 'u2' },
    text: 'deploy was restarted as u2',
  },
  {
    status: 'IN_PROGRESS' as const,
    running: undefined,
    text: 'deploy ended without a result so far',
  },
])('people read: $text', ({ status, running, text }) => {
  expect(describePlanStatus(having(aPlan(status, []), running), 'deploy', 'u1')).toBe(text);
});

test.each([
  {
    why: 'of a step, without what KUDO says twice',
    plan: aPlan('FATAL_ERROR', [
      step(
        'brokers',
        'FATAL_ERROR',
        'Error during execution: fatal error: shop/kafka failed in deploy.kafka.brokers.apply: template: x is missing',
      ),
    ]),
    text: 'FATAL_ERROR in deploy.kafka.brokers: template: x is missing',
  },
  {
    why: 'of the plan itself',
    plan: aPlan('FATAL_ERROR', [], { message: 'dependency missing' }),
    text: 'FATAL_ERROR in deploy: dependency missing',
  },
  { why: 'without a word', plan: aPlan('FATAL_ERROR', []), text: 'FATAL_ERROR in deploy.kafka' },
])('a failure $why', ({ plan, text }) => {
  expect(failureText(plan)).toBe(text);
});
