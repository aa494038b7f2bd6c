import { describe, expect, test } from 'vitest';
import { INSTANCES, SYNCS } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { expectSoon, startFleets, type Instances } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { TIDY } from '../fakes/tidy-operator.ts';
import { instanceFile, operatorFile } from '../fakes/tiny-operator.ts';

const here = startFleets();

const converged = (instances: Instances, spec: object = { prune: true }): Promise<Fleet> =>
  here.converged(instances, { ...spec }, { 'operators/tidy.yaml': operatorFile(TIDY) });

/** The same Instances at the operator that cleans up. */
const tidied = (name: string, parameters: Readonly<Record<string, string>> = {}): string =>
  instanceFile(name, parameters, 'tidy-1.0.0');

function changesOf(shop: Fleet, commit: string): readonly ChangeRecord[] {
  return Object.values(shop.rollouts(commit).at(-1)?.status?.changes ?? {});
}

const four: Instances = { a: {}, b: {}, c: {}, d: {} };

describe('an Instance that Git no longer has', () => {
  test('is deleted after its cleanup plan, which is followed to its end', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    await shop.pushed({ 'vault.yaml': tidied('vault') });
    await expectSoon(() => shop.instance('vault')).toBeDefined();
    await expectSoon(() => shop.ready()).toMatch(/^True/);
    const commit = await shop.pushed({ 'vault.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: vault delete/);
    expect(await shop.instance('vault')).toBeUndefined();
    expect(changesOf(shop, commit)).toMatchObject([
      {
        kind: 'delete',
        plan: 'cleanup',
        state: 'succeeded',
        planUid: expect.any(String) as string,
      },
    ]);
    expect(await shop.instance('orders')).toBeDefined();
  });

  test('fails the rollout when its cleanup fails, with the step, until it is let go', async () => {
    const shop = await converged({ orders: {} });
    await shop.pushed({ 'vault.yaml': tidied('vault', { TIDY: 'maybe' }) });
    await expectSoon(() => shop.instance('vault')).toBeDefined();
    await expectSoon(() => shop.ready()).toMatch(/^True/);
    const commit = await shop.pushed({ 'vault.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: vault: FATAL_ERROR in cleanup\.main\.mark/,
    );
    expect(await shop.instance('vault')).toBeDefined();

    const elsewhere = await shop.pushed({ 'orders.yaml': instanceFile('orders', { SIZE: '2' }) });
    await expectSoon(() => shop.status(elsewhere)).toMatch(/^failure: .*since .*FATAL_ERROR/);
    await shop.patch(INSTANCES, 'vault', { metadata: { finalizers: null } });
    await expectSoon(() => shop.status(elsewhere)).toMatch(/^success/);
  });

  test('stays where the Sync does not prune, and goes when it does', async () => {
    const shop = await converged({ orders: {}, mail: {} }, {});
    const commit = await shop.pushed({ 'mail.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^success: .*mail was removed from Git, not deleted/,
    );
    expect(await shop.instance('mail')).toBeDefined();
    await shop.patch(SYNCS, shop.name, { spec: { prune: true } });
    await expectSoon(() => shop.instance('mail')).toBeUndefined();
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: mail delete/);
    expect(shop.rollouts(commit).map(({ spec }) => spec.attempt)).toEqual([1, 2]);
  });

  test('is let go, not deleted, where Git said that it never may be', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    const annotated = instanceFile('mail').replace(
      'name: mail',
      'name: mail\n  annotations: { gitops.kudo.dev/prune: disabled }',
    );
    const said = await shop.pushed({ 'mail.yaml': annotated });
    await expectSoon(() => shop.status(said)).toMatch(/^success: 1 change: mail annotate/);
    const commit = await shop.pushed({ 'mail.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: mail leave it/);
    expect((await shop.instance('mail'))?.metadata.annotations).toEqual({
      'gitops.kudo.dev/prune': 'disabled',
    });
  });

  test('goes although a plan of it hangs', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    const stuck = await shop.pushed({ 'mail.yaml': instanceFile('mail', { OUTCOME: 'fail' }) });
    await expectSoon(() => shop.status(stuck)).toMatch(/^pending: .*serve/);
    const commit = await shop.pushed({ 'mail.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(await shop.instance('mail')).toBeUndefined();
    expect(changesOf(shop, commit).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'set-parameters restarted',
      'delete succeeded',
    ]);
  });

  test('comes back as a new one when Git has it again', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    const before = await shop.instance('mail');
    await shop.pushed({ 'mail.yaml': null });
    const commit = await shop.pushed({ 'mail.yaml': instanceFile('mail', { SIZE: '2' }) });
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    const after = await shop.instance('mail');
    expect(after?.spec?.parameters).toEqual({ SIZE: '2' });
    expect(before?.metadata.uid).toBeDefined();
  });
});

describe('nothing is deleted by accident', () => {
  test('when a file cannot be read', async () => {
    const shop = await converged({ orders: {}, mail: {} });
    const commit = await shop.pushed({ 'mail.yaml': null, 'broken.yaml': 'kind: [Instance' });
    await expectSoon(() => shop.status(commit)).toMatch(/^failure: broken\.yaml:/);
    expect(await shop.instance('mail')).toBeDefined();
    const repaired = await shop.pushed({ 'broken.yaml': null });
    await expectSoon(() => shop.status(repaired)).toMatch(/^success/);
    expect(await shop.instance('mail')).toBeUndefined();
  });

  test('when the path is not there any more', async () => {
    const shop = await converged(
      { orders: {} },
      { prune: true, paths: ['operators', 'orders.yaml'] },
    );
    const commit = await shop.pushed({ 'orders.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(/^failure: .*there is no such path/);
    expect(await shop.instance('orders')).toBeDefined();
  });

  test('when Git has no Instance any more, or too many are gone at once, until a person agrees', async () => {
    const shop = await converged({ ...four, e: {} });
    const gone = Object.fromEntries(Object.keys(four).map((name) => [`${name}.yaml`, null]));
    const commit = await shop.pushed({ ...gone, 'e.yaml': instanceFile('e', { SIZE: '2' }) });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: .*nothing is deleted: 4 of 5 Instances are to be deleted at once/,
    );
    expect(await shop.instance('a')).toBeDefined();
    expect((await shop.instance('e'))?.spec?.parameters).toEqual({ SIZE: '2' });
    const confirm = (value: string) =>
      shop.patch(SYNCS, shop.name, {
        metadata: { annotations: { 'gitops.kudo.dev/confirm-prune': value } },
      });
    await confirm('0'.repeat(40));
    const next = await shop.pushed({ 'README.md': 'Hello\n' });
    await expectSoon(() => shop.status(next)).toMatch(/^failure: .*4 of 5/);
    expect(await shop.instance('a')).toBeDefined();
    await confirm(next.slice(0, 10));
    await expectSoon(() => shop.status(next)).toMatch(/^success: 4 changes/);
    expect(await shop.instance('a')).toBeUndefined();
  });

  test('when the Sync is deleted', async () => {
    const shop = await converged({ orders: {} });
    await shop.remove(SYNCS, shop.name);
    const { caches } = here.world.running.context.view;
    await expectSoon(() => caches.syncs.get(`${shop.name}/${shop.name}`)).toBeUndefined();
    expect((await shop.instance('orders'))?.metadata.deletionTimestamp).toBeUndefined();
  });
});

test('the preview lists what the rollout deletes, with the phases of the cleanup plan', async () => {
  const shop = await converged({ orders: {} });
  await shop.pushed({ 'vault.yaml': tidied('vault') });
  await expectSoon(() => shop.instance('vault')).toBeDefined();
  await expectSoon(() => shop.ready()).toMatch(/^True/);
  await shop.commit({ 'vault.yaml': null }, 'No vault');
  await shop.git('push', '--quiet', 'origin', 'HEAD:no-vault');
  const number = await openPull(shop, 'no-vault');
  shop.lookNow();
  const comment = async (): Promise<string> => {
    const comments = await shop.forge.comments(number, here.world.scope);
    return comments.map(({ body }) => body).join('\n');
  };
  await expectSoon(comment).toMatch(/vault.*`delete` \| `cleanup: main`/);
  expect(await shop.instance('vault')).toBeDefined();
});

async function openPull(shop: Fleet, branch: string): Promise<number> {
  const { git, user } = here.world.sandbox;
  const response = await fetch(`${git.url}/api/v1/repos/shop/${shop.name}/pulls`, {
    method: 'POST',
    headers: { authorization: `token ${user.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: branch, head: branch, base: 'main' }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { number: number }).number;
}
