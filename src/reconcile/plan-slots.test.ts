import { describe, expect, test } from 'vitest';
import { record, rolloutObject } from '../../test/builders.ts';
import { numbered } from '../../test/fakes/told-step.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { PlanSlots } from './plan-slots.ts';
import { RolloutRecord } from './rollout-record.ts';

/** Slots of a Rollout in which each of these Instances has one change. */
function slotsOf(limit: number, records: Readonly<Record<ObjectKey, ChangeRecord>>): PlanSlots {
  const changes = Object.fromEntries(
    Object.entries(records).map(([key, one]) => [`${key}/0`, one] as const),
  );
  return new PlanSlots(new RolloutRecord(rolloutObject({ changes }), []), limit);
}

const sent = record('sending', { startedAt: '2026-01-01T00:00:00Z' });

describe('with one plan at a time', () => {
  test.each([
    ['a plan that runs', record('running'), false],
    ['a write that may have happened', sent, false],
    ['a plan that is to run again and was not sent', record('sending'), true],
    ['a change that waits', record('waiting'), true],
  ])('the next has its turn beside %s: %s', (_why, one, isFree) => {
    const slots = slotsOf(1, { 'shop/orders': one });
    expect(slots.take('shop/mail')).toBe(isFree);
  });

  test('an Instance keeps the slot that it has', () => {
    expect(slotsOf(1, { 'shop/orders': sent }).take('shop/orders')).toBe(true);
  });

  test('a slot that comes free is told to whom none was given, and to nobody else', () => {
    const slots = slotsOf(1, { 'shop/orders': sent });
    slots.settle('shop/orders', numbered(record('succeeded')));
    expect([slots.isFull, slots.hasFreed]).toEqual([false, false]);
    expect([slots.take('shop/mail'), slots.take('shop/queue')]).toEqual([true, false]);
    expect(slots.hasFreed).toBe(false);
    slots.settle('shop/mail', numbered(record('failed')));
    expect(slots.hasFreed).toBe(true);
  });
});
