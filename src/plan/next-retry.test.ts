import { expect, test } from 'vitest';
import { NOW, record } from '../../test/builders.ts';
import { nextRetryAt } from './next-retry.ts';

const FAILED = record('failed', { cause: 'plan', finishedAt: NOW });
const retry = (more: Parameters<typeof record>[1], limit = 3): number | undefined => {
  const at = nextRetryAt({ ...FAILED, ...more }, { limit, backoffMs: 30_000 });
  return at === undefined ? undefined : at - Date.parse(NOW);
};

test('a failed plan runs again after the pause, which doubles each time up to an hour', () => {
  expect([0, 1, 2].map((retries) => retry({ retries }))).toEqual([30_000, 60_000, 120_000]);
  expect(retry({ retries: 19 }, 20)).toBe(3_600_000);
});

test.each([
  ['after as many times as the Sync allows', { retries: 3 }],
  ['when KUDO refused the change', { cause: 'denied' }],
  ['when it does not end', { cause: 'timeout' }],
  ['when it has not failed', { state: 'running' }],
] as const)('it does not %s', (_why, more) => {
  expect(retry(more)).toBeUndefined();
});
