import { describe, expect, test } from 'vitest';
import { INSTANCES } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile, operatorFile, PARENT, tinyFiles } from '../fakes/tiny-operator.ts';

/** What a person does to end a plan that hangs: it restarts with a good value. */
const WELL = { spec: { parameters: { OUTCOME: 'good' } } };

const here = startFleets();
const { fleet, converged } = here;

/** What the first Rollout of a commit says of its changes. */
function changesOf(shop: Fleet, commit: string): readonly ChangeRecord[] {
  return Object.values(shop.rollouts(commit)[0]?.status?.changes ?? {});
}

describe('plans', () => {
  test('a plan of others is waited for and named', async () => {
    const shop = await converged({ orders: {} });
    await shop.patch(INSTANCES, 'orders', { spec: { parameters: { OUTCOME: 'fail' } } });
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^pending: orders: blocked by plan serve \(.*\), which others started/,
    );
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ OUTCOME: 'fail' });

    await shop.patch(INSTANCES, 'orders', WELL);
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
  });

  test('a plan that hangs on a bad value is cured by a commit with the same trigger', async () => {
    const shop = await converged({ orders: {} });
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'fail' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^pending: .*serve/);

    const other = instanceFile('orders', { OUTCOME: 'fail', COLOUR: 'red' });
    const waiting = await shop.pushed({ 'orders.yaml': other });
    await expectSoon(() => changesOf(shop, waiting)).toMatchObject([
      { state: 'running', plan: 'serve' },
      { state: 'waiting', message: expect.stringMatching(/^blocked by plan serve/) as string },
    ]);

    const good = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'good' }) });
    await expectSoon(() => shop.status(good)).toMatch(/^success/);
    expect(await shop.status(bad)).toMatch(/superseded by/);
    expect(changesOf(shop, good)).toMatchObject([{ state: 'restarted' }, { state: 'succeeded' }]);
  });

  test('a plan that fails holds its Instance; the next commit that touches it goes on', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    const wrong = instanceFile('orders', { FLAG: 'maybe', SIZE: '2' });
    const bad = await shop.pushed({ 'orders.yaml': wrong });
    await expectSoon(() => shop.status(bad)).toMatch(
      /^failure: 1 of 2 changes failed.*FATAL_ERROR in update\.main\.flag/,
    );
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ FLAG: 'maybe' });

    const elsewhere = await shop.pushed({ 'mail.yaml': instanceFile('mail', { SIZE: '2' }) });
    await expectSoon(() => shop.status(elsewhere)).toMatch(/^failure/);
    expect((await shop.instance('mail'))?.spec?.parameters).toEqual({ SIZE: '2' });
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ FLAG: 'maybe' });

    const cured = instanceFile('orders', { FLAG: 'false', SIZE: '2' });
    const good = await shop.pushed({ 'orders.yaml': cured });
    await expectSoon(() => shop.status(good)).toMatch(/^success: 2 changes/);
  });

  test('a child that fails under a parent whose plan is COMPLETE fails the rollout', async () => {
    const shop = await fleet({
      ...tinyFiles({}),
      'operators/parent.yaml': operatorFile(PARENT),
      'shop.yaml': instanceFile('shop', { CHILD_FLAG: 'true' }, 'parent-1.0.0'),
    });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^True/);

    const bad = await shop.pushed({
      'shop.yaml': instanceFile('shop', { CHILD_FLAG: 'maybe' }, 'parent-1.0.0'),
    });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure: .*child shop-tiny: FATAL_ERROR/);
    expect((await shop.instance('shop'))?.status?.planStatus?.['deploy']?.status).toBe('COMPLETE');
  });
});

describe('commits', () => {
  test('of two in quick succession the newest wins, and the older one is told', async () => {
    const shop = await converged({ orders: {} });
    const first = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'fail' }) });
    await expectSoon(() => shop.rollouts(first).length).toBe(1);
    const second = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'ok' }) });
    await expectSoon(() => shop.status(second)).toMatch(/^success/);
    await expectSoon(() => shop.status(first)).toMatch(
      new RegExp(`superseded by ${second.slice(0, 7)}`),
    );
    expect(shop.rollouts(first)[0]?.status?.phase).toBe('superseded');
  });

  test('each of five that arrive in one push gets its answer', async () => {
    const shop = await converged({ orders: {} });
    const oids: string[] = [];
    for (const size of ['2', '3']) {
      const file = instanceFile('orders', { SIZE: size });
      // oxlint-disable-next-line no-await-in-loop
      oids.push(await shop.commit({ 'orders.yaml': file }, `Size ${size}`));
    }
    oids.push(await shop.commit({ 'README.md': 'Hello\n' }, 'Say hello'));
    oids.push(await shop.commit({ 'README.md': 'Hello!\n' }, 'Say hello louder'));
    const file = instanceFile('orders', { SIZE: '4' });
    oids.push(await shop.pushed({ 'orders.yaml': file }, 'Size 4'));
    const head = oids.at(-1) ?? '';
    await expectSoon(() => shop.status(head)).toMatch(/^success: 1 change/);
    const answers = () => Promise.all(oids.slice(0, -1).map((oid) => shop.status(oid)));
    const superseded = expect.stringContaining(`superseded by ${head.slice(0, 7)}`) as string;
    const nothing = 'success: nothing to do here';
    await expectSoon(answers).toEqual([superseded, superseded, nothing, nothing]);
  });
});
