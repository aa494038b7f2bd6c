import { describe, expect, test } from 'vitest';
import { record } from '../../test/builders.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { ROLLOUTS } from '../cluster/resources.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { API_VERSION } from '../model/names.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { loadRecord } from './rollout-store.ts';

const scope = testScope();
const KEY: ObjectKey = 'shop/fleet-1';

async function stored(): Promise<{ cluster: MemoryCluster; rollout: RolloutRecord }> {
  const cluster = new MemoryCluster();
  const spec = { sync: 'fleet', revision: 'main@sha1:a', attempt: 1, sequence: 1 };
  const metadata = { name: 'fleet-1', namespace: 'shop' };
  const body = { apiVersion: API_VERSION, kind: 'Rollout', metadata, spec };
  await cluster.create({ ...ROLLOUTS, namespace: 'shop' }, body);
  return { cluster, rollout: await loadRecord(KEY, cluster, scope) };
}

const EVERYTHING: Required<Omit<ChangeRecord, 'kind' | 'plan' | 'attempt' | 'state'>> = {
  summary: 'NODES 3 → 5',
  message: 'ERROR',
  instanceUid: 'i1',
  planUid: 'u1',
  uidBefore: 'u0',
  token: 'r0/0/1',
  run: 'backup',
  desiredHash: 'h2',
  retries: 1,
  redoneBy: 'u2',
  since: 'ab12cd3',
  cause: 'plan',
  progress: 'half way',
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: '2026-01-01T00:01:00Z',
};

const again = (cluster: MemoryCluster) => loadRecord(KEY, cluster, scope);

describe('the record of a rollout', () => {
  test('is read back as it was stored; what a record no longer says is gone', async () => {
    const { cluster, rollout } = await stored();
    rollout.set('shop/orders', 0, record('running', EVERYTHING));
    await rollout.flush(cluster, scope);
    rollout.set('shop/orders', 0, record('succeeded', { planUid: 'u1' }));
    rollout.set('shop/mail', 0, record('planned'));
    rollout.update({ phase: 'progressing' });
    await rollout.flush(cluster, scope);
    rollout.set('shop/mail', 0, undefined);
    await rollout.flush(cluster, scope);
    const read = await again(cluster);
    expect(read.get('shop/orders', 0)).toEqual(record('succeeded', { planUid: 'u1' }));
    expect(read.recordsOf('shop/mail')).toEqual([]);
    expect(read.fields.phase).toBe('progressing');
  });

  test('keeps what an API server that was away could not take, for the next try', async () => {
    const { cluster, rollout } = await stored();
    cluster.beforeWrite = () => {
      throw new KubeError(503, 'ServiceUnavailable', 'away');
    };
    rollout.set('shop/orders', 0, record('sending'));
    rollout.update({ message: 'one change' });
    await expect(rollout.flush(cluster, scope)).rejects.toThrow('away');
    expect(rollout.isDirty).toBe(true);
    rollout.set('shop/orders', 0, record('running'));

    cluster.beforeWrite = () => undefined;
    await rollout.flush(cluster, scope);
    const read = await again(cluster);
    expect(read.get('shop/orders', 0)?.state).toBe('running');
    expect(read.fields.message).toBe('one change');
  });

  test('what was decided while a write failed goes before what that write said', async () => {
    const { cluster, rollout } = await stored();
    rollout.set('shop/orders', 0, record('sending'));
    cluster.beforeWrite = () => {
      rollout.set('shop/orders', 0, record('running'));
      throw new KubeError(503, 'ServiceUnavailable', 'away');
    };
    await expect(rollout.flush(cluster, scope)).rejects.toThrow('away');
    cluster.beforeWrite = () => undefined;
    await rollout.flush(cluster, scope);
    expect((await again(cluster)).get('shop/orders', 0)?.state).toBe('running');
  });

  test('writes nothing when there is nothing new', async () => {
    const { cluster, rollout } = await stored();
    rollout.update({ message: 'same' });
    await rollout.flush(cluster, scope);
    const before = cluster.writes.length;
    rollout.update({ message: 'same' });
    await rollout.flush(cluster, scope);
    expect(cluster.writes).toHaveLength(before);
  });

  test('goes on in parts beyond 200 changes, and finds them even when a crash kept their number from being stored', async () => {
    const { cluster, rollout } = await stored();
    for (let index = 0; index < 650; index++) {
      rollout.set(`shop/i${String(index)}`, 0, record('sending'));
    }
    let writes = 0;
    cluster.beforeWrite = (write) => {
      writes += 1;
      if (write === 'PATCH rollouts/status shop/fleet-1') throw new KubeError(500, '', 'killed');
    };
    await expect(rollout.flush(cluster, scope)).rejects.toThrow('killed');
    cluster.beforeWrite = () => undefined;
    const read = await again(cluster);
    expect(read.records().size).toBe(450);
    expect(writes).toBe(7);

    for (let index = 0; index < 650; index++) {
      read.set(`shop/i${String(index)}`, 0, record('planned'));
    }
    await read.flush(cluster, scope);
    expect((await again(cluster)).records().size).toBe(650);
  });
});
