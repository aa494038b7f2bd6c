import { describe, expect, test } from 'vitest';
import { desiredInstance, KEY, liveInstance, SYNC_UID } from '../../test/builders.ts';
import type { DesiredPlanRun } from '../model/desired.ts';
import type { PlanRun, PlanRunStatus } from '../model/plan-run.ts';
import { planRun, type PlanRunContext } from './plan-runs.ts';

const at = (line: number) => ({ file: 'backup.yaml', line, column: 3 });

function wanted(spec: Partial<DesiredPlanRun['spec']> = {}): DesiredPlanRun {
  return {
    key: 'shop/backup-1',
    namespace: 'shop',
    name: 'backup-1',
    spec: { instance: 'orders', plan: 'backup', when: 'after', onFirstSync: 'skip', ...spec },
    labels: {},
    annotations: {},
    position: at(1),
    instancePosition: at(5),
    planPosition: at(6),
  };
}

/** The PlanRun `backup-1` as the cluster has it, of plan `backup`. */
function known(status: PlanRunStatus, owner = SYNC_UID): PlanRun {
  const annotations = { 'gitops.kudo.dev/owner': `${owner}:shop/backup-1` };
  return {
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: { name: 'backup-1', namespace: 'shop', annotations },
    spec: { instance: 'orders', plan: 'backup' },
    status,
  };
}

function problemsOf(desired: DesiredPlanRun, more: Partial<PlanRunContext> = {}) {
  const { problems, isToCome } = planRun(desired, {
    syncUid: SYNC_UID,
    findDesired: (key) => (key === KEY ? desiredInstance() : undefined),
    findObserved: (key) => (key === KEY ? liveInstance() : undefined),
    findRun: () => undefined,
    findSchedule: () => undefined,
    isFirstSync: () => false,
    isSync: () => true,
    plansOf: () => ['deploy', 'backup'],
    instancesIn: () => ['orders'],
    suggest: () => undefined,
    ...more,
  });
  return { isToCome, problems: problems.map(({ line, message }) => `${line}: ${message}`) };
}

describe('a PlanRun that is to come', () => {
  test('is as Git says when Instance and plan are there', () => {
    expect(problemsOf(wanted())).toEqual({ isToCome: true, problems: [] });
  });

  test.each([
    ['an Instance that nobody has', { instance: 'oders' }, '5: there is no Instance shop/oders'],
    ['a plan that the Instance lacks', { plan: 'restore' }, '6: Instance shop/orders has no plan'],
    ['the cleanup', { plan: 'cleanup' }, '6: KUDO runs the plan cleanup only when'],
  ])('names %s', (_why, spec, expected) => {
    expect(problemsOf(wanted(spec)).problems).toEqual([expect.stringContaining(expected)]);
  });

  test('cannot come before the commit that creates its Instance', () => {
    const more = { findObserved: () => undefined };
    expect(problemsOf(wanted({ when: 'before' }), more).problems).toEqual([
      expect.stringContaining('5: shop/backup-1 is to run before'),
    ]);
    expect(problemsOf(wanted(), more).problems).toEqual([]);
  });

  test('takes over what a commit says anew as long as it has not started', () => {
    const findRun = () => known({ state: 'held' });
    expect(problemsOf(wanted({ plan: 'deploy' }), { findRun })).toEqual({
      isToCome: true,
      problems: [],
    });
  });
});

describe('a name that stands for something else', () => {
  test.each([
    ['has run already', 'succeeded'],
    ['was skipped', 'skipped'],
  ] as const)('is refused when it %s', (text, state) => {
    const findRun = () => known({ state });
    expect(problemsOf(wanted({ plan: 'deploy' }), { findRun })).toEqual({
      isToCome: false,
      problems: [`1: PlanRun shop/backup-1 ${text}, with plan backup of orders`],
    });
    expect(problemsOf(wanted(), { findRun }).problems).toEqual([]);
  });

  test('is refused when another Sync has it, unless that one is gone', () => {
    const findRun = () => known({ state: 'waiting' }, 'other');
    expect(problemsOf(wanted(), { findRun }).problems).toEqual([
      '1: PlanRun shop/backup-1 belongs to another Sync',
    ]);
    expect(problemsOf(wanted(), { findRun, isSync: () => false }).problems).toEqual([]);
  });
});
