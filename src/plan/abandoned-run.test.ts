import { expect, test } from 'vitest';
import { desiredInstance, liveInstance, SYNC_UID } from '../../test/builders.ts';
import { abandonChange, abandonedBy } from './abandoned-run.ts';

const giveUp = (uid: string) =>
  desiredInstance({}, { annotations: { 'gitops.kudo.dev/abandon': uid } });

test.each([
  ['the run that it names', 'update u1', SYNC_UID, true],
  ['no run that comes later', 'update u2', SYNC_UID, false],
  ['no cleanup: KUDO would never take its finalizer away', 'cleanup u1', SYNC_UID, false],
  ['nothing on an Instance of another Sync', 'update u1', 'other', false],
])('the annotation gives up %s', (_why, running, syncUid, isGivenUp) => {
  const change = abandonChange(giveUp('u1'), liveInstance({}, { running }), syncUid);
  expect(change !== undefined).toBe(isGivenUp);
});

test('a mark names the run and who gave it up', () => {
  const marked = liveInstance({}, { annotations: { 'gitops.kudo.dev/abandoned': 'u1 Ann Byron' } });
  expect(abandonedBy(marked, 'u1')).toBe('Ann Byron');
  expect(abandonedBy(marked, 'u2')).toBeUndefined();
});
