import { expect, test } from 'vitest';
import { Failure } from '../lib/failure.ts';
import { HoldOffs } from './hold-offs.ts';

const down = new Failure('unreachable', 'no answer');

test('the other side is left alone longer after each failure, and not at all after a success', () => {
  const holdOffs = new HoldOffs({ minMs: 1_000, maxMs: 3_000 }, () => 0);
  expect(holdOffs.waitMs('shop/fleet', 0)).toBeLessThanOrEqual(0);
  const waits = [1, 2, 3].map(() => holdOffs.failed('shop/fleet', down, 10_000));
  expect(waits).toEqual([500, 1_000, 1_500]);
  expect(holdOffs.waitMs('shop/fleet', 10_400)).toBe(1_100);
  expect(holdOffs.waitMs('shop/other', 10_400)).toBeLessThanOrEqual(0);
  holdOffs.succeeded('shop/fleet');
  expect(holdOffs.waitMs('shop/fleet', 10_400)).toBeLessThanOrEqual(0);
  expect(holdOffs.failed('shop/fleet', down, 10_400)).toBe(500);
});

test('who asks for a pause gets it', () => {
  const holdOffs = new HoldOffs({ minMs: 1_000, maxMs: 3_000 }, () => 0);
  const busy = new Failure('unreachable', 'too many', { retryAfterMs: 60_000 });
  expect(holdOffs.failed('shop/fleet', busy, 0)).toBe(60_000);
  expect(holdOffs.waitMs('shop/fleet', 0)).toBe(60_000);
});
