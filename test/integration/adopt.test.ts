import { describe, expect, test } from 'vitest';
import { INSTANCES, OPERATOR_VERSIONS, SYNCS } from '../../src/cluster/resources.ts';
import { expectSoon, startFleets, type Instances } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile, TINY, tinyFiles } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { converged } = here;

const fleet = (instances: Instances): Promise<Fleet> => here.fleet(tinyFiles(instances));

const parametersOf = async (shop: Fleet, name = 'orders'): Promise<unknown> =>
  (await shop.instance(name))?.spec?.parameters;

/** A fleet whose Instance `orders` somebody has made by hand, of the same operator. */
async function handMade(parameters: Readonly<Record<string, string>>): Promise<Fleet> {
  const shop = await fleet({ orders: { COLOUR: 'red' } });
  const metadata = { ...TINY.metadata, namespace: shop.name };
  await shop.create(OPERATOR_VERSIONS, { ...TINY, metadata });
  await shop.create(INSTANCES, {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: {
      name: 'orders',
      namespace: shop.name,
      annotations: { 'example.org/team': 'queues' },
    },
    spec: { operatorVersion: { name: 'tiny-1.0.0' }, parameters },
  });
  await expectSoon(
    async () => (await shop.instance('orders'))?.status?.planStatus?.['deploy']?.status,
  ).toBe('COMPLETE');
  return shop;
}

const withAnnotation = (text: string, line: string): string =>
  text.replace('name: orders', `name: orders\n  annotations: { ${line} }`);

describe('an Instance made by hand', () => {
  test('is taken over when Git says the same, without a plan, and is not deleted afterwards', async () => {
    const shop = await handMade({ COLOUR: 'red' });
    await shop.sync({ prune: true });
    const head = await shop.head();
    await expectSoon(() => shop.status(head)).toMatch(/^success: 1 change: orders adopt as it is/);
    const { metadata, spec, status } = (await shop.instance('orders')) ?? {};
    expect(spec?.parameters).toEqual({ COLOUR: 'red' });
    expect(Object.keys(status?.planStatus ?? {})).toContain('deploy');
    expect(metadata?.annotations).toMatchObject({ 'example.org/team': 'queues' });
    expect(metadata?.annotations?.['gitops.kudo.dev/change']).toBeUndefined();

    const next = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'green' }) });
    await expectSoon(() => shop.status(next)).toMatch(
      /^success: 1 change: orders COLOUR red → green/,
    );
    const gone = await shop.pushed({ 'orders.yaml': null, 'mail.yaml': instanceFile('mail') });
    await expectSoon(() => shop.status(gone)).toMatch(/^success: .*not deleted: it was adopted/);
    expect(await shop.instance('orders')).toBeDefined();
  });

  test('is left alone while Git says something else, until Git says to overwrite it', async () => {
    const shop = await handMade({ COLOUR: 'blue', SIZE: '5' });
    await shop.sync();
    await expectSoon(async () => shop.status(await shop.head())).toMatch(
      /^failure: .*orders was not made by kudo-gitops and is left alone: Git differs in COLOUR blue → red/,
    );
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'blue', SIZE: '5' });
    const file = instanceFile('orders', { COLOUR: 'red' });
    const commit = await shop.pushed({
      'orders.yaml': withAnnotation(file, 'gitops.kudo.dev/adopt: overwrite'),
    });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 2 changes/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'red', SIZE: '5' });
  });
});

describe('two Syncs', () => {
  const second = (shop: Fleet) => ({
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'Sync',
    metadata: { name: 'second', namespace: shop.name },
    spec: {
      url: shop.url,
      interval: '1s',
      secretRef: { name: 'repository' },
      paths: ['operators', 'second'],
    },
  });
  const condition = async (shop: Fleet): Promise<string> => {
    const sync = here.world.running.context.view.caches.syncs.get(`${shop.name}/second`);
    const ready = sync?.status?.conditions?.find(({ type }) => type === 'Ready');
    return `${ready?.status ?? ''} ${ready?.message ?? ''}`;
  };

  test('that claim one Instance: the first keeps it, the second says whose it is', async () => {
    const shop = await converged(
      { orders: { COLOUR: 'red' } },
      { paths: ['operators', 'orders.yaml'] },
    );
    await shop.pushed({ 'second/orders.yaml': instanceFile('orders', { COLOUR: 'blue' }) });
    await shop.create(SYNCS, second(shop));
    await expectSoon(() => condition(shop)).toMatch(
      new RegExp(
        `^False .*it belongs to Sync ${shop.name}/${shop.name}; Git differs in COLOUR red`,
      ),
    );
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'red' });
    await shop.remove(SYNCS, 'second');
  });

  test('hand an Instance over: what one takes out of Git and the other has there is not deleted', async () => {
    const spec = { prune: true, paths: ['operators', 'first'] };
    const shop = await here.fleet({
      ...tinyFiles({}),
      'first/orders.yaml': instanceFile('orders', { COLOUR: 'red' }),
      'first/mail.yaml': instanceFile('mail'),
      'second/orders.yaml': instanceFile('orders', { COLOUR: 'red' }),
    });
    await shop.sync(spec);
    await expectSoon(() => shop.ready()).toMatch(/^True/);
    const uid = (await shop.instance('orders'))?.metadata.uid;
    await shop.create(SYNCS, second(shop));
    await expectSoon(() => condition(shop)).toMatch(/^True/);
    const commit = await shop.pushed({ 'first/orders.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(
      new RegExp(
        `^success: 1 change: orders leave it in the cluster: Sync ${shop.name}/second has it`,
      ),
    );
    const owner = async () =>
      (await shop.instance('orders'))?.metadata.annotations?.['gitops.kudo.dev/owner'];
    const { caches } = here.world.running.context.view;
    const secondUid = caches.syncs.get(`${shop.name}/second`)?.metadata.uid ?? 'none';
    await expectSoon(owner).toBe(`${secondUid}:${shop.name}/orders`);
    expect((await shop.instance('orders'))?.metadata.uid).toBe(uid);
    await shop.remove(SYNCS, 'second');
  });

  test('a Sync that is made again takes over what the one before it made', async () => {
    const shop = await converged({ orders: { COLOUR: 'red' } });
    await shop.remove(SYNCS, shop.name);
    await expectSoon(() =>
      here.world.running.context.view.caches.syncs.get(`${shop.name}/${shop.name}`),
    ).toBe(undefined);
    await shop.sync();
    const head = await shop.head();
    await expectSoon(() => shop.status(head)).toMatch(/^success: 1 change: orders adopt/);
    expect(await parametersOf(shop)).toEqual({ COLOUR: 'red' });
  });
});
