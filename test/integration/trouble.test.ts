import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { INSTANCES, OPERATOR_VERSIONS, SYNCS } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { instanceFile, operatorFile, PARENT, TINY, tinyFiles } from '../fakes/tiny-operator.ts';

/** What a person does to end a plan that hangs: it restarts with a good value. */
const WELL = { spec: { parameters: { OUTCOME: 'good' } } };

const tinyIn = (namespace: string) => ({ ...TINY, metadata: { ...TINY.metadata, namespace } });

let world: ServiceWorld;
const fleets: Fleet[] = [];

beforeAll(async () => {
  world = await ServiceWorld.start();
});

afterAll(async () => {
  await world.stop();
});

afterEach(async () => {
  world.sandbox.api.setFaults(undefined);
  world.sandbox.git.faults.clear();
  await Promise.all(fleets.splice(0).map((made) => made.leave()));
});

async function fleet(files?: Readonly<Record<string, string>>): Promise<Fleet> {
  const made = await world.fleet(files);
  fleets.push(made);
  return made;
}

/** A fleet that has converged on these Instances. */
async function converged(
  instances: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<Fleet> {
  const made = await fleet(tinyFiles(instances));
  await made.sync();
  await expectSoon(() => made.ready()).toMatch(/^True Succeeded/);
  return made;
}

function expectSoon<T>(look: () => Promise<T> | T, timeout = 20_000) {
  return expect.poll(look, { timeout, interval: 40 });
}

/** What the first Rollout of a commit says of its changes. */
function changesOf(shop: Fleet, commit: string): readonly ChangeRecord[] {
  return Object.values(shop.rollouts(commit)[0]?.status?.changes ?? {});
}

describe('a repository that cannot be read', () => {
  test('an address where nobody answers is named in the condition, and its repair is noticed without a restart', async () => {
    const shop = await fleet(tinyFiles({ orders: {} }));
    await shop.sync({ url: 'http://127.0.0.1:1/shop/fleet.git' });
    await expectSoon(() => shop.ready()).toMatch(/^False Unreachable: .*127\.0\.0\.1:1/);

    await shop.patch(SYNCS, shop.name, { spec: { url: shop.url } });
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    expect(await shop.status(await shop.head())).toMatch(/^success: 1 change/);
  });

  test('a wrong token is told from an outage, and the right one in the same Secret is taken at the next try', async () => {
    const shop = await fleet(tinyFiles({ orders: {} }));
    await shop.secret('repository', { username: 'kudo-gitops', password: 'wrong' });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^False AuthenticationFailed: .*Secret/);

    await shop.secret('repository', { password: world.sandbox.bot.token });
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  });

  test('an empty repository waits for its first commit', async () => {
    const shop = await fleet();
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^False NotFound: .*no branch main/);

    await shop.pushed(tinyFiles({ orders: {} }));
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
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
    const hanging = instanceFile('orders', { OUTCOME: 'fail' });
    const commit = await shop.pushed({ 'orders.yaml': hanging });
    await expectSoon(() => shop.status(commit)).toMatch(/^pending: .*serve/);
    world.sandbox.git.faults.add({ match: new RegExp(`shop/${shop.name}.git`), status: 503 });
    await expectSoon(() => shop.ready()).toMatch(/^False Unreachable: .*503/);
    await shop.patch(INSTANCES, 'orders', WELL);
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(await shop.ready()).toMatch(/^False Unreachable: .*503/);

    world.sandbox.git.faults.clear();
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

  test('an Instance of a namespace that does not exist is tried again later and later', async () => {
    const shop = await fleet(tinyFiles({ orders: {} }));
    const elsewhere = instanceFile('mail').replace(
      'name: mail',
      'name: mail\n  namespace: nowhere',
    );
    await shop.pushed({ 'mail.yaml': elsewhere });
    await shop.create(OPERATOR_VERSIONS, tinyIn(shop.name));
    await shop.sync();
    const head = await shop.head();
    await expectSoon(() => shop.status(head)).toMatch(/^failure: .*nowhere.*tiny-1\.0\.0/);
  });
});

test('an Instance made by others is left alone, and the rollout says so', async () => {
  const shop = await fleet(tinyFiles({ orders: { COLOUR: 'red' } }));
  await shop.create(OPERATOR_VERSIONS, {
    ...TINY,
    metadata: { ...TINY.metadata, namespace: shop.name },
  });
  await shop.create(INSTANCES, {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name: 'orders', namespace: shop.name },
    spec: { operatorVersion: { name: 'tiny-1.0.0' }, parameters: { COLOUR: 'blue' } },
  });
  await shop.sync();
  await expectSoon(async () => shop.status(await shop.head())).toMatch(
    /^failure: .*left alone: it was not made by kudo-gitops; Git differs in COLOUR blue → red/,
  );
  expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'blue' });
});

test('a value that others changed is left alone, and the condition names it', async () => {
  const shop = await converged({ orders: { COLOUR: 'red', SIZE: '2' } });
  await shop.patch(INSTANCES, 'orders', { spec: { parameters: { COLOUR: 'blue' } } });
  await expectSoon(async () => JSON.stringify(await shop.conditions())).toMatch(
    /orders: COLOUR blue → red differs from Git and is left alone/,
  );
  const commit = await shop.pushed({
    'orders.yaml': instanceFile('orders', { COLOUR: 'red', SIZE: '3' }),
  });
  await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: orders SIZE 2 → 3/);
  expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'blue', SIZE: '3' });

  const said = await shop.pushed({ 'orders.yaml': instanceFile('orders', { COLOUR: 'green' }) });
  await expectSoon(() => shop.status(said)).toMatch(/^success: 2 changes/);
  expect((await shop.instance('orders'))?.spec?.parameters).toEqual({ COLOUR: 'green' });
});

test('an Instance removed from Git is not deleted, and the commit says so', async () => {
  const shop = await converged({ orders: {}, mail: {} });
  const commit = await shop.pushed({ 'mail.yaml': null });
  await expectSoon(() => shop.status(commit)).toMatch(
    /^success: nothing to do here; .*mail was removed from Git, not deleted/,
  );
  expect(await shop.instance('mail')).toBeDefined();
});

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
