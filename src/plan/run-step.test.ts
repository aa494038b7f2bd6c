import { describe, expect, test } from 'vitest';
import { liveInstance } from '../../test/builders.ts';
import type { Instance } from '../kudo/objects.ts';
import type { PlanRun, PlanRunStatus } from '../model/plan-run.ts';
import { runStep, type RunObstacle } from './run-step.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const SENT: PlanRunStatus = {
  state: 'sending',
  attempt: 1,
  plan: 'backup',
  instanceUid: 'instance-uid',
  startedAt: NOW,
};
const RUNNING: PlanRunStatus = { ...SENT, state: 'running', planUid: 'u1' };

interface Given {
  readonly status?: PlanRunStatus;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly observed?: Instance | undefined;
  readonly obstacle?: RunObstacle;
  readonly quietMs?: number;
  readonly planTimeout?: { readonly ms: number; readonly text: string };
}

function step(given: Given) {
  const { status, annotations = {}, obstacle, quietMs = 0, planTimeout } = given;
  const run: PlanRun = {
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: { name: 'backup-1', namespace: 'shop', uid: 'run-uid', annotations },
    spec: { instance: 'orders', plan: 'backup' },
    status,
  };
  const observed = 'observed' in given ? given.observed : liveInstance();
  const rest = { children: [], lastRun: undefined, planTimeout, secrets: [], now: NOW };
  return runStep({ run, observed, obstacle, quietMs, ...rest });
}

/** The Instance with our token on it, and what KUDO says of the plan. */
function marked(plan: { readonly uid: string; readonly status: string } | undefined): Instance {
  const live = liveInstance();
  const annotations = {
    ...live.metadata.annotations,
    'gitops.kudo.dev/change': 'run-uid/0/1 backup -',
  };
  const planStatus = plan ? { backup: { name: 'backup', ...plan } } : {};
  return {
    ...live,
    metadata: { ...live.metadata, annotations },
    status: { planStatus } as Instance['status'],
  };
}

test('an idle Instance is asked, after the intent is stored', () => {
  const { status, send } = step({});
  expect(status).toEqual({ ...SENT, uidBefore: undefined });
  expect(send?.observed.metadata.name).toBe('orders');
});

describe('it waits and says for what', () => {
  test.each([
    ['no Instance', { observed: undefined }, 'waiting', 'there is no such Instance'],
    [
      'another plan',
      { observed: liveInstance({}, { running: 'update u9' }) },
      'waiting',
      'blocked by plan update (u9), which others started',
    ],
    [
      'the changes before it',
      { obstacle: { kind: 'waits', message: 'waits for the changes of orders' } },
      'waiting',
      'waits for the changes of orders',
    ],
    [
      'what failed before it',
      { obstacle: { kind: 'stops', message: 'the changes of orders failed' } },
      'held',
      'the changes of orders failed',
    ],
  ] as const)('%s', (...[, given, state, message]) => {
    const { status, send } = step(given);
    expect(status).toEqual({ state, attempt: 1, message });
    expect(send).toBeUndefined();
  });
});

describe('after a kill between intent and answer', () => {
  test('without the token the write never happened: it is sent again under the same attempt', () => {
    const { status, send } = step({ status: SENT });
    expect([status?.state, status?.attempt, send === undefined]).toEqual(['sending', 1, false]);
  });

  test('the token tells that it did: the run is followed by its uid', () => {
    const { status, send } = step({
      status: SENT,
      observed: marked({ uid: 'u1', status: 'IN_PROGRESS' }),
    });
    expect(status).toMatchObject({ state: 'running', planUid: 'u1' });
    expect(send).toBeUndefined();
  });
});

describe('a run under way', () => {
  test('ends as KUDO says under its own uid', () => {
    const ended = (status: string) =>
      step({ status: RUNNING, observed: marked({ uid: 'u1', status }) }).status;
    expect(ended('COMPLETE')).toMatchObject({ state: 'succeeded', finishedAt: NOW });
    expect(ended('FATAL_ERROR')).toMatchObject({
      state: 'failed',
      message: 'FATAL_ERROR in backup',
    });
  });

  test('whose outcome KUDO lost is not run once more: it failed, and the cure is a new name', () => {
    const { status, send } = step({
      status: RUNNING,
      observed: marked(undefined),
      quietMs: 40_000,
    });
    expect(status).toMatchObject({ state: 'failed' });
    expect(status?.message).toMatch(/^outcome unknown: KUDO lost it/);
    expect(send).toBeUndefined();
  });
});

describe('a run that takes longer than planTimeout', () => {
  const planTimeout = { ms: 60_000, text: '1m' };
  const before = (ms: number): string => new Date(Date.parse(NOW) - ms).toISOString();
  const goesOn = marked({ uid: 'u1', status: 'IN_PROGRESS' });
  const left: PlanRunStatus = {
    ...RUNNING,
    state: 'failed',
    cause: 'timeout',
    message: 'plan backup has not ended after 1m; it is left running',
    finishedAt: NOW,
  };

  test('is looked at when its time is over, and then failed', () => {
    const inTime = { ...RUNNING, startedAt: before(59_000) };
    const running = step({ status: inTime, observed: goesOn, planTimeout });
    expect(running.lookAgainMs).toBeLessThanOrEqual(1_000);
    const late = { ...RUNNING, startedAt: before(60_000) };
    const { status, send } = step({ status: late, observed: goesOn, planTimeout });
    expect(status).toMatchObject({
      ...left,
      startedAt: late.startedAt,
      message: expect.stringContaining('left running') as string,
    });
    expect(send).toBeUndefined();
  });

  test('is not started anew while it goes on, even when a person asks', () => {
    const annotations = { 'gitops.kudo.dev/retry': '1' };
    expect(step({ status: left, observed: goesOn, planTimeout, annotations })).toEqual({});
  });

  test('ends as KUDO says after all', () => {
    const ended = (status: string) =>
      step({ status: left, observed: marked({ uid: 'u1', status }), planTimeout }).status;
    const good = ended('COMPLETE');
    expect(good).toMatchObject({ state: 'succeeded', planUid: 'u1' });
    expect([good?.cause, good?.message]).toEqual([undefined, undefined]);
    expect(ended('FATAL_ERROR')).toMatchObject({ state: 'failed', cause: undefined });
  });
});

describe('a run that is over', () => {
  test('stays so, whatever the Instance does', () => {
    expect(step({ status: { ...RUNNING, state: 'succeeded' } })).toEqual({});
    expect(step({ status: { ...RUNNING, state: 'skipped' } })).toEqual({});
  });

  test('that succeeded is never run once more under its name', () => {
    const annotations = { 'gitops.kudo.dev/retry': '1' };
    expect(step({ status: { ...RUNNING, state: 'succeeded' }, annotations })).toEqual({});
  });

  test('runs once more when a person asks after that very attempt, and only then', () => {
    const failed = { ...RUNNING, state: 'failed' } as const;
    const annotations = { 'gitops.kudo.dev/retry': '1' };
    expect(step({ status: failed, annotations }).status).toMatchObject({
      state: 'sending',
      attempt: 2,
    });
    expect(step({ status: { ...failed, attempt: 2 }, annotations })).toEqual({});
  });
});

test('one that was in Git before its Sync is recorded as skipped', () => {
  const { status } = step({ annotations: { 'gitops.kudo.dev/skip': 'main@sha1:abc' } });
  expect(status).toMatchObject({ state: 'skipped', finishedAt: NOW });
});
