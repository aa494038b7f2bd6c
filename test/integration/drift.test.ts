import { describe, expect, test } from 'vitest';
import { EVENTS, INSTANCES, SYNCS } from '../../src/cluster/resources.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { commandLine } from '../fakes/command-line.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { converged } = here;

/** The name under which the tests write, and the time of it. */
const BY_ANN = 'set by kudo-gitops-sandbox at 20[0-9T:-]+Z';

/** `reason: message` of the Events about drift, in the order of their texts. */
async function driftEvents(shop: Fleet): Promise<readonly string[]> {
  const { client } = here.world.sandbox;
  const path = { ...EVENTS, namespace: shop.name };
  const { items } = await client.list<KubeObject & { reason?: string; message?: string }>(
    path,
    {},
    here.world.scope,
  );
  return items
    .filter(({ reason = '' }) => reason.startsWith('Drift'))
    .map(({ reason = '', message = '' }) => `${reason}: ${message}`)
    .toSorted();
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
    ).toEqual([
      expect.stringMatching(new RegExp(`^update: COLOUR blue → red \\(drift, ${BY_ANN}\\)$`)),
      // Of what was taken away the API server does not say by whom.
      'resize: SIZE (default) → 2 (drift)',
    ]);
  });

  test('is told with who changed it and when, in the condition and as Events, once', async () => {
    const shop = await converged(
      { mail: {}, orders: { COLOUR: 'red', PASSWORD: 'correct-horse' } },
      { driftPolicy: 'report' },
    );
    await set(shop, { COLOUR: 'blue', PASSWORD: 'battery-staple' });
    const by = `COLOUR blue → red \\(${BY_ANN}\\) differs from Git and is left alone`;
    await expectSoon(() => drifted(shop)).toMatch(new RegExp(by));
    await expectSoon(async () => (await driftEvents(shop)).length).toBe(2);
    const [colour, password] = await driftEvents(shop);
    expect(colour).toMatch(new RegExp(`^Drifted: ${shop.name}/orders: ${by}$`));
    expect(password).toMatch(
      /^Drifted: .*orders: PASSWORD \(secret\) \(set by .*\) differs from Git/,
    );

    const { out } = await commandLine(here.world.sandbox.kubeconfig)(
      'events',
      '-n',
      shop.name,
      '-o',
      'wide',
    );
    expect(out).toMatch(new RegExp(`Warning +Drifted +instance/orders .*COLOUR.*${BY_ANN}`));

    await shop.pushed({ 'mail.yaml': instanceFile('mail', { SIZE: '2' }) });
    await expectSoon(async () => (await shop.instance('mail'))?.spec?.parameters).toBeDefined();
    expect(await driftEvents(shop)).toHaveLength(2);

    await shop.patch(SYNCS, shop.name, { spec: { driftPolicy: 'correct' } });
    await expectSoon(() => driftEvents(shop)).toContainEqual(
      expect.stringMatching(
        new RegExp(`^DriftCorrected: COLOUR blue → red \\(drift, ${BY_ANN}\\)`),
      ),
    );
    expect(JSON.stringify(await driftEvents(shop))).not.toMatch(/battery|horse/);
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
    await expectSoon(() => drifted(shop)).toMatch(
      /COLOUR blue → red .* differs from Git and is left/,
    );
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
      /COLOUR beige → red .* differs from Git and is left alone; .*set back again and again; the next try is in \d+ s/,
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
