import { describe, expect, test } from 'vitest';
import { Failure } from '../lib/failure.ts';
import { ForgePace, ForgePaces } from './forge-pace.ts';

const MINUTE_MS = 60_000;
const down = new Failure('unreachable', 'answered 502');

describe('the pace of a token', () => {
  test('is as fast as calls are made when nobody limits it', () => {
    const pace = new ForgePace(undefined, () => 0);
    for (let write = 0; write < 1_000; write++) pace.started(true, 0);
    expect(pace.waitMs(true, 0)).toBe(0);
  });

  test('keeps to so many writes a minute and an hour, however they come', () => {
    const pace = new ForgePace({ perMinute: 3, perHour: 5 }, () => 0);
    const sentAt: number[] = [];
    for (let now = 0; now < 130 * MINUTE_MS; now += 1_000) {
      if (pace.waitMs(true, now) > 0) continue;
      pace.started(true, now);
      pace.succeeded(undefined, now);
      sentAt.push(now);
    }
    for (const [span, limit] of [
      [MINUTE_MS, 3],
      [60 * MINUTE_MS, 5],
    ] as const) {
      const most = Math.max(
        ...sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + span).length),
      );
      expect(most).toBe(limit);
    }
  });

  test('lets reads through while writes wait', () => {
    const pace = new ForgePace({ perMinute: 1, perHour: 5 }, () => 0);
    pace.started(true, 0);
    expect([pace.waitMs(true, 0), pace.waitMs(false, 0)]).toEqual([MINUTE_MS, 0]);
  });

  test('keeps the pause that the forge asked for, also beside a success', () => {
    const pace = new ForgePace(undefined, () => 0);
    pace.failed(new Failure('unreachable', 'too many', { retryAfterMs: 5_000 }), 100);
    expect([pace.waitMs(false, 100), pace.waitMs(false, 5_100)]).toEqual([5_000, 0]);
    pace.succeeded(7_000, 6_000);
    expect(pace.waitMs(false, 6_000)).toBe(7_000);
  });

  test('keeps that pause although a call that was on its way before succeeds, or is refused', () => {
    const pace = new ForgePace(undefined, () => 0);
    pace.started(false, 0);
    pace.started(false, 0);
    pace.started(false, 0);
    pace.failed(new Failure('unreachable', 'too many', { retryAfterMs: 60_000 }), 100);
    pace.succeeded(undefined, 200);
    expect(pace.waitMs(false, 200)).toBe(59_900);
    pace.failed(new Failure('denied', 'no'), 300);
    expect([pace.waitMs(false, 300), pace.waitMs(false, 60_100)]).toEqual([59_800, 0]);
  });

  test('is not that of the forge when one thing fails among many', () => {
    const pace = new ForgePace(undefined, () => 0);
    for (let turn = 0; turn < 10; turn++) {
      pace.failed(down, 0);
      expect(pace.waitMs(false, 0)).toBe(0);
      pace.succeeded(undefined, 0);
    }
    for (let turn = 0; turn < 10; turn++) pace.failed(new Failure('denied', 'no'), 0);
    expect(pace.waitMs(false, 0)).toBe(0);
  });

  test('of a forge that is down is one call at a time, ever more rarely, until one succeeds', () => {
    const pace = new ForgePace(undefined, () => 0.5);
    const waitsOfOthers: number[] = [];
    let calls = 0;
    for (let now = 0; now < 3_600_000; now += 100) {
      if (pace.waitMs(false, now) > 0) continue;
      calls += 1;
      pace.started(false, now);
      waitsOfOthers.push(pace.waitMs(false, now));
      pace.failed(down, now);
    }
    expect(waitsOfOthers.slice(3)).not.toContain(0);
    expect(calls).toBeGreaterThan(60);
    expect(calls).toBeLessThan(100);
    pace.succeeded(undefined, 3_600_000);
    expect(pace.waitMs(false, 3_600_000)).toBe(0);
  });
});

test('whoever uses the same token at the same forge has the same pace, and there are not too many of them', () => {
  const paces = new ForgePaces(() => 0);
  const one = paces.of('forge token', undefined);
  expect(paces.of('forge token', undefined)).toBe(one);
  expect(paces.of('forge other', undefined)).not.toBe(one);
  for (let other = 0; other < 300; other++) paces.of(`forge ${String(other)}`, undefined);
  expect(paces.of('forge token', undefined)).not.toBe(one);
});
