import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, INSTANCES, pathOf, SYNCS } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { endHanging } from '../fakes/end-hanging.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { converged } = here;

/** KUDO does not touch an object that others have annotated: plan `update` ends in FATAL_ERROR. */
async function obstruct(shop: Fleet, name: string): Promise<void> {
  const metadata = { name: `${name}-flag`, annotations: { made: 'by hand' } };
  await shop.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

const planRunFile = (name: string, plan: string): string =>
  JSON.stringify({
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: { name },
    spec: { instance: 'orders', plan },
  });

const clear = (shop: Fleet, name: string): Promise<void> =>
  shop.remove(CONFIG_MAPS, `${name}-flag`);

const ask = (shop: Fleet, request: string): Promise<void> =>
  shop.patch(SYNCS, shop.name, { metadata: { annotations: { 'gitops.kudo.dev/retry': request } } });

const healed = (shop: Fleet, deployment: string): Promise<boolean> =>
  endHanging({ namespace: shop.name, deployment }, here.world.sandbox.client, here.world.scope);

const syncOf = (shop: Fleet): Promise<unknown> =>
  here.world.sandbox.client.get(pathOf(SYNCS, `${shop.name}/${shop.name}`), here.world.scope);

const last = (shop: Fleet, commit: string): readonly ChangeRecord[] =>
  Object.values(shop.rollouts(commit).at(-1)?.status?.changes ?? {});

const SERVE_ONCE = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanRun
metadata: {name: serve-1}
spec: {instance: orders, plan: serve}
`;

describe('a plan that failed', () => {
  test('fails the rollout although the spec equals Git, until somebody asks to run it again', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    await obstruct(shop, 'orders');
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(commit)).toMatch(/^failure: orders: FATAL_ERROR in update/);
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'red' });

    await ask(shop, `again ${shop.name}/orders`);
    await expectSoon(() => shop.rollouts(commit).at(-1)?.status?.phase).toBe('failed');
    await expectSoon(() => shop.rollouts(commit).length).toBe(2);
    await expectSoon(() => last(shop, commit)).toMatchObject([{ state: 'failed', attempt: 2 }]);

    await clear(shop, 'orders');
    await ask(shop, 'once-more *');
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(shop.rollouts(commit)).toHaveLength(3);
    expect(last(shop, commit)).toMatchObject([{ state: 'succeeded', plan: 'update', attempt: 3 }]);
  });

  test('is not run again by a request that came before it failed', async () => {
    const shop = await converged({ orders: {} });
    await ask(shop, 'early *');
    await expectSoon(() => syncOf(shop)).toHaveProperty('status.lastHandledRetry', 'early *');
    await obstruct(shop, 'orders');
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(commit)).toMatch(/^failure/);
    expect(shop.rollouts(commit)).toHaveLength(1);
  });

  test('holds the later groups of its Instance until the retry, then they go on', async () => {
    const shop = await converged({ orders: {} });
    await obstruct(shop, 'orders');
    const file = instanceFile('orders', { COLOUR: 'red', SIZE: '2' });
    const commit = await shop.pushed({ 'orders.yaml': file });
    await expectSoon(() => shop.status(commit)).toMatch(/^failure: 1 of 2 changes failed, 1 held/);
    await clear(shop, 'orders');
    await ask(shop, `now ${shop.name}/orders`);
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 2 changes/);
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'red', SIZE: '2' });
  });

  test('keeps the roll-up at failure under commits that do not touch it, and triggers nothing', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    await obstruct(shop, 'orders');
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure/);
    const runs = (await shop.instance('orders'))?.status?.planStatus?.['update']?.uid;
    const other = await shop.pushed({ 'mail.yaml': instanceFile('mail', { SIZE: '2' }) });
    await expectSoon(() => shop.status(other)).toMatch(
      new RegExp(`^failure: orders: since ${bad.slice(0, 7)}: FATAL_ERROR`),
    );
    const note = await shop.pushed({
      'orders.yaml': `# a note\n${instanceFile('orders', { COLOUR: 'red' })}`,
    });
    await expectSoon(() => shop.status(note)).toMatch(/^failure: orders: since/);
    expect((await shop.instance('orders'))?.status?.planStatus?.['update']?.uid).toBe(runs);
  });

  test('stands also when a commit touches the Instance without anything to change', async () => {
    const shop = await converged({ orders: {} });
    await obstruct(shop, 'orders');
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure/);
    const labelled = instanceFile('orders', { COLOUR: 'red' }).replace(
      'name: orders\n',
      'name: orders\n  labels: { team: shop }\n',
    );
    const touched = await shop.pushed({ 'orders.yaml': labelled });
    await expectSoon(() => shop.status(touched)).toMatch(/^failure: orders: since/);
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'red' });
  });

  test('stands under a commit that runs another plan of the same Instance, until others run it again', async () => {
    const shop = await converged({ orders: {} });
    await obstruct(shop, 'orders');
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure/);
    const file = instanceFile('orders', { COLOUR: 'red', SIZE: '2' });
    const other = await shop.pushed({ 'orders.yaml': file });
    await expectSoon(() => shop.status(other)).toMatch(
      new RegExp(`^failure: orders: since ${bad.slice(0, 7)}: FATAL_ERROR`),
    );
    expect(last(shop, other)).toMatchObject([{ state: 'failed' }, { plan: 'resize' }]);
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'red', SIZE: '2' });

    await clear(shop, 'orders');
    const again = { spec: { planExecution: { planName: 'update', uid: 'by-hand' } } };
    await shop.patch(INSTANCES, 'orders', again);
    await expectSoon(() => shop.status(other)).toMatch(/^success/);
    expect(last(shop, other)[0]?.message).toMatch(/^plan update has done it since/);
  });

  test('is made good by a commit with a PlanRun of a plan that does all that it left undone', async () => {
    const shop = await converged({ orders: {} });
    await obstruct(shop, 'orders');
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure/);
    await clear(shop, 'orders');
    const run = await shop.pushed({ 'again.yaml': planRunFile('again', 'update') });
    await expectSoon(() => shop.status(run)).toMatch(/^success/);
    expect(last(shop, run)[0]).toMatchObject({ state: 'succeeded', plan: 'update' });
    const next = await shop.pushed({ 'README.md': 'Hello' });
    await expectSoon(() => shop.status(next)).toBe('success: nothing to do here');
  });

  test('is run again by itself, after growing pauses and as often as the Sync says', async () => {
    const shop = await converged({ orders: {} }, { retry: { limit: 2, backoff: '300ms' } });
    await obstruct(shop, 'orders');
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => last(shop, commit)).toMatchObject([{ state: 'failed', retries: 2 }]);
    expect(shop.rollouts(commit)).toHaveLength(3);
    const ends = shop.rollouts(commit).map(({ status }) => Date.parse(status?.finishedAt ?? ''));
    const starts = shop.rollouts(commit).map(({ status }) => Date.parse(status?.startedAt ?? ''));
    expect((starts[1] ?? 0) - (ends[0] ?? 0)).toBeGreaterThanOrEqual(290);
    expect((starts[2] ?? 0) - (ends[1] ?? 0)).toBeGreaterThanOrEqual(590);
    await clear(shop, 'orders');
    const good = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'blue' }) });
    await expectSoon(() => shop.status(good)).toMatch(/^success: 1 change/);
    expect(last(shop, good)).toMatchObject([{ state: 'failed' }, { state: 'succeeded' }]);
  });
});

describe('a plan without end', () => {
  test('is reported after planTimeout and left running; its late end is noticed', async () => {
    const shop = await converged({ orders: {} }, { planTimeout: '1s' });
    const commit = await shop.pushed({
      'orders.yaml': instanceFile('orders', { OUTCOME: 'fail' }),
    });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: orders: plan serve has not ended after 1s; it is left running/,
    );
    const running = (await shop.instance('orders'))?.spec?.planExecution;
    expect(running?.planName).toBe('serve');
    await expectSoon(() => healed(shop, 'orders-server')).toBe(true);
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(last(shop, commit)).toMatchObject([{ state: 'succeeded', planUid: running?.uid }]);
  });

  test('that a PlanRun asked for is reported, left running, and its late end taken over', async () => {
    const shop = await converged({ orders: { OUTCOME: 'fail' } }, { planTimeout: '1s' });
    const commit = await shop.pushed({ 'run.yaml': SERVE_ONCE });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: orders: plan serve has not ended after 1s; it is left running/,
    );
    const running = (await shop.instance('orders'))?.spec?.planExecution;
    const run = () =>
      here.world.running.context.view.caches.planRuns.get(`${shop.name}/serve-1`)?.status;
    expect(run()).toMatchObject({ state: 'failed', cause: 'timeout', planUid: running?.uid });
    await ask(shop, 'now *');
    await expectSoon(() => syncOf(shop)).toHaveProperty('status.lastHandledRetry', 'now *');

    await expectSoon(() => healed(shop, 'orders-server')).toBe(true);
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(run()).toMatchObject({ state: 'succeeded', attempt: 1, planUid: running?.uid });
    expect(run()?.cause).toBeUndefined();
    expect((await shop.instance('orders'))?.spec?.planExecution?.planName ?? '').toBe('');
    expect(shop.rollouts(commit)).toHaveLength(2);
  });

  test('is cured by a later commit with the same trigger', async () => {
    const shop = await converged({ orders: {} }, { planTimeout: '1s' });
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'fail' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure: orders: plan serve has not ended/);
    const good = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'good' }) });
    await expectSoon(() => shop.status(good)).toMatch(/^success: 1 change/);
    expect(last(shop, good).at(-1)).toMatchObject({ plan: 'serve', state: 'succeeded' });
  });
});

test('no more Instances have a plan under way than maxConcurrent says', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const fail = Object.fromEntries(
    names.map((name) => [`${name}.yaml`, instanceFile(name, { OUTCOME: 'fail' })]),
  );
  const shop = await converged(Object.fromEntries(names.map((name) => [name, {}])), {
    maxConcurrent: 2,
  });
  const commit = await shop.pushed(fail);
  const states = (): readonly string[] => last(shop, commit).map(({ state }) => state);
  await expectSoon(states).toEqual(['running', 'running', 'planned', 'planned']);
  await expectSoon(() => healed(shop, 'a-server')).toBe(true);
  await expectSoon(states).toEqual(['succeeded', 'running', 'running', 'planned']);
  for (const name of ['b', 'c', 'd']) {
    // oxlint-disable-next-line no-await-in-loop
    await expectSoon(() => healed(shop, `${name}-server`)).toBe(true);
  }
  await expectSoon(() => shop.status(commit)).toMatch(/^success: 4 changes/);
  expect(states()).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
});
