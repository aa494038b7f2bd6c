import { describe, expect, test } from 'vitest';
import {
  edit,
  liveInstance,
  planOf,
  record,
  setParameters,
  situation,
} from '../../test/builders.ts';
import { numbered, stepOf as step, tokenOf } from '../../test/fakes/told-step.ts';
import { nextStep } from './next-step.ts';

const SIZE = setParameters('resize', edit('SIZE=2', '1'));
const NODES = setParameters('update', edit('NODES=5', '3'));

describe('after a crash', () => {
  const sending = record('sending', { instanceUid: 'instance-uid', uidBefore: 'u0' });
  const records = numbered(sending);

  test('without our token the write never happened: the same attempt is sent again', () => {
    const observed = liveInstance({}, { runs: ['update u0'] });
    const { records: stored, send } = nextStep(
      situation({ observed, records, plan: planOf(NODES) }),
    );
    expect(send).toMatchObject({ n: 0, mode: { kind: 'plain' } });
    expect(stored.get(0)).toMatchObject({ state: 'sending', attempt: 1 });
  });

  test('a write that is not wanted any more is forgotten', () => {
    expect(step({ observed: liveInstance(), records })).toEqual(['0 dropped']);
  });

  test.each([
    ['from planExecution while it runs', { running: 'update u1', runs: ['update u0'] }],
    ['from planStatus once it ended', { runs: ['update u1 IN_PROGRESS'] }],
  ])('with our token the uid of our run is derived %s', (_why, wish) => {
    const observed = liveInstance({}, { ...wish, annotations: tokenOf(0, 1, 'u0') });
    const { records: stored } = nextStep(situation({ observed, records, quietMs: 0 }));
    expect(stored.get(0)).toMatchObject({ state: 'running', planUid: 'u1' });
  });

  test('with our token and the old uid it waits for 30 s, then runs the plan once more', () => {
    const observed = liveInstance({}, { runs: ['update u0'], annotations: tokenOf(0, 1, 'u0') });
    expect(step({ observed, records, quietMs: 29_000 })).toEqual(['looks again in 1000']);
    const later = nextStep(situation({ observed, records, quietMs: 30_000 }));
    expect(later.send).toMatchObject({ n: 0, mode: { kind: 'retrigger' } });
    expect(later.records.get(0)).toMatchObject({ state: 'sending', attempt: 2 });
  });

  test('a change without a plan is done when its token is there', () => {
    const observed = liveInstance({}, { annotations: tokenOf(0) });
    const quick = numbered(record('sending', { plan: '-', instanceUid: 'instance-uid' }));
    expect(step({ observed, records: quick })).toEqual(['0 succeeded']);
  });

  test('an Instance that was deleted meanwhile is never recreated by an update', () => {
    expect(step({ observed: undefined, records })).toEqual([
      '0 failed: the Instance was deleted before the change was written',
    ]);
  });

  test('another Instance under the same name is not ours to write', () => {
    const observed = liveInstance({}, { uid: 'another', annotations: tokenOf(0) });
    expect(step({ observed, records })).toEqual([
      '0 failed: the Instance was deleted before the change was written',
    ]);
  });
});

describe('a lost outcome', () => {
  const running = record('running', {
    planUid: 'u1',
    uidBefore: 'u0',
    instanceUid: 'instance-uid',
  });
  const observed = liveInstance({}, { runs: ['update u1 IN_PROGRESS'] });

  test('is waited for 30 s, then the plan runs once more', () => {
    const records = numbered(running);
    expect(step({ observed, records, quietMs: 29_999 })).toEqual(['looks again in 1000']);
    expect(step({ observed, records })).toEqual([
      '0 sending: KUDO lost the outcome of its plan, which runs once more',
      'sends 0 retrigger',
    ]);
  });

  test('is no longer lost when every phase says COMPLETE', () => {
    const status = { planStatus: { update: { ...allDone, uid: 'u1' } } };
    const done = { ...observed, status };
    expect(step({ observed: done, records: numbered(running), quietMs: 0 })).toEqual([
      '0 succeeded',
    ]);
  });

  test('a retrigger that never happened is sent again as the same attempt', () => {
    const again = { ...running, state: 'sending', attempt: 2, planUid: undefined } as const;
    const { records, send } = nextStep(situation({ observed, records: numbered(again) }));
    expect(send).toMatchObject({ n: 0, mode: { kind: 'retrigger' } });
    expect(records.get(0)).toMatchObject({ attempt: 2, state: 'sending' });
  });

  test('is a failure after three attempts', () => {
    const third = { ...running, attempt: 3 };
    expect(step({ observed, records: numbered(third) })).toEqual([
      '0 failed: outcome unknown: KUDO lost it 3 times',
    ]);
  });

  test('after which people had it run again counts its own attempts only', () => {
    const third = { ...running, attempt: 3, retries: 2 };
    expect(step({ observed, records: numbered(third) })).toContain('sends 0 retrigger');
  });

  test('behind a plan of others waits for its end', () => {
    const busy = liveInstance({}, { running: 'backup b1', runs: ['update u1 IN_PROGRESS'] });
    expect(step({ observed: busy, records: numbered(running), quietMs: 0 })).toEqual([
      '0 running: its outcome was lost; blocked by plan backup (b1), which others started',
      'looks again in 30000',
    ]);
  });
});

const allDone = {
  name: 'update',
  status: 'IN_PROGRESS',
  phases: [{ name: 'nodes', status: 'COMPLETE', steps: [] }],
} as const;

describe('how a run ends', () => {
  const records = numbered(record('running', { planUid: 'u1', uidBefore: 'u0' }));

  test('only a terminal status under our uid is an end', () => {
    const observed = liveInstance({}, { running: 'update u1', runs: ['update u0 COMPLETE'] });
    expect(step({ observed, records, quietMs: 0 })).toEqual(['0 running']);
  });

  test('the result of the run before, beside an empty planName, is none', () => {
    const observed = liveInstance({}, { runs: ['update u0'] });
    expect(step({ observed, records, quietMs: 100 })).toEqual(['looks again in 29900']);
  });

  test('a run that was given up has failed once KUDO has let go of it', () => {
    const annotations = { 'gitops.kudo.dev/abandoned': 'u1 Ann, in Git' };
    const held = liveInstance({}, { running: 'update u1', annotations });
    expect(step({ observed: held, records, quietMs: 0 })).toEqual(['0 running']);
    const free = liveInstance({}, { annotations });
    expect(step({ observed: free, records, quietMs: 0 })).toEqual([
      '0 failed: plan update was given up by Ann, in Git',
    ]);
  });

  test('a run that others restarted is followed under its new uid', () => {
    const observed = liveInstance({}, { running: 'update u2' });
    expect(step({ observed, records, quietMs: 0 })).toEqual([
      '0 running: restarted by others as u2',
    ]);
  });

  test('a failure holds what follows it', () => {
    const observed = liveInstance({}, { runs: ['update u1 FATAL_ERROR'] });
    expect(step({ observed, records, plan: planOf(SIZE) })).toEqual([
      '0 failed: FATAL_ERROR in update',
      '1 held: held by the failed change before it',
    ]);
  });

  test('a failure of what Git no longer says holds nothing', () => {
    const failed = numbered(record('failed', { desiredHash: 'h0' }));
    expect(step({ records: failed, plan: planOf(SIZE) })).toEqual(['1 sending', 'sends 1 plain']);
  });

  test('an Instance deleted under its plan is a failure', () => {
    expect(step({ observed: undefined, records })).toEqual([
      '0 failed: the Instance was deleted while its plan ran',
    ]);
  });

  test.each([
    ['runs', { running: 'deploy c1' }, ['0 running', 'looks again in 30000']],
    [
      'has no outcome yet',
      { runs: ['deploy c1 IN_PROGRESS'] },
      ['0 running', 'looks again in 30000'],
    ],
    [
      'failed',
      { runs: ['deploy c1 FATAL_ERROR'] },
      ['0 failed: child orders: FATAL_ERROR in deploy'],
    ],
    ['is complete', { runs: ['deploy c1'] }, ['0 succeeded']],
  ])('a complete plan with a child that %s', (_why, wish, expected) => {
    const observed = liveInstance({}, { runs: ['update u1'] });
    const children = [liveInstance({}, wish)];
    expect(step({ observed, records, children, quietMs: 0 })).toEqual(expected);
  });
});
