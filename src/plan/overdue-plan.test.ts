import { expect, test } from 'vitest';
import { liveInstance, NOW, record, situation } from '../../test/builders.ts';
import { lateEnd, leftOfTimeout, overdue } from './overdue-plan.ts';

const HOUR = { ms: 3_600_000, text: '1h' };
const AN_HOUR_AGO = '2025-12-31T23:00:00.000Z';

test('a plan counts as one without end when its time is over, and is left running', () => {
  const running = record('running', { startedAt: AN_HOUR_AGO, progress: 'update 1/2 phases' });
  const given = situation({ planTimeout: HOUR });
  expect(leftOfTimeout(running, given)).toBe(0);
  expect(overdue(running, given)).toMatchObject({
    state: 'failed',
    cause: 'timeout',
    message: 'plan update has not ended after 1h; it is left running (update 1/2 phases)',
    finishedAt: NOW,
  });
  expect(overdue(running, { ...given, planTimeout: { ms: HOUR.ms + 1, text: '1h' } })).toBe(
    running,
  );
});

test('what a plan without end comes to is still noticed, and of no other failure', () => {
  const observed = liveInstance({}, { runs: ['update u1'] });
  const failed = record('failed', { cause: 'timeout', planUid: 'u1' });
  expect(lateEnd({ n: 0, record: failed }, situation({ observed }))?.state).toBe('succeeded');
  const refused = { ...failed, cause: 'plan' } as const;
  expect(lateEnd({ n: 0, record: refused }, situation({ observed }))).toBeUndefined();
});
