import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { liveScope } from '../../test/fakes/scope.ts';
import { schedulePruning } from './schedule-pruning.ts';

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-01T00:30:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

test('history is pruned once an hour, after a failure too, and never after the stop', async () => {
  const scope = liveScope();
  let runs = 0;
  const stop = schedulePruning(async () => {
    runs += 1;
    if (runs === 1) throw new Error('the cluster is gone');
  }, scope);

  await vi.advanceTimersByTimeAsync(25 * MINUTE_MS);
  expect(runs).toBe(0);
  await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
  expect(runs).toBe(1);
  expect(scope.lines.join('')).toContain('the cluster is gone');
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect(runs).toBe(2);

  scope.stop();
  await stop();
  await vi.advanceTimersByTimeAsync(180 * MINUTE_MS);
  expect(runs).toBe(2);
});
