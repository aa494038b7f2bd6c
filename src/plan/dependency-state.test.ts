import { expect, test } from 'vitest';
import { liveInstance, record } from '../../test/builders.ts';
import type { Instance } from '../kudo/objects.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { dependencyObstacle } from './dependency-state.ts';

interface Row {
  readonly why: string;
  readonly records?: readonly ChangeRecord[];
  /** null: not there. */
  readonly observed?: Instance | null;
  readonly quietMs?: number;
  readonly expected: string | undefined;
}

const deployed = liveInstance({}, { runs: ['deploy d1'] });

test.each<Row>([
  { why: 'nothing, when its last plan ended well', expected: undefined },
  {
    why: 'a change that is to come',
    records: [record('planned')],
    expected: 'waits: waits for zookeeper, whose plan update is to run before',
  },
  {
    why: 'a change without a plan that is to come',
    records: [record('sending', { plan: '-' })],
    expected: 'waits: waits for zookeeper, which is to be changed before',
  },
  {
    why: 'its plan, though the write was admitted',
    records: [record('running')],
    expected: 'waits: waits for zookeeper, whose plan update runs',
  },
  {
    why: 'nothing, when its plan is complete',
    records: [record('succeeded')],
    expected: undefined,
  },
  {
    why: 'nothing, when its change is complete although an earlier plan had failed',
    records: [record('succeeded', { plan: 'resize' })],
    observed: liveInstance({}, { runs: ['update u0 FATAL_ERROR', 'resize r1'] }),
    expected: undefined,
  },
  {
    why: 'a second change after the first',
    records: [record('succeeded'), record('running', { plan: 'resize' })],
    expected: 'waits: waits for zookeeper, whose plan resize runs',
  },
  {
    why: 'a failure, until somebody does something about it',
    records: [record('failed', { plan: 'deploy', cause: 'plan' }), record('held')],
    expected: 'stops: waits for zookeeper, whose plan deploy failed',
  },
  {
    why: 'a refusal',
    records: [record('failed', { cause: 'denied' })],
    expected: 'stops: waits for zookeeper, whose change KUDO refused',
  },
  {
    why: 'a plan without end',
    records: [record('failed', { cause: 'timeout' })],
    expected: 'stops: waits for zookeeper, whose plan update does not end',
  },
  {
    why: 'what is held itself',
    records: [record('held', { cause: 'problem' })],
    expected: 'stops: waits for zookeeper, which is held',
  },
  {
    why: 'nothing, when a later change made good what had failed',
    records: [record('failed', { cause: 'plan' }), record('succeeded')],
    expected: undefined,
  },
  {
    why: 'an Instance that nobody has made yet',
    observed: null,
    expected: 'waits: waits for zookeeper, which is not there',
  },
  {
    why: 'a plan that others started',
    observed: liveInstance({}, { runs: ['deploy d1'], running: 'backup b1' }),
    expected: 'waits: waits for zookeeper, whose plan backup runs',
  },
  {
    why: 'an Instance of others whose deployment failed',
    observed: liveInstance({}, { runs: ['deploy d1 FATAL_ERROR'] }),
    expected: 'stops: waits for zookeeper, whose plan deploy failed',
  },
  {
    why: 'nothing, when only a backup of it failed',
    observed: liveInstance({}, { runs: ['deploy d1', 'backup b1 FATAL_ERROR'] }),
    expected: undefined,
  },
  {
    why: 'an Instance that KUDO never deployed',
    observed: liveInstance(),
    expected: 'waits: waits for zookeeper, which was never deployed',
  },
  {
    why: 'a plan whose end KUDO is about to write',
    observed: liveInstance({}, { runs: ['deploy d1 IN_PROGRESS'] }),
    quietMs: 70,
    expected: 'waits: waits for zookeeper, whose plan deploy is about to end',
  },
  {
    why: 'a plan whose end KUDO lost',
    observed: liveInstance({}, { runs: ['deploy d1 IN_PROGRESS'] }),
    quietMs: 30_000,
    expected: 'stops: waits for zookeeper, whose plan deploy has no known outcome',
  },
])('an Instance waits for $why', ({ records = [], observed, quietMs = 60_000, expected }) => {
  const facts = {
    records: records.map((one, n) => ({ n, record: one })),
    observed: observed === null ? undefined : (observed ?? deployed),
    quietMs,
  };
  const found = dependencyObstacle('shop/kafka', ['shop/zookeeper'], () => facts);
  expect(found && `${found.kind}: ${found.message}`).toBe(expected);
});

test('of several what stops is named first, with its namespace where it is another', () => {
  const found = dependencyObstacle('shop/kafka', ['shop/mail', 'data/zookeeper'], (key) => ({
    records: [{ n: 0, record: record(key === 'shop/mail' ? 'running' : 'failed') }],
    observed: deployed,
    quietMs: 0,
  }));
  expect(found).toEqual({
    kind: 'stops',
    message: 'waits for data/zookeeper, whose plan update failed',
  });
});
