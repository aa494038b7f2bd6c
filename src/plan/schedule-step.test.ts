import { describe, expect, test } from 'vitest';
import type { PlanRun, PlanRunState } from '../model/plan-run.ts';
import { PlanScheduleSpec, type PlanScheduleStatus } from '../model/plan-schedule.ts';
import { scheduleStep } from './schedule-step.ts';

const NOW = '2026-03-10T03:00:30Z';

function run(name: string, state: PlanRunState): PlanRun {
  return {
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: { name, namespace: 'shop' },
    spec: { instance: 'orders', plan: 'backup' },
    status: { state, finishedAt: '2026-03-09T03:05:00.123Z' },
  };
}

interface Given {
  readonly spec?: Partial<PlanScheduleSpec>;
  readonly status?: PlanScheduleStatus;
  readonly runs?: readonly PlanRun[];
  readonly now?: string;
}

function step({ spec = {}, status, runs = [], now = NOW }: Given) {
  const nightly = { instance: 'orders', plan: 'backup', schedule: '0 3 * * *', ...spec };
  return scheduleStep({
    schedule: {
      apiVersion: 'gitops.kudo.dev/v1alpha1',
      kind: 'PlanSchedule',
      metadata: {
        name: 'nightly',
        namespace: 'shop',
        creationTimestamp: '2026-03-09T12:00:00Z',
      },
      spec: nightly,
      status,
    },
    spec: PlanScheduleSpec.parse(nightly),
    runs,
    nowMs: Date.parse(now),
  });
}

test('nothing is due while it is suspended; afterwards the last time is made up for', () => {
  const held = step({ spec: { suspend: true } });
  expect(held.create).toBeUndefined();
  expect(held.status).toMatchObject({ nextScheduleTime: undefined });
  const later = step({ status: held.status, now: '2026-03-12T10:00:00Z' });
  expect(later.create).toBe('nightly-20260312t0300z');
});

describe('a run that is due', () => {
  test('is named by its scheduled time, and the next look is at the next time', () => {
    expect(step({})).toEqual({
      create: 'nightly-20260310t0300z',
      remove: [],
      status: {
        active: ['nightly-20260310t0300z'],
        lastScheduleTime: '2026-03-10T03:00:00Z',
        nextScheduleTime: '2026-03-11T03:00:00Z',
        lastSuccessfulTime: undefined,
        message: undefined,
      },
      lookAgainMs: 6 * 3_600_000,
    });
  });

  test('is made once: what was dealt with is in the status', () => {
    const { create, status } = step({ status: { lastScheduleTime: '2026-03-10T03:00:00Z' } });
    expect([create, status.lastScheduleTime]).toEqual([undefined, '2026-03-10T03:00:00Z']);
  });

  test('is none before the schedule was made', () => {
    expect(step({ now: '2026-03-09T12:00:30Z' }).create).toBeUndefined();
  });

  test('is made at the time of the zone', () => {
    const berlin = { timeZone: 'Europe/Berlin' };
    expect(step({ spec: berlin, now: '2026-03-10T02:00:01Z' }).create).toBe(
      'nightly-20260310t0200z',
    );
  });

  test('is none while it is suspended', () => {
    const { create, status } = step({ spec: { suspend: true } });
    expect([create, status.nextScheduleTime]).toEqual([undefined, undefined]);
  });
});

describe('after the service was down for days', () => {
  const down = {
    status: { lastScheduleTime: '2026-03-05T03:00:00Z' },
    now: '2026-03-10T09:00:00Z',
  };

  test('the last missed run is made up for, and it is said which were missed', () => {
    const { create, status } = step(down);
    expect(create).toBe('nightly-20260310t0300z');
    expect(status.message).toBe(
      'times from 2026-03-06T03:00:00Z on were missed; the last of them, 2026-03-10T03:00:00Z, is made up for',
    );
  });

  test('it is left out when it would begin too late', () => {
    const { create, status } = step({ ...down, spec: { startingDeadlineSeconds: 3600 } });
    expect(create).toBeUndefined();
    expect(status).toMatchObject({
      lastScheduleTime: '2026-03-10T03:00:00Z',
      message:
        '2026-03-10T03:00:00Z was left out: 21600 s late, and startingDeadlineSeconds is 3600',
    });
  });
});

test('a run is in time up to the very second of its deadline', () => {
  const spec = { startingDeadlineSeconds: 30 };
  expect(step({ spec, now: '2026-03-10T03:00:30Z' }).create).toBe('nightly-20260310t0300z');
  expect(step({ spec, now: '2026-03-10T03:00:31Z' }).create).toBeUndefined();
});

describe('while an earlier run has not ended', () => {
  const runs = [run('nightly-20260309t0300z', 'running')];

  test('Allow lets the new one wait for its turn', () => {
    expect(step({ runs }).status.active).toEqual([
      'nightly-20260309t0300z',
      'nightly-20260310t0300z',
    ]);
  });

  test('Forbid leaves it out and says so', () => {
    const { create, status } = step({ runs, spec: { concurrencyPolicy: 'Forbid' } });
    expect(create).toBeUndefined();
    expect(status.message).toBe(
      '2026-03-10T03:00:00Z was left out: PlanRun nightly-20260309t0300z had not ended, and concurrencyPolicy is Forbid',
    );
  });
});

test('of those that ended, the newest are kept, good and bad apart', () => {
  const runs = [
    run('nightly-20260301t0300z', 'succeeded'),
    run('nightly-20260302t0300z', 'failed'),
    run('nightly-20260303t0300z', 'succeeded'),
    run('nightly-20260304t0300z', 'failed'),
    run('nightly-20260305t0300z', 'running'),
  ];
  const { remove, status } = step({ runs, spec: { successfulRunsHistoryLimit: 1 } });
  expect(remove.map(({ metadata }) => metadata.name)).toEqual([
    'nightly-20260301t0300z',
    'nightly-20260302t0300z',
  ]);
  expect(status.lastSuccessfulTime).toBe('2026-03-09T03:05:00Z');
});

test('a schedule that nobody can read makes no runs and says why', () => {
  const { create, status } = step({ spec: { timeZone: 'Europe/Berln' } });
  expect([create, status.message]).toEqual([undefined, 'there is no time zone "Europe/Berln"']);
});
