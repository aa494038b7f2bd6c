import { describe, expect, test } from 'vitest';
import { INSTANCES, NAMESPACES, OPERATOR_VERSIONS, SYNCS } from '../../src/cluster/resources.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import { instanceFile, TINY, tinyFiles } from '../fakes/tiny-operator.ts';

/** What a person does to end a plan that hangs: it restarts with a good value. */
const WELL = { spec: { parameters: { OUTCOME: 'good' } } };

const here = startFleets();
const { fleet, converged } = here;

describe('a repository that cannot be read', () => {
  test('an address where nobody answers is named in the condition, and its repair is noticed without a restart', async () => {
    const shop = await fleet(tinyFiles({ orders: {} }));
    await shop.sync({ url: 'http://127.0.0.1:1/shop/fleet.git' });
    await expectSoon(() => shop.ready()).toMatch(/^False Unreachable: .*127\.0\.0\.1:1/);

    await shop.patch(SYNCS, shop.name, { spec: { url: shop.url } });
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    expect(await shop.instance('orders')).toBeDefined();
    await expectSoon(async () => shop.status(await shop.head())).toMatch(/^success: 1 change/);
  });

  test('a wrong token is told from an outage, and the right one in the same Secret is taken at the next try', async () => {
    const shop = await fleet(tinyFiles({ orders: {} }));
    await shop.secret('repository', { username: 'kudo-gitops', password: 'wrong' });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^False AuthenticationFailed: .*Secret/);

    await shop.secret('repository', { password: here.world.sandbox.bot.token });
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    expect(await shop.instance('orders')).toBeDefined();
  });

  test('an empty repository waits for its first commit', async () => {
    const shop = await fleet();
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^False NotFound: .*no branch main/);

    await shop.pushed(tinyFiles({ orders: {} }));
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    expect(await shop.instance('orders')).toBeDefined();
  });

  test('an unknown branch is named, and nothing is taken away meanwhile', async () => {
    const shop = await converged({ orders: {} });
    await shop.patch(SYNCS, shop.name, { spec: { ref: { branch: 'mian' } } });
    await expectSoon(() => shop.ready()).toMatch(/^False NotFound: .*no branch mian/);
    expect(await shop.instance('orders')).toBeDefined();

    await shop.patch(SYNCS, shop.name, { spec: { ref: { branch: 'main' } } });
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  });

  test('while it is away, what runs goes on to its end', async () => {
    const shop = await converged({ orders: {} });
    await shop.patch(SYNCS, shop.name, { spec: { driftPolicy: 'report' } });
    const hanging = instanceFile('orders', { OUTCOME: 'fail' });
    const commit = await shop.pushed({ 'orders.yaml': hanging });
    await expectSoon(() => shop.status(commit)).toMatch(/^pending: .*serve/);
    here.world.sandbox.git.faults.add({ match: new RegExp(`shop/${shop.name}.git`), status: 503 });
    await expectSoon(() => shop.ready()).toMatch(/^False Unreachable: .*503/);
    await shop.patch(INSTANCES, 'orders', WELL);
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(await shop.ready()).toMatch(/^False Unreachable: .*503/);

    here.world.sandbox.git.faults.clear();
    await expectSoon(() => shop.ready()).toMatch(/^True/);
  });
});

describe('files that are wrong', () => {
  test('a file that cannot be parsed fails the commit with its place, and the others converge', async () => {
    const files = tinyFiles({ orders: {}, mail: {} });
    const shop = await fleet({ ...files, 'mail.yaml': 'kind: Instance\n  metadata: [' });
    await shop.sync();
    await expectSoon(async () => shop.status(await shop.head())).toMatch(
      /^failure: .*mail\.yaml:2:\d+/,
    );
    expect(await shop.instance('orders')).toBeDefined();
    expect(await shop.ready()).toMatch(/^False RolloutFailed: .*mail\.yaml:2:/);

    const commit = await shop.pushed({ 'mail.yaml': instanceFile('mail') });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change/);
  });

  test('an unknown parameter is shown with file, line, column and what was meant', async () => {
    const shop = await fleet(tinyFiles({ orders: { COLOR: 'red' }, mail: {} }));
    await shop.sync();
    await expectSoon(async () => shop.status(await shop.head())).toMatch(
      /^failure: .*orders\.yaml:8:5: .*COLOR.*did you mean COLOUR\?/,
    );
    expect(await shop.instance('orders')).toBeUndefined();
    expect(await shop.instance('mail')).toBeDefined();
  });

  test('a missing OperatorVersion that appears later is taken up as another attempt, without a commit', async () => {
    const { 'orders.yaml': orders = '' } = tinyFiles({ orders: {} });
    const shop = await fleet({ 'orders.yaml': orders });
    await shop.sync();
    const head = await shop.head();
    await expectSoon(() => shop.status(head)).toMatch(
      /^failure: .*orders\.yaml:6:\d+: .*tiny-1\.0\.0/,
    );

    await shop.create(OPERATOR_VERSIONS, {
      ...TINY,
      metadata: { ...TINY.metadata, namespace: shop.name },
    });
    await expectSoon(() => shop.status(head)).toMatch(/^success: 1 change/);
    expect(shop.rollouts(head).map(({ spec }) => spec.attempt)).toEqual([1, 2]);
    expect(await shop.ready()).toMatch(/^True/);
  });

  test('an Instance for a namespace that does not exist is tried again later and later, and the others converge', async () => {
    const shop = await fleet(tinyFiles({ orders: {} }));
    const elsewhere = (text: string, name: string) =>
      text.replace(`name: ${name}`, `name: ${name}\n  namespace: nowhere`);
    await shop.pushed({
      'mail.yaml': elsewhere(instanceFile('mail'), 'mail').replace(
        '{ name: tiny-1.0.0 }',
        `{ name: tiny-1.0.0, namespace: ${shop.name} }`,
      ),
    });
    await shop.sync();
    const head = await shop.head();
    await expectSoon(() => shop.status(head)).toMatch(/^error: .*namespaces "nowhere" not found/);
    const tries = () =>
      here.world.serviceRequests().filter((line) => /POST .*\/nowhere\//.test(line));
    await expectSoon(() => tries().length).toBeGreaterThan(2);
    expect(tries().length).toBeLessThan(10);
    expect(await shop.instance('orders')).toBeDefined();

    const metadata = { name: 'nowhere' };
    const { client } = here.world.sandbox;
    await client.create(
      NAMESPACES,
      { apiVersion: 'v1', kind: 'Namespace', metadata },
      {},
      here.world.scope,
    );
    await expectSoon(() => shop.status(head)).toMatch(/^success: 2 changes/);
  });
});
