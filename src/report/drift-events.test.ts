import { expect, test } from 'vitest';
import { liveInstance } from '../../test/builders.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { EVENTS } from '../cluster/resources.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { DriftEvents } from './drift-events.ts';

const orders = liveInstance({});
const drifted = (message: string) => ({ type: 'Warning', reason: 'Drifted', message }) as const;

async function messages(client: MemoryCluster): Promise<readonly string[]> {
  const { items } = await client.list<KubeObject & { message?: string }>(EVENTS, {});
  return items.map(({ message = '' }) => message);
}

test('the same news is one Event, after a restart too; another occasion is another one', async () => {
  const client = new MemoryCluster();
  const services = [1, 2].map(() => new DriftEvents(client, testScope()));
  for (const events of services) {
    events.tell(orders, drifted('SIZE 2 → 1 (set by ann)'), 'SIZE 2');
    events.tell(orders, drifted('SIZE 2 → 1 (set by bob)'), 'SIZE 2');
    events.tell(orders, drifted('SIZE 3 → 1'), 'SIZE 3');
    events.tell(orders, drifted('SIZE 2 → 1'), 'SIZE 2 later');
    // oxlint-disable-next-line no-await-in-loop -- the second starts when the first has ended
    await events.settled();
  }
  expect((await messages(client)).toSorted()).toEqual([
    'SIZE 2 → 1',
    'SIZE 2 → 1 (set by ann)',
    'SIZE 3 → 1',
  ]);
});

test('somebody who changes a value all the time gets ten Events in ten minutes', async () => {
  const client = new MemoryCluster();
  const scope = testScope();
  const events = new DriftEvents(client, scope);
  const tellMany = async (from: number): Promise<void> => {
    for (let n = from; n < from + 50; n++) {
      events.tell(orders, drifted(`SIZE ${String(n)} → 1`), `SIZE ${String(n)}`);
    }
    await events.settled();
  };
  await tellMany(0);
  expect(await messages(client)).toHaveLength(10);
  await scope.clock.advance(600_000);
  await tellMany(100);
  expect(await messages(client)).toHaveLength(20);
});

test('an API server that refuses an Event keeps nobody from working', async () => {
  const client = new MemoryCluster();
  client.create = () => Promise.reject(new Error('forbidden'));
  const events = new DriftEvents(client, testScope());
  events.tell(orders, drifted('SIZE 2 → 1'), 'SIZE 2');
  await expect(events.settled()).resolves.toBeUndefined();
});
