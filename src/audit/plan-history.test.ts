import { expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import type { Instance, PlanStatus } from '../kudo/objects.ts';
import type { PlanRun } from '../model/plan-run.ts';
import type { ChangeRecord, Rollout } from '../model/rollout.ts';
import { planHistory, type PlanRecords } from './plan-history.ts';

const OID = 'a'.repeat(40);
const at = (minute: number): string => `2026-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`;

function rollout(sequence: number, changes: Readonly<Record<string, ChangeRecord>>): Rollout {
  return rolloutObject(
    { changes },
    {
      revision: `main@sha1:${OID}`,
      attempt: sequence,
      sequence,
      author: 'Ann',
      subject: 'Three brokers',
    },
    { namespace: 'ops', name: `fleet-${String(sequence)}`, uid: `r${String(sequence)}` },
  );
}

function ran(plan: string, minute: number, more: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    kind: 'set-parameters',
    plan,
    attempt: 1,
    state: 'succeeded',
    planUid: `${plan}-${String(minute)}`,
    startedAt: at(minute),
    finishedAt: at(minute + 1),
    ...more,
  };
}

function planRun(
  name: string,
  planUid: string | undefined,
  annotations: Readonly<Record<string, string>> = {},
): PlanRun {
  return {
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: { namespace: 'ns', name, annotations },
    spec: { instance: 'kafka', plan: 'backup' },
    status: { state: planUid === undefined ? 'waiting' : 'succeeded', planUid, startedAt: at(20) },
  };
}

function instance(status: Partial<PlanStatus> & { readonly uid: string }, running = ''): Instance {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { namespace: 'ns', name: 'kafka' },
    spec: running === '' ? {} : { planExecution: { planName: 'update', uid: running } },
    status: { planStatus: { update: { name: 'update', status: 'COMPLETE', ...status } } },
  };
}

const history = (records: Partial<PlanRecords>) =>
  planHistory('ns/kafka', {
    instance: undefined,
    rollouts: [],
    parts: [],
    planRuns: [],
    ...records,
  });

test('names the commit of each plan run, newest first, without what ran no plan', () => {
  const rollouts = [
    rollout(1, {
      'ns/kafka/0': ran('deploy', 1),
      'ns/kafka/1': { ...ran('-', 2), planUid: undefined },
      'ns/mail/0': ran('deploy', 3),
    }),
    rollout(2, { 'ns/kafka/0': ran('update', 5, { state: 'failed', message: 'no quorum' }) }),
  ];
  expect(
    history({ rollouts }).map(({ plan, outcome, commit }) => [plan, outcome, commit?.subject]),
  ).toEqual([
    ['update', 'failed', 'Three brokers'],
    ['deploy', 'succeeded', 'Three brokers'],
  ]);
});

test('a PlanRun and its copy in a Rollout are one run', () => {
  const copy = ran('backup', 20, { kind: 'run-plan', run: 'backup-1' });
  const rollouts = [rollout(1, { 'ns/kafka/1000': copy })];
  const planRuns = [
    planRun('backup-1', 'backup-20', { 'gitops.kudo.dev/revision': `main@sha1:${OID}` }),
    planRun('not-yet', undefined),
  ];
  expect(history({ rollouts, planRuns })).toMatchObject([
    { planRun: 'backup-1', rollout: 'fleet-1', commit: { author: 'Ann' }, uid: 'backup-20' },
  ]);
});

test('tells who asked for a PlanRun by hand', () => {
  const planRuns = [planRun('now', 'u', { 'gitops.kudo.dev/requested-by': 'ann' })];
  expect(history({ planRuns })).toMatchObject([
    { requestedBy: 'ann', outcome: 'succeeded', commit: undefined },
  ]);
});

test('a run of which only KUDO knows was asked for by others', () => {
  const runs = history({ instance: instance({ uid: 'x', lastUpdatedTimestamp: at(7) }) });
  expect(runs).toEqual([
    { plan: 'update', uid: 'x', outcome: 'succeeded', message: undefined, finishedAt: at(7) },
  ]);
});

test('an end that the service has not recorded yet is taken from the Instance', () => {
  const running = ran('update', 5, { state: 'running', finishedAt: undefined, planUid: 'x' });
  const rollouts = [rollout(1, { 'ns/kafka/0': running })];
  const ended = instance({ uid: 'x', lastUpdatedTimestamp: at(9) });
  expect(history({ rollouts, instance: ended })).toMatchObject([
    { outcome: 'succeeded', startedAt: at(5), finishedAt: at(9), commit: { author: 'Ann' } },
  ]);
});

test('a plan that was reported as one without end is still running', () => {
  const late = ran('update', 5, { state: 'failed', message: 'left running', planUid: 'x' });
  const rollouts = [rollout(1, { 'ns/kafka/0': late })];
  const busy = instance({ uid: 'x', status: 'IN_PROGRESS' }, 'x');
  expect(history({ rollouts, instance: busy })).toMatchObject([
    { outcome: 'running', message: 'left running', finishedAt: undefined },
  ]);
});

test('a plan that is scheduled and not begun is running beside the last run of it', () => {
  const runs = history({ instance: instance({ uid: 'old' }, 'new') });
  expect(runs.map(({ uid, outcome }) => `${uid} ${outcome}`).toSorted()).toEqual([
    'new running',
    'old succeeded',
  ]);
});
