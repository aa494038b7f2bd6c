import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectKey } from '../../src/model/kube-object.ts';
import { startWeb } from '../../src/web/start-web.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

const SECRET = 'webhook-secret';
const DELIVERIES = 60;

let world: ServiceWorld;
let web: Awaited<ReturnType<typeof startWeb>>;

beforeAll(async () => {
  world = await ServiceWorld.start();
  const { context, service } = world.running;
  const webWorld = {
    caches: context.view.caches,
    lookNow: (sync: ObjectKey) => {
      service.lookNow(sync);
    },
    webhookSecret: () => Promise.resolve(SECRET),
    queueDepth: () => service.depth,
  };
  web = await startWeb('127.0.0.1:0', webWorld, world.scope);
});

afterAll(async () => {
  await web.close();
  await world.stop();
});

function expectSoon<T>(look: () => Promise<T> | T) {
  return expect.poll(look, { timeout: 20_000, interval: 40 });
}

/** Requests to the repository, of any kind. */
const looks = ({ name }: Fleet): number =>
  world.sandbox.git.faults.count(new RegExp(`^[A-Z]+ /shop/${name}\\.git/`));

async function deliver({ name }: Fleet, path: string, after: string): Promise<number> {
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    after,
    repository: { full_name: `shop/${name}` },
  });
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const headers = { 'x-gitea-event': 'push', 'x-gitea-signature': signature };
  const { status } = await fetch(web.url + path, { method: 'POST', headers, body });
  return status;
}

test.each([
  ['the endpoint of all Syncs', () => '/webhooks'],
  ['the endpoint of one Sync', ({ name }: Fleet) => `/webhooks/${name}/${name}`],
])(
  '%s: one delivery rolls a commit out, many at once and replays cost a few looks',
  async (_why, path) => {
    const fleet = await world.fleet(tinyFiles({ orders: {} }));
    await fleet.sync({ interval: '1h' });
    await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);
    const commit = await fleet.commit(
      { 'orders.yaml': instanceFile('orders', { SIZE: '2' }) },
      'Grow',
    );
    await fleet.push();
    expect(await deliver(fleet, path(fleet), commit)).toBe(202);
    await expectSoon(() => fleet.status(commit)).toMatch(/^success: 1 change/);
    await expectSoon(() => fleet.ready()).toMatch(/^True Succeeded/);

    const before = looks(fleet);
    const deliveries = Array.from({ length: DELIVERIES }, () =>
      deliver(fleet, path(fleet), commit),
    );
    expect(new Set(await Promise.all(deliveries))).toEqual(new Set([202]));
    await expectSoon(() => world.running.service.depth).toBe(0);
    expect(looks(fleet)).toBeGreaterThan(before);
    expect(looks(fleet) - before).toBeLessThan(DELIVERIES / 3);
    expect(fleet.rollouts(commit)).toHaveLength(1);
    await fleet.leave();
  },
);
