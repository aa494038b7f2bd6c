import { expect, test } from 'vitest';
import { edit, liveInstance, record, setParameters, situation } from '../../test/builders.ts';
import { numbered } from '../../test/fakes/told-step.ts';
import { busyWith, obstacleTo } from './obstacle-to.ts';

const drifted = setParameters('update', { ...edit('NODES=3', '5'), isDrift: true });

test('a value that others changed is set back while the plan that they started with it runs', () => {
  const observed = liveInstance({}, { running: 'update theirs' });
  expect(obstacleTo(drifted, situation({ observed }))).toEqual({
    kind: 'cure',
    runningUid: 'theirs',
  });
});

test('a run of this very rollout is waited for, drift or not', () => {
  const observed = liveInstance({}, { running: 'update u1' });
  const records = numbered(record('running', { planUid: 'u1' }));
  expect(obstacleTo(drifted, situation({ observed, records }))).toBe('blocked by plan update (u1)');
});

test('an Instance whose last run was given up is free at once', () => {
  const annotations = { 'gitops.kudo.dev/abandoned': 'u1 somebody' };
  const lastRun = { plan: 'update', uid: 'u1' };
  const given = situation({ quietMs: 0, lastRun });
  expect(busyWith(given)).toBe('plan update (u1), whose outcome is still to come');
  expect(busyWith({ ...given, observed: liveInstance({}, { annotations }) })).toBeUndefined();
});
