import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { commandLine } from '../fakes/command-line.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { annotatedFile, instanceFile } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { converged } = here;

/** Everything that the command printed. */
async function command(...args: string[]): Promise<string> {
  const { out, err } = await commandLine(here.world.sandbox.kubeconfig)(...args);
  return out + err;
}

const last = (shop: Fleet, commit: string): readonly ChangeRecord[] =>
  Object.values(shop.rollouts(commit).at(-1)?.status?.changes ?? {});

/** A commit whose plan hangs, and the uid of its run. */
async function hanging(shop: Fleet): Promise<{ readonly commit: string; readonly uid: string }> {
  const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { OUTCOME: 'fail' }) });
  await expectSoon(() => last(shop, commit)[0]?.state).toBe('running');
  return { commit, uid: last(shop, commit)[0]?.planUid ?? '' };
}

describe('a plan that hangs', () => {
  test('is given up by a command; its rollout fails, nothing is run again, and the Instance takes changes; what it was to do still counts as failed until it is done', async () => {
    const shop = await converged({ orders: {} });
    const { commit, uid } = await hanging(shop);
    expect(await command('plan', 'abandon', 'orders', '-n', shop.name)).toBe(
      `${shop.name}/orders: plan serve (${uid}) is given up\n`,
    );
    await expectSoon(() => shop.status(commit)).toBe(
      'failure: orders: plan serve was given up by kudo-gitops plan abandon',
    );
    expect((await shop.instance('orders'))?.spec?.planExecution?.planName ?? '').toBe('');
    const next = await shop.pushed({
      'orders.yaml': instanceFile('orders', { OUTCOME: 'fail', SIZE: '2' }),
    });
    await expectSoon(() => shop.status(next)).toMatch(
      /^failure: orders: since .*plan serve was given up/,
    );
    expect((await shop.instance('orders'))?.spec?.parameters?.['SIZE']).toBe('2');
    const cured = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    await expectSoon(() => shop.status(cured)).toMatch(/^success: 1 change/);
  });

  test('is given up by a commit that names its run, together with a change that has another trigger', async () => {
    const shop = await converged({ orders: {} });
    const { uid } = await hanging(shop);
    const values = { OUTCOME: 'fail', SIZE: '2' };
    const blocked = await shop.pushed({ 'orders.yaml': instanceFile('orders', values) });
    await expectSoon(() => last(shop, blocked).at(-1)?.message).toBe(
      `blocked by plan serve (${uid})`,
    );
    const given = await shop.pushed({
      'orders.yaml': annotatedFile('orders', { abandon: uid }, values),
    });
    await expectSoon(() => shop.status(given)).toMatch(
      /^failure: orders: plan serve was given up by commit/,
    );
    expect(last(shop, given)).toMatchObject([
      {
        state: 'failed',
        message: `plan serve was given up by commit ${given.slice(0, 7)}`,
      },
      { state: 'succeeded', kind: 'abandon', summary: `give up plan serve (${uid})` },
      { state: 'succeeded', plan: 'resize' },
    ]);
  });

  test('given up by a commit that changes nothing else leaves the rollout failed', async () => {
    const shop = await converged({ orders: {} });
    const { uid } = await hanging(shop);
    const given = await shop.pushed({
      'orders.yaml': annotatedFile('orders', { abandon: uid }, { OUTCOME: 'fail' }),
    });
    await expectSoon(() => shop.status(given)).toMatch(
      /^failure: .*orders: plan serve was given up by commit/,
    );
    expect(last(shop, given)).toMatchObject([{ state: 'failed' }, { state: 'succeeded' }]);
  });

  test('is not given up by a commit that names another run', async () => {
    const shop = await converged({ orders: {} });
    const { uid } = await hanging(shop);
    const given = await shop.pushed({
      'orders.yaml': annotatedFile('orders', { abandon: 'another' }, { OUTCOME: 'fail' }),
    });
    await expectSoon(() => last(shop, given)[0]?.state).toBe('running');
    expect((await shop.instance('orders'))?.spec?.planExecution?.uid).toBe(uid);
    expect(await command('plan', 'abandon', 'orders', '-n', shop.name, '--uid', 'another')).toMatch(
      /runs plan serve as .*, not as another/,
    );
    await command('plan', 'abandon', 'orders', '-n', shop.name);
  });
});

describe('plan retry', () => {
  test('runs the failed plan of an Instance again, and says when there is nothing to run', async () => {
    const shop = await converged({ orders: {} });
    expect(await command('plan', 'retry', 'orders', '-n', shop.name)).toContain(
      `nothing of ${shop.name}/orders has failed in the newest rollout`,
    );
    const metadata = { name: 'orders-flag', annotations: { made: 'by hand' } };
    await shop.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const bad = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure/);
    await shop.remove(CONFIG_MAPS, 'orders-flag');
    expect(await command('plan', 'retry', `sync/${shop.name}`, '-n', shop.name)).toBe(
      `${shop.name}/orders: plan update is to run again\n`,
    );
    await expectSoon(() => shop.status(bad)).toMatch(/^success: 1 change/);
  });

  test('points to what helps where a plan runs still, or where a name is wrong', async () => {
    const shop = await converged({ orders: {} });
    expect(await command('plan', 'retry', 'nobody', '-n', shop.name)).toContain(
      `there is no Instance ${shop.name}/nobody`,
    );
    expect(await command('plan', 'abandon', 'orders', '-n', shop.name)).toContain(
      `no plan runs on ${shop.name}/orders`,
    );
  });
});
