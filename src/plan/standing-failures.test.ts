import { expect, test } from 'vitest';
import { edit, KEY, planOf, record, setParameters } from '../../test/builders.ts';
import type { InstancePlan } from '../model/change.ts';
import { standingFailures } from './standing-failures.ts';

const failed = new Map([[KEY, [{ n: 0, record: record('failed', { cause: 'plan' }) }]]]);
const held = planOf(setParameters('resize', edit('SIZE=2', '1')));
const dependent: InstancePlan = { ...held, key: 'shop/kafka', waitsFor: [KEY] };

test('a merge that does not touch a failed Instance is told what stays held', () => {
  expect(standingFailures(failed, [held, dependent], new Map([[KEY, 'h1']]))).toEqual([
    'shop/orders: plan update failed before; its changes stay held until it runs again or the Instance changes',
    'shop/kafka would be held: it waits for shop/orders',
  ]);
  expect(standingFailures(failed, [planOf()], new Map([[KEY, 'h1']]))).toEqual([
    'shop/orders: plan update failed before; the rollout stays failed until it runs again or the Instance changes',
  ]);
});

test('a merge that touches it is told nothing', () => {
  expect(standingFailures(failed, [held, dependent], new Map([[KEY, 'h2']]))).toEqual([]);
});
