import { expect, test } from 'vitest';
import {
  desiredInstance,
  liveInstance,
  operatorVersion,
  record,
  rolloutObject,
  SYNC_UID,
} from '../../test/builders.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { revisionState } from '../../test/fakes/revision-state.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import type { Instance } from '../kudo/objects.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { API_VERSION } from '../model/names.ts';
import { DriftEvents } from '../report/drift-events.ts';
import { ClusterView } from './cluster-view.ts';
import { lookBack } from './look-back.ts';
import { RolloutRecord } from './rollout-record.ts';
import { newJob } from './sync-job.ts';
import { readSettings } from './sync-settings.ts';

const ORDERS = {
  ...desiredInstance({ NODES: '3' }),
  dependsOn: ['shop/zookeeper'] as const,
};
const ZOOKEEPER = desiredInstance({ NODES: '1' }, { name: 'zookeeper' });

/** Keys of what is to be put right, when the deployment of `zookeeper` ended in `status`. */
function again(status: 'COMPLETE' | 'FATAL_ERROR', orders: Instance): readonly ObjectKey[] {
  const clock = new FakeClock();
  const caches = stillCaches();
  const view = new ClusterView(caches, clock);
  caches.operatorVersions.update(operatorVersion([{ name: 'NODES' }]));
  caches.instances.update(orders);
  const zookeeper = liveInstance(
    { NODES: '1' },
    { runs: [`deploy u1 ${status}`], owner: `${SYNC_UID}:shop/zookeeper` },
  );
  caches.instances.update({ ...zookeeper, metadata: { ...zookeeper.metadata, name: 'zookeeper' } });
  const held = record('held', { cause: 'dependency' });
  const changes = { 'shop/orders/0': held };
  const found = lookBack(
    {
      settings: readSettings({
        apiVersion: API_VERSION,
        kind: 'Sync',
        metadata: { namespace: 'shop', name: 'fleet', uid: SYNC_UID },
        spec: { url: 'https://git.example/shop/fleet.git' },
      }),
      job: newJob(SYNC_UID, clock, () => undefined),
      revision: revisionState([ORDERS, ZOOKEEPER]),
      record: new RolloutRecord(rolloutObject({ phase: 'failed', changes }), []),
    },
    { view, driftEvents: new DriftEvents(new MemoryCluster(), testScope()) },
  );
  expect(found.isAgain).toBe(found.again.length > 0);
  return found.again.map(({ key }) => key);
}

test.each([
  ['that differs from Git', liveInstance({ NODES: '2' })],
  ['that is as Git says', liveInstance({ NODES: '3' })],
])(
  'an Instance %s and was held is tried again only when what it waits for is well',
  (_, orders) => {
    expect(again('FATAL_ERROR', orders)).toEqual([]);
    expect(again('COMPLETE', orders)).toEqual(['shop/orders']);
  },
);
