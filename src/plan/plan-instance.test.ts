import { parametersOf } from '../kudo/find-parameter.ts';
import { describe, expect, test } from 'vitest';
import { desiredInstance, liveInstance, operatorVersion } from '../../test/builders.ts';
import { changesOf, planQueue as plan, problemsOf, QUEUE } from '../../test/fakes/planned-queue.ts';
import type { OperatorVersion } from '../kudo/objects.ts';
import type { PlanContext } from './plan-instance.ts';

test('an Instance that is not there is created by plan deploy', () => {
  expect(changesOf(plan(desiredInstance({ NODES: '5' }), undefined))).toEqual([
    'deploy: create at queue-1.0.0',
  ]);
});

describe('parameters', () => {
  test.each([
    ['one that Git changes', { NODES: '5' }, { NODES: '3' }, ['update: NODES 3 → 5']],
    ['one that says what the default says', { NODES: '3' }, {}, []],
    [
      'an explicit value that Git goes on to leave out',
      {},
      { NODES: '5' },
      ['update: NODES 5 → (default)'],
    ],
    ['a default that is written out no longer', {}, { NODES: '3' }, []],
    ['a map written in another order', { TOPICS: 'b: 2\na: 1\n' }, { TOPICS: 'a: 1\nb: 2\n' }, []],
    [
      'two with different triggers: the fallback plan first',
      { SIZE: '2', NODES: '5' },
      {},
      ['update: NODES (default) → 5', 'resize: SIZE (default) → 2'],
    ],
    [
      'one with the trigger that the other one falls back to: together',
      { MODE: 'x', NODES: '5' },
      {},
      ['update: MODE (default) → x, NODES (default) → 5'],
    ],
    ['a secret one', { PASSWORD: 'correct-horse' }, {}, ['update: PASSWORD (secret)']],
  ])('%s', (_why, desired, live, expected) => {
    const result = plan(desiredInstance(desired), liveInstance(live));
    expect({ changes: changesOf(result), problems: problemsOf(result) }).toEqual({
      changes: expected,
      problems: [],
    });
  });

  test('a key that others set is not ours to take away', () => {
    expect(
      changesOf(plan(desiredInstance(), liveInstance({ NODES: '9' }, { written: {} }))),
    ).toEqual([]);
  });

  test('a commit that changes a drifted value has its way', () => {
    const live = liveInstance({ NODES: '9' }, { written: { NODES: '5' } });
    expect(changesOf(plan(desiredInstance({ NODES: '7' }), live))).toEqual(['update: NODES 9 → 7']);
  });

  test('one that no definition knows any more is not taken away: KUDO would run nothing', () => {
    expect(changesOf(plan(desiredInstance(), liveInstance({ OLD: 'x' })))).toEqual([]);
  });
});

describe('an upgrade', () => {
  const next = (parameters: OperatorVersion['spec'], plans = ['deploy', 'update', 'upgrade']) =>
    operatorVersion(parametersOf({ spec: parameters }), { name: 'queue-2.0.0', plans });
  const upgradeOf = (
    desired: Readonly<Record<string, string>>,
    live: Readonly<Record<string, string>>,
    to: OperatorVersion,
  ) => plan(desiredInstance(desired, { version: 'queue-2.0.0' }), liveInstance(live), [QUEUE, to]);

  test('goes alone, and other edits come after it by trigger', () => {
    const to = next({ parameters: [{ name: 'NODES' }, { name: 'SIZE', trigger: 'update' }] });
    expect(changesOf(upgradeOf({ NODES: '5', SIZE: '2' }, { NODES: '3' }, to))).toEqual([
      'upgrade: upgrade queue-1.0.0 → queue-2.0.0',
      'update: NODES 3 → 5, SIZE (default) → 2',
    ]);
  });

  test('takes along what only the new version knows', () => {
    const to = next({ parameters: [{ name: 'NODES' }, { name: 'ZONE' }] });
    expect(changesOf(upgradeOf({ NODES: '3', ZONE: 'a' }, { NODES: '3' }, to))).toEqual([
      'upgrade: upgrade queue-1.0.0 → queue-2.0.0, ZONE (default) → a',
    ]);
  });

  test('takes along a value of what becomes immutable, even when it is the default', () => {
    const to = next({ parameters: [{ name: 'ZONE', default: 'a', immutable: true }] });
    const result = upgradeOf({ ZONE: 'a' }, {}, to);
    expect(changesOf(result)).toEqual([
      'upgrade: upgrade queue-1.0.0 → queue-2.0.0, ZONE (default) → a',
    ]);
    expect(problemsOf(result)).toEqual([]);
  });

  test('takes along once what others took away before it becomes immutable', () => {
    const to = next({ parameters: [{ name: 'ZONE', default: 'b', immutable: true }] });
    const live = liveInstance({}, { written: { ZONE: 'a' } });
    const desired = desiredInstance({ ZONE: 'a' }, { version: 'queue-2.0.0' });
    expect(changesOf(plan(desired, live, [QUEUE, to]))).toEqual([
      'upgrade: upgrade queue-1.0.0 → queue-2.0.0, ZONE (default) → a (drift)',
    ]);
  });

  test('takes along what asks for the plan that it runs anyway', () => {
    const to = next({ parameters: [{ name: 'NODES' }] }, ['deploy']);
    expect(changesOf(upgradeOf({ NODES: '5' }, { NODES: '3' }, to))).toEqual([
      'deploy: upgrade queue-1.0.0 → queue-2.0.0, NODES 3 → 5',
    ]);
  });

  test('comes after the value that it would refuse', () => {
    const to = next({ parameters: [{ name: 'MODE', enum: ['fast'] }] });
    expect(changesOf(upgradeOf({ MODE: 'fast' }, { MODE: 'slow' }, to))).toEqual([
      'update: MODE slow → fast',
      'upgrade: upgrade queue-1.0.0 → queue-2.0.0',
    ]);
  });

  test.each([
    [['deploy', 'update', 'upgrade'], 'upgrade'],
    [['deploy', 'update'], 'update'],
    [['deploy'], 'deploy'],
  ])('with plans %j runs %s', (plans, expected) => {
    expect(upgradeOf({}, {}, next({}, plans)).changes[0]?.plan).toBe(expected);
  });

  test('is none when the reference merely names its own namespace', () => {
    const live = liveInstance();
    const operatorVersionReference = { name: 'queue-1.0.0', namespace: 'shop' };
    const spec = { ...live.spec, operatorVersion: operatorVersionReference };
    expect(plan(desiredInstance(), { ...live, spec }).changes).toEqual([]);
  });
});

describe('drift', () => {
  const live = liveInstance({ NODES: '9', SIZE: '2' }, { written: { NODES: '5', SIZE: '2' } });
  const told = ['shop/orders: NODES 9 → 5 differs from Git and is left alone'];
  const drifted = (annotations = {}, more: Partial<PlanContext> = {}) => {
    const desired = desiredInstance({ NODES: '5', SIZE: '3' }, { annotations });
    const result = plan(desired, live, [QUEUE], more);
    return { changes: changesOf(result), notes: result.notes };
  };

  test('is set back where the policy is correct', () => {
    const changes = ['update: NODES 9 → 5 (drift)', 'resize: SIZE 2 → 3'];
    expect(drifted()).toEqual({ changes, notes: [] });
  });

  test.each([
    ['report', told],
    ['ignore', []],
  ] as const)(
    'is left alone where it is %s, and what a commit changes is not',
    (driftPolicy, notes) => {
      expect(drifted({}, { driftPolicy })).toEqual({ changes: ['resize: SIZE 2 → 3'], notes });
    },
  );

  test('follows the policy of the Instance before that of the Sync', () => {
    const own = { 'gitops.kudo.dev/drift-policy': 'report' };
    expect(drifted(own).notes).toEqual(told);
    expect(drifted({ 'gitops.kudo.dev/drift-policy': 'nonsense' }).notes).toEqual([]);
  });

  test('is left alone and told while it was set back too often', () => {
    expect(drifted({}, { isFought: () => true })).toEqual({
      changes: ['resize: SIZE 2 → 3'],
      notes: told,
    });
  });

  test.each([
    ['correct', ['upgrade: upgrade queue-2.0.0 → queue-1.0.0 (drift)'], []],
    [
      'report',
      [],
      ['shop/orders: operatorVersion queue-2.0.0 → queue-1.0.0 differs from Git and is left alone'],
    ],
    ['ignore', [], []],
  ] as const)('of the OperatorVersion, policy %s', (driftPolicy, changes, notes) => {
    const annotations = { 'gitops.kudo.dev/operator-version': 'shop/queue-1.0.0' };
    const moved = liveInstance({}, { version: 'queue-2.0.0', annotations });
    const other = operatorVersion([], { name: 'queue-2.0.0', plans: ['deploy', 'upgrade'] });
    const versions = [operatorVersion([], { plans: ['deploy', 'upgrade'] }), other];
    const result = plan(desiredInstance(), moved, versions, { driftPolicy });
    expect({ changes: changesOf(result), notes: result.notes }).toEqual({ changes, notes });
  });
});

test('while a foreign OperatorVersion is left alone, parameters are those of that version', () => {
  const annotations = { 'gitops.kudo.dev/operator-version': 'shop/queue-1.0.0' };
  const moved = liveInstance({ ZONE: 'a' }, { version: 'queue-2.0.0', annotations });
  const other = operatorVersion([{ name: 'ZONE' }], { name: 'queue-2.0.0' });
  const fought: Partial<PlanContext> = { isFought: (_key, field) => field === 'operatorVersion' };
  for (const more of [{ driftPolicy: 'report' } as const, fought]) {
    const result = plan(desiredInstance({ ZONE: 'b' }), moved, [QUEUE, other], more);
    expect(changesOf(result)).toEqual(['update: ZONE a → b']);
    expect(problemsOf(result)).toEqual([]);
    expect(result.notes[0]).toContain('operatorVersion queue-2.0.0 → queue-1.0.0 differs');
  }
});

test('the decision never to delete an Instance is carried over to it, once', () => {
  const annotations = { 'gitops.kudo.dev/prune': 'disabled' };
  const desired = desiredInstance({}, { annotations });
  expect(changesOf(plan(desired, liveInstance()))).toEqual([
    '-: annotate gitops.kudo.dev/prune: disabled',
  ]);
  expect(plan(desired, liveInstance({}, { annotations })).changes).toEqual([]);
  expect(plan(desiredInstance(), liveInstance({}, { annotations })).changes).toEqual([]);
});

describe('problems known before any write', () => {
  test('a missing OperatorVersion, with those there are', () => {
    const result = plan(desiredInstance({}, { version: 'queue-9.0.0' }), undefined);
    expect(problemsOf(result)).toEqual([
      'orders.yaml:2:3 OperatorVersion shop/queue-9.0.0 is neither in Git nor in the cluster',
    ]);
    expect(result.problems[0]?.hint).toBe('known there: queue-1.0.0');
  });

  test('an immutable parameter, at the line where Git sets it', () => {
    const live = liveInstance({ DISK: '10' });
    expect(problemsOf(plan(desiredInstance({ DISK: '20' }), live))).toEqual([
      'orders.yaml:10:3 shop/orders: parameter DISK is immutable: it cannot change from "10" to "20"',
    ]);
  });

  test('never quote a secret value', () => {
    const live = liveInstance({ PASSWORD: 'correct-horse' });
    const result = plan(desiredInstance({ PASSWORD: 'not-in-the-enum' }), live);
    expect(problemsOf(result)).toHaveLength(1);
    expect(JSON.stringify(result.problems)).not.toContain('not-in-the-enum');
  });
});
