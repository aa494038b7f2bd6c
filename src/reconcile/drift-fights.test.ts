import { beforeEach, describe, expect, test } from 'vitest';
import { KEY } from '../../test/builders.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { DriftFights } from './drift-fights.ts';

const INTERVAL_MS = 60_000;

describe('a value that others set again and again', () => {
  let clock: FakeClock;
  let fights: DriftFights;
  beforeEach(() => {
    clock = new FakeClock();
    fights = new DriftFights(clock, () => INTERVAL_MS);
  });
  const correct = async (times: number, everyMs = 1_000): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await clock.advance(everyMs);
      fights.corrected(KEY, 'NODES');
    }
  };

  test('is set back twice in an interval, and left alone after the third time', async () => {
    await correct(2);
    expect(fights.isFought(KEY, 'NODES')).toBe(false);
    expect(fights.pauseMs(KEY)).toBeUndefined();
    await correct(1);
    expect(fights.isFought(KEY, 'NODES')).toBe(true);
    expect(fights.pauseMs(KEY)).toBe(INTERVAL_MS);
    expect(fights.isFought(KEY, 'SIZE')).toBe(false);
    expect(fights.isFought('shop/other', 'NODES')).toBe(false);
  });

  test('is no fight when the corrections are spread over more than an interval', async () => {
    await correct(9, INTERVAL_MS / 2);
    expect(fights.isFought(KEY, 'NODES')).toBe(false);
  });

  test('is tried again after the pause, which doubles with every further one up to an hour', async () => {
    await correct(3);
    await clock.advance(INTERVAL_MS);
    expect(fights.isFought(KEY, 'NODES')).toBe(false);
    await correct(1);
    expect(fights.pauseMs(KEY)).toBe(2 * INTERVAL_MS);
    for (let more = 0; more < 8; more++) await correct(1, fights.pauseMs(KEY));
    expect(fights.pauseMs(KEY)).toBe(3_600_000);
  });

  test('is forgotten when it stays as it is for twice the pause', async () => {
    await correct(3);
    await clock.advance(2 * INTERVAL_MS);
    await correct(2);
    expect(fights.isFought(KEY, 'NODES')).toBe(false);
  });
});
