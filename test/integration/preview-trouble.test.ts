import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;

beforeAll(async () => {
  world = await ServiceWorld.start();
});

afterAll(async () => {
  await world.stop();
});

afterEach(() => {
  world.sandbox.git.faults.clear();
});

function expectSoon<T>(look: () => Promise<T> | T, timeout = 20_000) {
  return expect.poll(look, { timeout, interval: 40 });
}

async function converged(spec: Readonly<Record<string, unknown>> = {}): Promise<Fleet> {
  const made = await world.fleet(tinyFiles({ orders: {} }));
  await made.sync(spec);
  await expectSoon(() => made.ready()).toMatch(/^True Succeeded/);
  return made;
}

/** Commits to a branch of its own; gives its head. */
async function commit(
  shop: Fleet,
  branch: string,
  files: Record<string, string>,
  from = 'origin/main',
): Promise<string> {
  await shop.git('checkout', '--quiet', '-B', branch, from);
  return shop.commit(files, branch);
}

/** Pushes the branch that is checked out and opens a pull request for it. */
async function openPull(shop: Fleet, branch: string): Promise<void> {
  await shop.git('push', '--quiet', 'origin', `HEAD:${branch}`);
  const { git, user } = world.sandbox;
  const response = await fetch(`${git.url}/api/v1/repos/shop/${shop.name}/pulls`, {
    method: 'POST',
    headers: { authorization: `token ${user.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: branch, head: branch, base: 'main' }),
  });
  expect(response.status).toBe(201);
}

/** A pull request with these files; gives its head. */
async function open(...made: Parameters<typeof commit>): Promise<string> {
  const head = await commit(...made);
  const [shop, branch] = made;
  await openPull(shop, branch);
  return head;
}

/** Requests to the forge so far whose method and path match. */
const calls = (match: RegExp): number => world.sandbox.git.faults.count(match);

test('a pull request that cannot be read says why once, and holds up and repeats no other', async () => {
  const shop = await converged();
  const one = await open(shop, 'one', { 'a.yaml': instanceFile('a') });
  const bad = await open(shop, 'bad', { [`${'d/'.repeat(80)}x.yaml`]: 'a: 1\n' });
  const three = await open(shop, 'three', { 'c.yaml': instanceFile('c') });
  shop.lookNow();

  await expectSoon(() => shop.statuses(three)).toEqual(['success: 1 change on 1 Instance']);
  await expectSoon(() => shop.statuses(bad)).toEqual([
    expect.stringMatching(/^error: no preview: .*64 deep/),
  ]);
  const context = `kudo-gitops/preview/test/${shop.name}/${shop.name}`;
  expect(await shop.forge.newestStatus(one, context, world.scope)).toMatchObject({
    targetUrl: `http://pages.example/#${shop.name}/${shop.name}`,
  });

  const before = calls(/POST .*(statuses|comments)/);
  const four = await open(shop, 'four', { 'd.yaml': instanceFile('d') });
  shop.lookNow();
  await expectSoon(() => shop.statuses(four)).toHaveLength(1);
  expect(calls(/POST .*(statuses|comments)/) - before).toBe(2);
  for (const head of [one, bad, three]) expect(await shop.statuses(head)).toHaveLength(1);
});

test('what was said of others is looked up no more when one pull request moves', async () => {
  const shop = await converged();
  const still = await open(shop, 'still', { 'a.yaml': instanceFile('a') });
  shop.lookNow();
  await expectSoon(() => shop.statuses(still)).toHaveLength(1);
  const before = calls(new RegExp(`GET .*/${still}/status`));
  const moving = await open(shop, 'moving', { 'b.yaml': instanceFile('b') });
  shop.lookNow();
  await expectSoon(() => shop.statuses(moving)).toHaveLength(1);
  expect(calls(new RegExp(`GET .*/${still}/status`))).toBe(before);
});

test('a status whose answer got lost is not said again', async () => {
  const shop = await converged();
  const main = await shop.head();
  await expectSoon(() => shop.status(main)).toMatch(/^success/);
  const head = await commit(shop, 'lost', { 'a.yaml': instanceFile('a') });
  const match = new RegExp(`POST .*statuses/${head}`);
  world.sandbox.git.faults.add({ match, times: 1, cut: 'after' });
  await openPull(shop, 'lost');
  shop.lookNow();
  await expectSoon(() => calls(new RegExp(`GET .*/${head}/status`))).toBe(2);
  const next = await open(shop, 'next', { 'b.yaml': instanceFile('b') });
  shop.lookNow();
  await expectSoon(() => shop.statuses(next)).toHaveLength(1);
  expect(await shop.statuses(head)).toHaveLength(1);
});

test('a pull request beside the paths of the Sync is not read: what the branch says since does not count against it', async () => {
  const shop = await converged({ paths: ['operators', 'orders.yaml'] });
  const main = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
  await expectSoon(() => shop.status(main)).toMatch(/^success: 1 change/);
  const beside = await open(shop, 'beside', { 'README.md': 'Hello\n' }, 'origin/main~1');
  const below = await open(shop, 'below', { 'orders.yaml': instanceFile('orders', { SIZE: '3' }) });
  shop.lookNow();
  await expectSoon(() => shop.statuses(below)).toEqual(['success: 1 change on 1 Instance']);
  await expectSoon(() => shop.statuses(beside)).toEqual(['success: no changes']);
  const comments = await Promise.all([1, 2].map((pull) => shop.forge.comments(pull, world.scope)));
  expect(comments.map(({ length }) => length)).toEqual([0, 1]);
});
