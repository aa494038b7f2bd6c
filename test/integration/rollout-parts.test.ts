import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLLOUT_PARTS } from '../../src/cluster/resources.ts';
import type { RolloutPart } from '../../src/model/rollout.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, operatorFile, TINY } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
let shop: Fleet;

beforeAll(async () => {
  world = await ServiceWorld.start();
});

afterAll(async () => {
  await shop.leave();
  await world.stop();
});

const COUNT = 210;

test('a rollout of 210 changes keeps 200 of them in itself and the rest in a part of it', async () => {
  const names = Array.from({ length: COUNT }, (_, index) => `i${String(index)}`);
  const instances = names.map((name) => instanceFile(name)).join('---\n');
  shop = await world.fleet({ 'tiny.yaml': operatorFile(TINY), 'instances.yaml': instances });
  await shop.sync({ interval: '1m' });
  const head = await shop.head();
  await expect
    .poll(() => shop.status(head), { timeout: 110_000, interval: 500 })
    .toMatch(/^success: 210 changes/);

  const [rollout] = shop.rollouts(head);
  const path = { ...ROLLOUT_PARTS, namespace: shop.name };
  const { items } = await world.sandbox.client.list<RolloutPart>(path, {}, world.scope);
  const changes = [rollout, ...items].map((one) => Object.keys(one?.status?.changes ?? {}).length);
  expect(changes).toEqual([200, 10]);
  expect(rollout?.status).toMatchObject({ parts: 1, counts: { total: COUNT, succeeded: COUNT } });
}, 120_000);
