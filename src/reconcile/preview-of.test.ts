import { describe, expect, test } from 'vitest';
import { desiredInstance, operatorVersion, SYNC_UID } from '../../test/builders.ts';
import { revisionState } from '../../test/fakes/revision-state.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import type { DesiredPlanRun, DesiredPlanSchedule } from '../model/desired.ts';
import { PlanScheduleSpec } from '../model/plan-schedule.ts';
import type { Caches } from './cluster-view.ts';
import { previewOf } from './preview-of.ts';
import type { RevisionState } from './revision-reader.ts';

const HEAD = 'b'.repeat(40);

const SYNC = {
  uid: SYNC_UID,
  namespace: 'shop',
  name: 'fleet',
  paths: ['.'],
  prune: false,
  pruneLimit: 20,
  driftPolicy: 'correct',
} as const;

function previewCaches(): Caches {
  const caches = stillCaches();
  caches.operatorVersions.update(operatorVersion([{ name: 'NODES' }]));
  caches.operatorVersions.update(operatorVersion([], { name: 'vault-9.9.9' }));
  return caches;
}

function preview(
  head: RevisionState,
  base: RevisionState,
  fromFork = false,
  caches = previewCaches(),
) {
  const pull = { headSha: HEAD, fromFork };
  const input = { target: 'prod/shop/fleet', pull, head, base, sync: { ...SYNC, paths: ['.'] } };
  return previewOf(input, { view: { caches } });
}

const orders = desiredInstance({ NODES: '3' });

describe('the preview of a fork', () => {
  test('names no OperatorVersion that only the cluster has, and does not tell whether it has one', () => {
    for (const version of ['vault-9.9.8', 'vault-9.9.9']) {
      const { plans } = preview(
        revisionState([desiredInstance({}, { version })]),
        revisionState([]),
        true,
      );
      expect(plans[0]?.problems).toMatchObject([{ severity: 'warning' }]);
      const text = JSON.stringify(plans).replaceAll(version, '');
      expect(text).toContain('is not in Git');
      expect(text).not.toContain('vault-9');
      expect(text).not.toContain('queue-1.0.0');
    }
  });

  test('takes an OperatorVersion that the branch names already from the cluster', () => {
    const changed = desiredInstance({ NODES: '5' });
    const { plans } = preview(revisionState([changed]), revisionState([orders]), true);
    expect(plans[0]?.changes).toMatchObject([{ plan: 'update', edits: [{ from: '3', to: '5' }] }]);
  });
});

test('somebody who may push is told which OperatorVersions could be meant', () => {
  const { plans } = preview(
    revisionState([desiredInstance({}, { version: 'none' })]),
    revisionState([]),
  );
  expect(plans[0]?.problems[0]?.hint).toBe('known there: queue-1.0.0, vault-9.9.9');
});

describe('what the head no longer has', () => {
  test('is named, and not deleted', () => {
    const { notes } = preview(revisionState([]), revisionState([orders]));
    expect(notes).toEqual(['shop/orders would be removed from Git; it is not deleted']);
  });

  test('is told to a fork as it may become, and to others as it would', () => {
    const sync = { ...SYNC, paths: ['.'], prune: true };
    const notes = (fromFork: boolean): readonly string[] => {
      const pull = { headSha: HEAD, fromFork };
      const [head, base] = [revisionState([]), revisionState([orders])];
      const input = { target: 'prod/shop/fleet', pull, head, base, sync };
      return previewOf(input, { view: { caches: previewCaches() } }).notes;
    };
    const removed = 'shop/orders would be removed from Git';
    expect(notes(true)).toEqual([`${removed}; it is deleted if this Sync made it`]);
    expect(notes(false)).toEqual([`${removed}; it is not deleted`]);
  });

  test('is not guessed while some files cannot be read, and that is said', () => {
    const { notes } = preview(revisionState([], { incomplete: true }), revisionState([orders]));
    expect(notes).toEqual(['some files cannot be read, so removals are not listed']);
  });
});

describe('a PlanRun that the head adds', () => {
  const run: DesiredPlanRun = {
    key: 'shop/backup-1',
    namespace: 'shop',
    name: 'backup-1',
    spec: { instance: 'orders', plan: 'deploy', when: 'after', onFirstSync: 'skip' },
    labels: {},
    annotations: {},
    position: { file: 'run.yaml', line: 1, column: 1 },
    instancePosition: { file: 'run.yaml', line: 6, column: 13 },
    planPosition: { file: 'run.yaml', line: 7, column: 9 },
  };
  const withRun = (one: DesiredPlanRun): RevisionState => {
    const head = revisionState([orders]);
    return { ...head, desired: { ...head.desired, planRuns: new Map([[one.key, one]]) } };
  };

  test.each([false, true])('is told, also of a fork (%s)', (fromFork) => {
    expect(preview(withRun(run), revisionState([orders]), fromFork).runs).toEqual([
      'plan deploy of shop/orders would run once, after other changes (PlanRun backup-1)',
    ]);
  });

  test('is a problem with its place when it cannot run, and nothing that would', () => {
    const head = withRun({ ...run, spec: { ...run.spec, instance: 'nobody' } });
    const { runs, problems } = preview(head, revisionState([orders]));
    expect(runs).toEqual([]);
    expect(problems).toMatchObject([{ id: 'unknown-instance', line: 6, column: 13 }]);
  });

  test('comes before those that come after the changes', () => {
    const early = {
      ...run,
      key: 'shop/z',
      name: 'z',
      spec: { ...run.spec, when: 'before' },
    } as const;
    const head = withRun(run);
    const planRuns = new Map([...head.desired.planRuns, [early.key, early]] as const);
    const { runs } = preview(
      { ...head, desired: { ...head.desired, planRuns } },
      revisionState([orders]),
      true,
    );
    expect(runs?.map((text) => text.slice(-20))).toEqual([
      expect.stringContaining('(PlanRun z)'),
      expect.stringContaining('(PlanRun backup-1)'),
    ]);
  });

  test('under a name that has run already is told not to run', () => {
    const caches = previewCaches();
    caches.planRuns.update({
      apiVersion: 'gitops.kudo.dev/v1alpha1',
      kind: 'PlanRun',
      metadata: { namespace: 'shop', name: 'backup-1', resourceVersion: '1' },
      spec: { instance: 'orders', plan: 'deploy' },
      status: { state: 'succeeded' },
    });
    const { runs, notes } = preview(withRun(run), revisionState([orders]), false, caches);
    expect(runs).toEqual([]);
    expect(notes).toEqual(['PlanRun shop/backup-1 does not run: it has run']);
  });
});

test('a PlanSchedule that the head takes out would be suspended', () => {
  const place = { file: 'often.yaml', line: 1, column: 1 };
  const often: DesiredPlanSchedule = {
    key: 'shop/often',
    namespace: 'shop',
    name: 'often',
    spec: PlanScheduleSpec.parse({ instance: 'orders', plan: 'deploy', schedule: '@daily' }),
    labels: {},
    annotations: {},
    position: place,
    instancePosition: place,
    planPosition: place,
  };
  const base = revisionState([orders]);
  const desired = { ...base.desired, planSchedules: new Map([[often.key, often]]) };
  expect(preview(revisionState([orders]), { ...base, desired }).notes).toEqual([
    'PlanSchedule shop/often would be removed from Git: it is suspended, not deleted',
  ]);
});
