import { describe, expect, test } from 'vitest';
import { desiredInstance, liveInstance, operatorVersion, SYNC_UID } from '../../test/builders.ts';
import { changesOf, planQueue as plan, problemsOf, QUEUE } from '../../test/fakes/planned-queue.ts';

describe('an Instance that another has', () => {
  test.each([
    [
      'of another Sync',
      liveInstance({ NODES: '3' }, { owner: 'other:shop/orders' }),
      'it belongs to Sync shop/other',
    ],
    [
      'made by a plan of another Instance',
      liveInstance({ NODES: '3' }, { parent: 'storefront' }),
      'it is a child of Instance storefront, whose plans set its parameters',
    ],
  ])('%s is left alone, whatever Git says', (_why, live, why) => {
    const annotations = { 'gitops.kudo.dev/adopt': 'overwrite' };
    const result = plan(desiredInstance({ NODES: '5' }, { annotations }), live);
    expect(result.changes).toEqual([]);
    expect(problemsOf(result)).toEqual([
      `orders.yaml:1:3 shop/orders exists and is left alone: ${why}; Git differs in NODES 3 → 5`,
    ]);
    expect(plan(desiredInstance({ NODES: '3' }), live)).toMatchObject({
      changes: [],
      problems: [],
      notes: [`shop/orders exists and is left alone: ${why}; it says the same as Git`],
    });
  });
});

describe('an Instance that is nobody’s', () => {
  const overwrite = { annotations: { 'gitops.kudo.dev/adopt': 'overwrite' } };

  test.each([
    ['made by hand', null, 'was not made by kudo-gitops'],
    ['copied from one of ours', `${SYNC_UID}:shop/original`, 'was not made by kudo-gitops'],
    ['of a Sync that is gone', 'gone:shop/orders', 'belonged to a Sync that is gone'],
  ])('%s is adopted when Git says the same, else only when Git says so', (_why, owner, text) => {
    const live = liveInstance({ NODES: '3' }, { owner });
    expect(changesOf(plan(desiredInstance({ NODES: '3' }), live))).toEqual(['-: adopt as it is']);
    const different = plan(desiredInstance({ NODES: '5' }), live);
    expect(different.changes).toEqual([]);
    expect(problemsOf(different)).toEqual([
      `orders.yaml:1:3 shop/orders ${text} and is left alone: Git differs in NODES 3 → 5`,
    ]);
    expect(changesOf(plan(desiredInstance({ NODES: '5' }, overwrite), live))).toEqual([
      '-: adopt as it is',
      'update: NODES 3 → 5',
    ]);
  });

  test('is remembered as written only where Git says the same', () => {
    const live = liveInstance({ NODES: '3', SIZE: '2' }, { owner: null });
    const [adoption] = plan(desiredInstance({ NODES: '5', SIZE: '2' }, overwrite), live).changes;
    expect(adoption).toMatchObject({ kind: 'adopt', same: ['SIZE'] });
  });

  test('is upgraded after it was adopted, when Git says so', () => {
    const next = operatorVersion([], { name: 'queue-2.0.0' });
    const desired = desiredInstance({}, { version: 'queue-2.0.0', ...overwrite });
    const result = plan(desired, liveInstance({}, { owner: null }), [QUEUE, next]);
    expect(changesOf(result)).toEqual([
      '-: adopt as it is',
      'update: upgrade queue-1.0.0 → queue-2.0.0',
    ]);
  });
});
