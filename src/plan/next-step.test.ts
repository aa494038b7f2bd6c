import { describe, expect, test } from 'vitest';
import {
  createChange,
  edit,
  KEY,
  liveInstance,
  NOW,
  planOf,
  record,
  setParameters,
  situation,
} from '../../test/builders.ts';
import { numbered, stepOf as step, tokenOf } from '../../test/fakes/told-step.ts';
import { nextStep } from './next-step.ts';

const SIZE = setParameters('resize', edit('SIZE=2', '1'));
const NODES = setParameters('update', edit('NODES=5', '3'));

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
    expect(step({ observed, records, plan: planOf(SIZE), quietMs: 0 })).toEqual([]);
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
    ]);
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

describe('the turn of a change', () => {
  const versionWait = 'OperatorVersion shop/queue-1.0.0 is replaced when shop/mail is idle';
  const removal = { key: KEY, kind: 'delete', plan: 'cleanup' } as const;

  test('comes after its OperatorVersion is replaced, but a delete waits for none', () => {
    expect(step({ plan: planOf(NODES), versionWait })).toContain(`0 waiting: ${versionWait}`);
    expect(step({ plan: planOf(removal), versionWait })).toContain('sends 0 plain');
  });

  test.each([
    ['waits', ['0 waiting: waits for mail', 'looks again in 30000']],
    ['stops', ['0 held: waits for mail']],
  ] as const)('comes after what it depends on: %s', (kind, expected) => {
    const dependency = { kind, message: 'waits for mail' };
    expect(step({ plan: planOf(NODES), dependency })).toEqual(expected);
  });

  test('that follows its own first change is not held by what it depends on', () => {
    const observed = liveInstance({}, { running: 'update u1' });
    const records = numbered(record('running', { planUid: 'u1' }));
    const dependency = { kind: 'stops', message: 'waits for mail' } as const;
    const said = step({ observed, records, plan: planOf(SIZE), dependency });
    expect(said).toContain('1 planned');
  });

  test('to give up the plan of this very rollout does not wait for its end', () => {
    const observed = liveInstance({}, { running: 'update u1' });
    const records = numbered(record('running', { planUid: 'u1' }));
    const run = { plan: 'update', uid: 'u1' };
    const abandon = { key: KEY, kind: 'abandon', plan: '-', run, edits: [] } as const;
    expect(step({ observed, records, plan: planOf(abandon) })).toContain('sends 1 abandon');
  });

  test('that was inherited unsent is taken under the token it may have been written with', () => {
    const sending = record('sending', { instanceUid: 'instance-uid', token: 'old/0/1' });
    const given = situation({ records: numbered(sending), plan: planOf(NODES) });
    expect(nextStep(given).records.get(0)).toMatchObject({ state: 'sending', token: 'old/0/1' });
  });
});

test('a delete under way is looked at again until a silence, then news tell', () => {
  const live = liveInstance();
  const observed = { ...live, metadata: { ...live.metadata, deletionTimestamp: NOW } };
  const removal = { kind: 'delete', plan: '-', instanceUid: 'instance-uid' } as const;
  const records = numbered(record('running', { ...removal, progress: 'being deleted' }));
  expect(step({ observed, records, quietMs: 0 })).toEqual(['looks again in 30000']);
  expect(step({ observed, records, quietMs: 30_000 })).toEqual([]);
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
