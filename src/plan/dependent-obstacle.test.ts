import { expect, test } from 'vitest';
import { liveInstance, record } from '../../test/builders.ts';
import type { Instance } from '../kudo/objects.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { dependentObstacle } from './dependent-obstacle.ts';

interface Row {
  readonly why: string;
  readonly observed: Instance | undefined;
  readonly records?: readonly ChangeRecord[];
  readonly expected: string | undefined;
}

const live = liveInstance({}, { runs: ['deploy d1'] });
const going: Instance = {
  ...live,
  metadata: { ...live.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
};
const failed: Instance = {
  ...going,
  status: {
    planStatus: { cleanup: { name: 'cleanup', status: 'FATAL_ERROR', uid: 'c1', phases: [] } },
  },
};

test.each<Row>([
  { why: 'nothing, when it is gone', observed: undefined, expected: undefined },
  {
    why: 'its deletion, when that is to come',
    observed: live,
    expected: 'waits: waits for kafka, which is to be deleted before',
  },
  {
    why: 'its cleanup',
    observed: going,
    records: [record('running', { kind: 'delete', plan: 'cleanup' })],
    expected: 'waits: waits for kafka, which is to be deleted before',
  },
  {
    why: 'a person, when its cleanup failed',
    observed: failed,
    expected: 'stops: waits for kafka, which could not be deleted',
  },
  {
    why: 'its cleanup, when that failed and is to run again',
    observed: {
      ...failed,
      spec: { ...failed.spec, planExecution: { planName: 'cleanup', uid: 'c1' } },
    },
    records: [record('sending', { kind: 'delete', plan: 'cleanup', attempt: 2 })],
    expected: 'waits: waits for kafka, which is to be deleted before',
  },
  {
    why: 'a person, when its deletion was refused',
    observed: live,
    records: [record('failed', { kind: 'delete', cause: 'denied' })],
    expected: 'stops: waits for kafka, which could not be deleted',
  },
])('what others depend on waits for $why', ({ observed, records = [], expected }) => {
  const obstacle = dependentObstacle('shop/zookeeper', ['shop/kafka'], () => ({
    observed,
    records: records.map((one, n) => ({ n, record: one })),
    quietMs: 0,
  }));
  expect(obstacle && `${obstacle.kind}: ${obstacle.message}`).toBe(expected);
});
