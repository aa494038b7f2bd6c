import { expect, test } from 'vitest';
import { edit, KEY, planOf, record, setParameters } from '../../test/builders.ts';
import type { InstancePlan } from '../model/change.ts';
import { standingFailures, type MergedState } from './standing-failures.ts';

const failed = new Map([[KEY, [{ n: 0, record: record('failed', { cause: 'plan' }) }]]]);
const resized = planOf(setParameters('resize', edit('SIZE=2', '1')));
const updated = planOf(setParameters('update', edit('NODES=2', '1')));
const dependent: InstancePlan = { ...resized, key: 'shop/kafka', waitsFor: [KEY] };

const notes = (hash: string, plans: readonly InstancePlan[], isRedone = false) => {
  const merged: MergedState = {
    plans,
    hashes: new Map([[KEY, hash]]),
    isRedone: () => isRedone,
  };
  return standingFailures(failed, merged);
};

test('a merge that does not touch a failed Instance is told what stays held', () => {
  expect(notes('h1', [resized, dependent])).toEqual([
    'shop/orders: plan update failed before; its changes stay held until it runs again or the Instance changes',
    'shop/kafka would be held: it waits for shop/orders',
  ]);
  expect(notes('h1', [planOf()])).toEqual([
    'shop/orders: plan update failed before; the rollout stays failed until it runs again or the Instance changes',
  ]);
});

test('a merge that runs the failed plan again, or one that does its work, is told nothing', () => {
  expect(notes('h2', [updated, dependent])).toEqual([]);
  expect(notes('h2', [resized, dependent], true)).toEqual([]);
});

test('a merge that touches it and runs other plans, or none, is told that the rollout stays failed', () => {
  expect(notes('h2', [resized, dependent])).toEqual([
    'shop/orders: plan update failed before; what would run does not do its work, so the rollout stays failed until it runs again',
    'shop/kafka would be held: it waits for shop/orders',
  ]);
  expect(notes('h2', [planOf()])).toEqual([
    'shop/orders: plan update failed before; nothing runs it again, so the rollout stays failed until it runs again',
  ]);
});
