import { describe, expect, test } from 'vitest';
import { record } from '../../test/builders.ts';
import type { PlanRun, PlanRunStatus } from '../model/plan-run.ts';
import { changesAmong, copyOf, FIRST_RUN_NUMBER, placeOfRun } from './run-records.ts';

const OLD = 'a'.repeat(40);
const HEAD = 'b'.repeat(40);

function run(status: PlanRunStatus, annotations: Readonly<Record<string, string>> = {}): PlanRun {
  return {
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: {
      name: 'backup-1',
      namespace: 'shop',
      annotations: { 'gitops.kudo.dev/revision': `main@sha1:${OLD}`, ...annotations },
    },
    spec: { instance: 'orders', plan: 'backup' },
    status,
  };
}

describe('what a rollout records of a PlanRun', () => {
  test('is what the PlanRun says of itself', () => {
    expect(copyOf(run({ state: 'running', attempt: 2, planUid: 'u1' }), HEAD)).toEqual({
      kind: 'run-plan',
      plan: 'backup',
      attempt: 2,
      state: 'running',
      planUid: 'u1',
      run: 'backup-1',
      summary: 'run plan backup, as PlanRun backup-1 says (after other changes)',
    });
  });

  test('of a failure is since which commit it stands, when that is an earlier one', () => {
    expect(copyOf(run({ state: 'failed' }), HEAD).since).toBe(OLD);
    expect(copyOf(run({ state: 'failed' }), OLD).since).toBeUndefined();
    expect(copyOf(run({ state: 'succeeded' }), HEAD).since).toBeUndefined();
  });

  test('is that it waits, once another attempt was asked for', () => {
    const asked = run({ state: 'failed', attempt: 1 }, { 'gitops.kudo.dev/retry': '1 a-rollout' });
    const { state, since } = copyOf(asked, HEAD);
    expect([state, since]).toEqual(['waiting', undefined]);
  });

  test('is held when it was skipped: a rollout has no other word for it', () => {
    expect(copyOf(run({ state: 'skipped' }), HEAD).state).toBe('held');
  });
});

test('copies have numbers of their own, beyond those of changes', () => {
  const change = { n: 3, record: record('running') };
  const copy = { n: FIRST_RUN_NUMBER, record: copyOf(run({ state: 'running' }), HEAD) };
  expect(placeOfRun('backup-1', [change]).n).toBe(FIRST_RUN_NUMBER);
  expect(placeOfRun('backup-1', [change, copy])).toEqual({ n: copy.n, before: copy.record });
  expect(placeOfRun('backup-2', [change, copy])).toEqual({ n: copy.n + 1, before: undefined });
  expect(changesAmong([change, copy])).toEqual([change]);
});
