import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const LIMITS = { minMs: 200, maxMs: 30_000 };

test.each([
  { failures: 1, least: 100, most: 200 },
  { failures: 2, least: 200, most: 400 },
  { failures: 8, least: 12_800, most: 25_600 },
  { failures: 9, least: 15_000, most: 30_000 },
  { failures: 1_000, least: 15_000, most: 30_000 },
])('after $failures failures waits $least to $most ms', ({ failures, least, most }) => {
  expect(backoffMs(failures, LIMITS, () => 0)).toBe(least);
  expect(backoffMs(failures, LIMITS, () => 1)).toBe(most);
});
