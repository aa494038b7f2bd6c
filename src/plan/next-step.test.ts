import { describe, expect, test } from 'vitest';
import {
  createChange,
  edit,
  liveInstance,
  NOW,
  planOf,
  record,
  ROLLOUT_UID,
  setParameters,
  situation,
} from '../../test/builders.ts';
import { ANNOTATION } from '../model/names.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { InstanceSituation } from './instance-situation.ts';
import { nextStep, type InstanceStep } from './next-step.ts';

const SIZE = setParameters('resize', edit('SIZE=2', '1'));
const NODES = setParameters('update', edit('NODES=5', '3'));

/** `sends 0 plain`, and each stored record as `0 sending: message`. */
function told({ records, send, lookAgainMs }: InstanceStep): readonly string[] {
  const stored = [...records].map(([n, one]) =>
    one === undefined
      ? `${String(n)} dropped`
      : [`${String(n)} ${one.state}`, ...(one.message ? [one.message] : [])].join(': '),
  );
  const sends = send ? [`sends ${String(send.n)} ${send.mode.kind}`] : [];
  const looks = lookAgainMs === undefined ? [] : [`looks again in ${String(lookAgainMs)}`];
  return [...stored, ...sends, ...looks];
}

const step = (more: Partial<InstanceSituation>): readonly string[] =>
  told(nextStep(situation(more)));

const numbered = (...records: readonly ChangeRecord[]) =>
  records.map((one, n) => ({ n, record: one }));

const tokenOf = (n: number, attempt = 1, uidBefore = '-') => ({
  [ANNOTATION.change]: `${ROLLOUT_UID}/${String(n)}/${String(attempt)} update ${uidBefore}`,
});

describe('what is written next', () => {
  test('nothing, when nothing differs and nothing was sent', () => {
    expect(step({})).toEqual([]);
  });

  test('an Instance that is not there is created', () => {
    const given = { plan: planOf(createChange()), observed: undefined };
    expect(step(given)).toEqual(['0 sending', 'sends 0 plain']);
  });

  test('of several changes the first; the others are known', () => {
    expect(step({ plan: planOf(NODES, SIZE) })).toEqual([
      '0 sending',
      '1 planned',
      'sends 0 plain',
    ]);
  });

  test('the intent remembers the Instance and the last run of its plan', () => {
    const observed = liveInstance({}, { runs: ['update u0'] });
    const { records } = nextStep(situation({ plan: planOf(NODES), observed }));
    expect(records.get(0)).toMatchObject({
      attempt: 1,
      instanceUid: 'instance-uid',
      uidBefore: 'u0',
      startedAt: NOW,
      summary: 'NODES 3 → 5',
      desiredHash: 'h1',
    });
  });

  test('a second change waits for the end of the first without a word', () => {
    const observed = liveInstance({}, { running: 'update u1' });
    const running = record('running', { planUid: 'u1', progress: 'update scheduled' });
    const records = numbered(running, record('planned', { plan: 'resize', summary: 'SIZE 1 → 2' }));
    expect(step({ observed, records, plan: planOf(SIZE), quietMs: 0 })).toEqual([
      'looks again in 30000',
    ]);
  });

  test('the next group goes when the one before it is complete', () => {
    const observed = liveInstance({}, { runs: ['update u1'] });
    const records = numbered(record('running', { planUid: 'u1' }));
    expect(step({ observed, records, plan: planOf(SIZE) })).toEqual([
      '0 succeeded',
      '1 sending',
      'sends 1 plain',
    ]);
  });

  test('an Instance that is being deleted is waited for', () => {
    const live = liveInstance();
    const metadata = { ...live.metadata, deletionTimestamp: NOW };
    expect(step({ plan: planOf(createChange()), observed: { ...live, metadata } })).toEqual([
      '0 waiting: the Instance is being deleted',
      'looks again in 1000',
    ]);
  });
});

describe('idle', () => {
  const lastRun = { plan: 'update', uid: 'u1' };

  test('a plan of others is waited for and named', () => {
    const observed = liveInstance({}, { running: 'backup b1' });
    expect(step({ observed, plan: planOf(NODES), quietMs: 0 })).toEqual([
      '0 waiting: blocked by plan backup (b1), which others started',
      'looks again in 30000',
    ]);
  });

  test('an empty planName beside the old result is not idle yet', () => {
    const observed = liveInstance({}, { runs: ['update u0'] });
    expect(step({ observed, plan: planOf(NODES), quietMs: 100, lastRun })).toEqual([
      '0 waiting: plan update (u1), whose outcome is still to come',
      'looks again in 29900',
    ]);
  });

  test.each([
    ['the last run is terminal under its own uid', ['update u1 FATAL_ERROR'], 100],
    ['30 s of silence have passed', ['update u0'], 30_000],
  ])('it is when %s', (_why, runs, quietMs) => {
    const observed = liveInstance({}, { runs });
    expect(step({ observed, plan: planOf(NODES), quietMs, lastRun })).toContain('sends 0 plain');
  });
});

describe('the cure of a hanging plan', () => {
  const observed = liveInstance({}, { running: 'update u1' });
  const inherited = record('running', { planUid: 'u1', token: 'old/0/1', desiredHash: 'h0' });

  test('a newer revision with the same trigger restarts it', () => {
    const given = { observed, records: numbered(inherited), plan: planOf(NODES) };
    expect(step(given)).toContain('sends 1 cure');
  });

  test('another trigger waits and says for what', () => {
    const given = { observed, records: numbered(inherited), plan: planOf(SIZE), quietMs: 0 };
    expect(step(given)).toContain('1 waiting: blocked by plan update (u1)');
  });

  test('a plan of others is never restarted', () => {
    const foreign = liveInstance({}, { running: 'update other' });
    expect(step({ observed: foreign, plan: planOf(NODES), quietMs: 0 })).toEqual([
      '0 waiting: blocked by plan update (other), which others started',
      'looks again in 30000',
    ]);
  });

  test('a change of the same revision waits for the end of the one before it', () => {
    const own = numbered(record('running', { planUid: 'u1', kind: 'upgrade' }));
    expect(nextStep(situation({ observed, records: own, plan: planOf(NODES) })).send).toBe(
      undefined,
    );
  });

  test('the replaced run is settled as restarted, even after a crash in between', () => {
    const cured = liveInstance({}, { running: 'update u2', annotations: tokenOf(1, 1, 'u1') });
    const sending = record('sending', { instanceUid: 'instance-uid', uidBefore: 'u1' });
    const records = numbered(inherited, sending);
    expect(step({ observed: cured, records, quietMs: 0 })).toEqual([
      '1 running',
      '0 restarted: restarted as u2',
      'looks again in 30000',
    ]);
  });
});

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

  test('behind a plan of others waits for its end', () => {
    const busy = liveInstance({}, { running: 'backup b1', runs: ['update u1 IN_PROGRESS'] });
    expect(step({ observed: busy, records: numbered(running), quietMs: 0 })).toEqual([
      '0 running: its outcome was lost; blocked by plan backup (b1), which others started',
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
    expect(step({ observed, records, quietMs: 0 })).toEqual(['0 running', 'looks again in 30000']);
  });

  test('a run that others restarted is followed under its new uid', () => {
    const observed = liveInstance({}, { running: 'update u2' });
    expect(step({ observed, records, quietMs: 0 })).toEqual([
      '0 running: restarted by others as u2',
      'looks again in 30000',
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

describe('a problem known before any write', () => {
  const problem = {
    id: 'missing-operator-version',
    severity: 'error',
    file: 'orders.yaml',
    line: 2,
    column: 3,
    message: 'OperatorVersion shop/queue is not there',
  } as const;

  test('holds every change, and is a record of its own when there is none', () => {
    const plan = { ...planOf(), problems: [problem] };
    expect(step({ plan })).toEqual([`0 held: ${problem.message}`]);
    expect(step({ plan: { ...planOf(NODES, SIZE), problems: [problem] } })).toEqual([
      `0 held: ${problem.message}`,
      `1 held: ${problem.message}`,
    ]);
  });

  test('does not take the place of a run that ends in the same pass', () => {
    const observed = liveInstance({}, { runs: ['update u1'] });
    const records = numbered(record('running', { planUid: 'u1' }));
    expect(step({ observed, records, plan: { ...planOf(), problems: [problem] } })).toEqual([
      '0 succeeded',
      `1 held: ${problem.message}`,
    ]);
  });
});

test('no record quotes a secret', () => {
  const failed = liveInstance({});
  const message = 'cannot log in with hunter22';
  const status = { name: 'update', uid: 'u1', status: 'FATAL_ERROR', message } as const;
  const observed = { ...failed, status: { planStatus: { update: status } } };
  const records = numbered(record('running', { planUid: 'u1' }));
  expect(step({ observed, records, secrets: ['hunter22'] })).toEqual([
    '0 failed: FATAL_ERROR in update: cannot log in with ***',
  ]);
});

test('the same situation gives the same step, and stored records nothing new', () => {
  const given = situation({
    plan: planOf(NODES, SIZE),
    observed: liveInstance({}, { running: 'b b1' }),
  });
  const first = nextStep(given);
  const stored = [...first.records].flatMap(([n, one]) => (one ? [{ n, record: one }] : []));
  expect(nextStep({ ...given, records: stored }).records).toEqual(new Map());
});
