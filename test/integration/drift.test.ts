import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { INSTANCES, SYNCS } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
const fleets: Fleet[] = [];

beforeAll(async () => {
  world = await ServiceWorld.start();
});

afterAll(async () => {
  await world.stop();
});

afterEach(async () => {
  await Promise.all(fleets.splice(0).map((made) => made.leave()));
});

type Instances = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function fleet(instances: Instances): Promise<Fleet> {
  const made = await world.fleet(tinyFiles(instances));
  fleets.push(made);
  return made;
}

async function converged(instances: Instances, spec = {}): Promise<Fleet> {
  const made = await fleet(instances);
  await made.sync(spec);
  await expectSoon(() => made.ready()).toMatch(/^True Succeeded/);
  return made;
}

function expectSoon<T>(look: () => Promise<T> | T, timeout = 20_000) {
  return expect.poll(look, { timeout, interval: 40 });
}

const parametersOf = async (shop: Fleet, name = 'orders'): Promise<unknown> =>
  (await shop.instance(name))?.spec?.parameters;

const set = (shop: Fleet, parameters: Readonly<Record<string, string | null>>): Promise<void> =>
  shop.patch(INSTANCES, 'orders', { spec: { parameters } });

function changesOf(shop: Fleet, commit: string, attempt: number): readonly ChangeRecord[] {
  return Object.values(shop.rollouts(commit)[attempt - 1]?.status?.changes ?? {});
}

const succeeded = (shop: Fleet, commit: string): number =>
  shop.rollouts(commit).filter(({ status }) => status?.phase === 'succeeded').length;

const drifted = async (shop: Fleet): Promise<string> => (await shop.conditions())['Drifted'] ?? '';

describe('a value that others changed', () => {
  test('is set back in the next attempt of the same commit', async () => {
    const shop = await converged({ orders: { COLOUR: 'red', SIZE: '2' } });
    const head = await shop.head();
    await set(shop, { COLOUR: 'blue', SIZE: null });
    await expectSoon(() => shop.status(head)).toMatch(/^success: 2 changes/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'red', SIZE: '2' });
    expect(shop.rollouts(head).map(({ spec }) => spec.attempt)).toEqual([1, 2]);
    expect(
      changesOf(shop, head, 2).map(({ plan, summary }) => `${plan}: ${summary ?? ''}`),
    ).toEqual(['update: COLOUR blue → red (drift)', 'resize: SIZE (default) → 2 (drift)']);
  });

  test('is set back while the plan that it started still hangs on it', async () => {
    const shop = await converged({ orders: { OUTCOME: 'good' } });
    await set(shop, { OUTCOME: 'fail' });
    const head = await shop.head();
    await expectSoon(() => shop.status(head)).toMatch(/^success: 1 change: orders OUTCOME fail/);
    expect(await parametersOf(shop)).toEqual({ OUTCOME: 'good' });
  });

  test('stays when Git does not set it: others may', async () => {
    const shop = await converged({ orders: { COLOUR: 'red' } });
    await set(shop, { SIZE: '7' });
    const commit = await shop.pushed({
      'orders.yaml': instanceFile('orders', { COLOUR: 'green' }),
    });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'green', SIZE: '7' });
  });

  test('is named and left alone where the policy is report, until a commit changes it', async () => {
    const shop = await converged(
      { orders: { COLOUR: 'red', SIZE: '2' } },
      { driftPolicy: 'report' },
    );
    await set(shop, { COLOUR: 'blue' });
    await expectSoon(() => drifted(shop)).toMatch(/COLOUR blue → red differs from Git and is left/);
    const other = instanceFile('orders', { COLOUR: 'red', SIZE: '3' });
    const commit = await shop.pushed({ 'orders.yaml': other });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: orders SIZE 2 → 3/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'blue', SIZE: '3' });
    const said = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'green' }) });
    await expectSoon(() => shop.status(said)).toMatch(/^success: 2 changes/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'green' });
  });

  test('is set back once the policy of the Sync becomes correct', async () => {
    const shop = await converged({ orders: { COLOUR: 'red' } }, { driftPolicy: 'ignore' });
    await set(shop, { COLOUR: 'blue' });
    await expectSoon(() => parametersOf(shop)).toEqual({ COLOUR: 'blue' });
    expect(await drifted(shop)).toBe('');
    await shop.patch(SYNCS, shop.name, { spec: { driftPolicy: 'correct' } });
    await expectSoon(() => parametersOf(shop)).toEqual({ COLOUR: 'red' });
  });

  test('again and again is reported after three corrections, and left to the other for a while', async () => {
    const shop = await converged({ orders: { COLOUR: 'red' } }, { interval: '10m' });
    const head = await shop.head();
    for (const [index, colour] of ['blue', 'black', 'brown'].entries()) {
      // oxlint-disable-next-line no-await-in-loop
      await set(shop, { COLOUR: colour });
      // oxlint-disable-next-line no-await-in-loop
      await expectSoon(() => parametersOf(shop)).toEqual({ COLOUR: 'red' });
      // oxlint-disable-next-line no-await-in-loop
      await expectSoon(() => succeeded(shop, head)).toBe(index + 2);
    }
    await set(shop, { COLOUR: 'beige' });
    await expectSoon(() => drifted(shop)).toMatch(
      /COLOUR beige → red differs from Git and is left alone; .*set back again and again; the next try is in \d+ s/,
    );
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'beige' });
    expect(shop.rollouts(head)).toHaveLength(4);
    const commit = await shop.pushed({
      'orders.yaml': instanceFile('orders', { COLOUR: 'green' }),
    });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'green' });
  });
});

describe('an Instance that somebody deleted', () => {
  test('comes back', async () => {
    const shop = await converged({ orders: { COLOUR: 'red' } });
    const before = (await shop.instance('orders'))?.metadata.uid;
    const head = await shop.head();
    await shop.remove(INSTANCES, 'orders');
    await expectSoon(() => parametersOf(shop)).toEqual({ COLOUR: 'red' });
    expect((await shop.instance('orders'))?.metadata.uid).not.toBe(before);
    await expectSoon(() => shop.rollouts(head)[1]?.status?.phase).toBe('succeeded');
  });

  test('is named and left alone where the policy is report, and comes back with the next commit', async () => {
    const shop = await converged({ orders: {} }, { driftPolicy: 'report' });
    await shop.remove(INSTANCES, 'orders');
    await expectSoon(() => drifted(shop)).toMatch(/orders is in Git and not in the cluster/);
    const commit = await shop.pushed({ 'README.md': 'Hello\n' });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: orders create/);
    expect(await shop.instance('orders')).toBeDefined();
  });
});
