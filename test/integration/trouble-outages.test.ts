import { describe, expect, test } from 'vitest';
import { ROLLOUTS } from '../../src/cluster/resources.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import { instanceFile } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { converged } = here;

const isService = (userAgent: string): boolean => userAgent.startsWith('kudo-gitops-service');

describe('the cluster', () => {
  test('that is gone for a while is followed again when it is back, and nothing runs twice', async () => {
    const shop = await converged({ orders: { SIZE: '1' } });
    const { api } = here.world.sandbox;
    api.setFaults(({ userAgent }) =>
      isService(userAgent) ? { kind: 'cut', when: 'before' } : undefined,
    );
    api.cutConnections();
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    const failing = () => api.requests.filter(({ userAgent }) => isService(userAgent)).length;
    const before = failing();
    await expectSoon(failing).toBeGreaterThan(before + 5);
    expect(await shop.status(commit)).toBe('none');

    api.setFaults(undefined);
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
    const writes = here.world
      .serviceRequests()
      .filter((line) => line.startsWith(`PATCH`) && line.includes(`${shop.name}/instances/orders`));
    expect(writes).toHaveLength(1);
  });

  test('whose answers to writes are lost is asked what came of them', async () => {
    const shop = await converged({ orders: { SIZE: '1' }, mail: { SIZE: '1' } });
    let writes = 0;
    here.world.sandbox.api.setFaults(({ method, path, userAgent }) => {
      if (method === 'GET' || !isService(userAgent) || !path.includes(shop.name)) return undefined;
      writes += 1;
      return writes < 16 && writes % 3 === 1 ? { kind: 'cut', when: 'after' } : undefined;
    });
    const commit = await shop.pushed({
      'orders.yaml': instanceFile('orders', { SIZE: '2' }),
      'mail.yaml': instanceFile('mail', { SIZE: '2' }),
    });
    // Each loss is waited for longer.
    await expectSoon(() => shop.status(commit), 120_000).toMatch(/^success: 2 changes/);
    const all = await shop.statuses(commit);
    expect(all.filter((text, index) => text === all[index - 1])).toEqual([]);
  }, 150_000);

  test('whose webhook is down is an error on the commit, and the change is made when it is back', async () => {
    const shop = await converged({ orders: { SIZE: '1' } });
    here.world.sandbox.api.setFaults(({ method, path }) => {
      if (method !== 'PATCH' || !path.includes(`${shop.name}/instances/orders`)) return undefined;
      const message =
        'Internal error occurred: failed calling webhook "instance-admission.kudo.dev"';
      return { kind: 'status', code: 500, message };
    });
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    await expectSoon(() => shop.status(commit)).toMatch(/^error: .*failed calling webhook/);
    expect(await shop.ready()).toMatch(/^False Unreachable: .*failed calling webhook/);

    here.world.sandbox.api.setFaults(undefined);
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
    await expectSoon(() => shop.ready()).toMatch(/^True/);
  });
});

describe('the forge', () => {
  test('gets what the Rollout of an older commit still has to say, though nothing else happens', async () => {
    const shop = await converged({ orders: { SIZE: '1' } }, { interval: '1h' });
    const older = await shop.head();
    const newer = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    await expectSoon(() => shop.status(newer)).toMatch(/^success: 1 change/);
    const [rollout] = shop.rollouts(older);
    const [said] = rollout?.status?.outbox ?? [];
    expect(said).toMatchObject({ commit: older });
    const owed = { ...said, state: 'success', description: 'said too late', sent: false };
    await shop.patch({ ...ROLLOUTS, subresource: 'status' }, rollout?.metadata.name ?? '', {
      status: { outbox: [owed] },
    });
    await expectSoon(() => shop.status(older)).toBe('success: said too late');
  });

  test('that answers 500 holds up nothing but its own statuses, which come when it is back', async () => {
    const shop = await converged({ orders: { SIZE: '1' } });
    const { faults } = here.world.sandbox.git;
    faults.add({ match: /^(GET|POST) .*\/(statuses|commits)\//, status: 500 });
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    await expectSoon(() => shop.ready()).toMatch(
      new RegExp(`^True Succeeded: ${commit.slice(0, 7)}`),
    );
    expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ SIZE: '2' });

    faults.clear();
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
    const all = await shop.statuses(commit);
    expect(all.filter((text, index) => text === all[index - 1])).toEqual([]);
  });

  test('that asks for a pause gets it', async () => {
    const shop = await converged({ orders: { SIZE: '1' } });
    const { faults } = here.world.sandbox.git;
    const match = new RegExp(`/repos/shop/${shop.name}/(statuses|commits)/`);
    faults.add({ match, status: 429, retryAfter: 3, times: 1 });
    faults.requests.splice(0);
    const commit = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    const calls = () => faults.requests.filter(({ path }) => match.test(path));
    await expectSoon(() => calls().length).toBeGreaterThan(1);
    const [refused, next] = calls();
    expect(refused?.status).toBe(429);
    expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(3_000);
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
  });
});

test('values of secret parameters appear in no status, object, page or log', async () => {
  const shop = await converged({ orders: { PASSWORD: 'correct-horse' } });
  const good = await shop.pushed({
    'orders.yaml': instanceFile('orders', { PASSWORD: 'battery-staple' }),
  });
  await expectSoon(() => shop.status(good)).toMatch(/^success: .*PASSWORD \(secret\)/);
  const bad = await shop.pushed({
    'orders.yaml': instanceFile('orders', { PASSWORD: 'not-in-the-enum' }),
  });
  await expectSoon(() => shop.status(bad)).toMatch(/^failure: .*PASSWORD/);
  const { caches } = here.world.running.context.view;
  const said = [
    ...(await shop.statuses(good)),
    ...(await shop.statuses(bad)),
    ...caches.rollouts.list(),
    ...caches.syncs.list(),
    ...here.world.scope.lines,
  ].map((thing) => JSON.stringify(thing));
  const leaks = said.filter((text) => /correct-horse|battery-staple|not-in-the-enum/.test(text));
  expect(leaks).toEqual([]);
  const tokens = said.filter((text) => text.includes(here.world.sandbox.bot.token));
  expect(tokens).toEqual([]);
});
