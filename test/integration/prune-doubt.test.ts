import { describe, expect, test } from 'vitest';
import { OPERATOR_VERSIONS, pathOf, SYNCS } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { TIDY } from '../fakes/tidy-operator.ts';
import { instanceFile, operatorFile } from '../fakes/tiny-operator.ts';

const here = startFleets();

type Files = Readonly<Record<string, string>>;

const converged = (files: Files, spec: Readonly<Record<string, unknown>> = {}): Promise<Fleet> =>
  here.converged(
    {},
    { prune: true, ...spec },
    { 'operators/tidy.yaml': operatorFile(TIDY), 'stock.yaml': instanceFile('stock'), ...files },
  );

/** An Instance of the operator that cleans up, which depends on others. */
const tidy = (name: string, dependsOn = '', parameters: Files = {}): string =>
  instanceFile(name, parameters, 'tidy-1.0.0').replace(
    `  name: ${name}\n`,
    `  name: ${name}\n  annotations: { gitops.kudo.dev/depends-on: "${dependsOn}" }\n`,
  );

const recordOf = (shop: Fleet, commit: string, name: string): ChangeRecord | undefined =>
  shop.rollouts(commit).at(-1)?.status?.changes?.[`${shop.name}/${name}/0`];

const saidOf = (shop: Fleet, commit: string, name: string): string => {
  const { state = '', message = '' } = recordOf(shop, commit, name) ?? {};
  return `${state}: ${message}`;
};

/** Whose repository is `url`, beside the Sync of the fleet. */
const second = (shop: Fleet, spec: object) => ({
  apiVersion: 'gitops.kudo.dev/v1alpha1',
  kind: 'Sync',
  metadata: { name: 'second', namespace: shop.name },
  spec: {
    url: shop.url,
    interval: '1s',
    secretRef: { name: 'repository' },
    paths: ['operators', 'second'],
    ...spec,
  },
});

describe('nothing is deleted because something could not be read:', () => {
  test('not while Instances cannot be listed any more', async () => {
    const shop = await converged({ 'mail.yaml': instanceFile('mail') });
    here.world.sandbox.api.setFaults(({ method, path, userAgent }) =>
      method === 'GET' && path.includes('/instances?') && userAgent.includes('service')
        ? { kind: 'status', code: 403, message: 'instances.kudo.dev is forbidden' }
        : undefined,
    );
    here.world.sandbox.api.cutConnections();
    const { instances } = here.world.running.context.view.caches;
    await expectSoon(() => instances.health.lastError?.message).toMatch(/forbidden/);
    const commit = await shop.pushed({ 'mail.yaml': null });
    await expectSoon(() => saidOf(shop, commit, 'mail')).toMatch(
      /^waiting: waits until the cluster can be seen again: .*forbidden/,
    );
    expect((await shop.instance('mail'))?.metadata.deletionTimestamp).toBeUndefined();
    here.world.sandbox.api.setFaults(undefined);
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: mail delete/);
  });

  test('not while a Package cannot be fetched', async () => {
    const shop = await converged({ 'mail.yaml': instanceFile('mail') });
    const pin = `apiVersion: gitops.kudo.dev/v1alpha1
kind: Package
metadata: { name: queue }
spec: { tarball: { url: "http://127.0.0.1:1/queue.tgz", sha256: "${'0'.repeat(64)}" } }
`;
    const commit = await shop.pushed({ 'mail.yaml': null, 'queue.yaml': pin });
    await expectSoon(() => shop.status(commit)).toMatch(/^failure: .*Package/);
    expect((await shop.instance('mail'))?.metadata.deletionTimestamp).toBeUndefined();
    const next = await shop.pushed({ 'queue.yaml': null });
    await expectSoon(() => shop.status(next)).toMatch(/^success: 1 change: mail delete/);
  });

  test('not while the repository of another Sync, or a file of it, may have the Instance', async () => {
    const shop = await converged(
      { 'first/mail.yaml': instanceFile('mail'), 'first/bill.yaml': instanceFile('bill') },
      { paths: ['operators', 'first'] },
    );
    await shop.create(SYNCS, second(shop, { url: `${shop.url}-elsewhere` }));
    const { caches } = here.world.running.context.view;
    const reason = () =>
      caches.syncs.get(`${shop.name}/second`)?.status?.conditions?.[0]?.reason ?? '';
    await expectSoon(reason).toMatch(/NotFound|AuthenticationFailed/);
    const commit = await shop.pushed({ 'first/mail.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: .*nothing is deleted: the repository of Sync .*second cannot be read/,
    );
    expect((await shop.instance('mail'))?.metadata.deletionTimestamp).toBeUndefined();

    const broken = instanceFile('mail').replace('spec:', 'sepc:');
    await shop.pushed({ 'second/mail.yaml': broken });
    await shop.patch(SYNCS, 'second', { spec: { url: shop.url } });
    const next = await shop.pushed({ 'README.md': 'Hello\n' });
    await expectSoon(() => shop.status(next)).toMatch(
      /^failure: .*nothing is deleted: a file of Sync .*second cannot be read/,
    );
    expect((await shop.instance('mail'))?.metadata.deletionTimestamp).toBeUndefined();

    const good = await shop.pushed({ 'second/mail.yaml': instanceFile('mail') });
    await expectSoon(() => shop.status(good)).toMatch(/^success/);
    const heir = caches.syncs.get(`${shop.name}/second`)?.metadata.uid ?? 'none';
    await expectSoon(
      async () => (await shop.instance('mail'))?.metadata.annotations?.['gitops.kudo.dev/owner'],
    ).toBe(`${heir}:${shop.name}/mail`);
    await shop.remove(SYNCS, 'second');
  });

  test('not before the backup that the same commit asks for', async () => {
    const shop = await converged({ 'mail.yaml': instanceFile('mail', { OUTCOME: 'fail' }) });
    const run = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanRun
metadata: { name: last-backup }
spec: { instance: mail, plan: serve, when: before }
`;
    const commit = await shop.pushed({ 'mail.yaml': null, 'backup.yaml': run });
    await expectSoon(() => saidOf(shop, commit, 'mail')).toBe(
      'waiting: waits for PlanRun last-backup, which comes before it',
    );
    expect((await shop.instance('mail'))?.metadata.deletionTimestamp).toBeUndefined();
  });
});

describe('Instances that depend on each other', () => {
  test('are deleted one after the other: each after the cleanup of what depends on it', async () => {
    const shop = await converged({
      'a.yaml': tidy('a'),
      'b.yaml': tidy('b', 'a'),
      'c.yaml': tidy('c', 'a, b'),
    });
    const seen: string[] = [];
    const { instances } = here.world.running.context.view.caches;
    const stop = instances.onChange((key, instance) => {
      if (!key.startsWith(`${shop.name}/`)) return;
      if (!instance) seen.push(`${key.slice(-1)} gone`);
      else if (instance.metadata.deletionTimestamp) seen.push(`${key.slice(-1)} going`);
    });
    const commit = await shop.pushed({ 'a.yaml': null, 'b.yaml': null, 'c.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(/^success: 3 changes/);
    stop();
    expect(seen.filter((text, at) => text !== seen[at - 1])).toEqual([
      'c going',
      'c gone',
      'b going',
      'b gone',
      'a going',
      'a gone',
    ]);
  });

  test('stay when the cleanup of what depends on them fails, until it is let go', async () => {
    const shop = await converged({
      'a.yaml': tidy('a'),
      'b.yaml': tidy('b', 'a', { TIDY: 'maybe' }),
    });
    const commit = await shop.pushed({ 'a.yaml': null, 'b.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: 1 of 2 changes failed, 1 held: b: FATAL_ERROR in cleanup/,
    );
    expect(saidOf(shop, commit, 'a')).toBe('held: waits for b, which could not be deleted');
    expect((await shop.instance('a'))?.metadata.deletionTimestamp).toBeUndefined();
    await shop.patch({ group: 'kudo.dev', version: 'v1beta1', plural: 'instances' }, 'b', {
      metadata: { finalizers: null },
    });
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(await shop.instance('a')).toBeUndefined();
  });

  test('stay while Git says that something else needs them', async () => {
    const shop = await converged({ 'a.yaml': tidy('a'), 'b.yaml': tidy('b', 'a') });
    const commit = await shop.pushed({ 'a.yaml': null });
    await expectSoon(() => shop.status(commit)).toMatch(
      /^failure: .*nothing is deleted: .*\/b \(b.yaml\) depends on .*\/a/,
    );
    expect((await shop.instance('a'))?.metadata.deletionTimestamp).toBeUndefined();
    const freed = await shop.pushed({ 'b.yaml': tidy('b') });
    await expectSoon(() => shop.status(freed)).toMatch(/^success: .*a delete/);
  });
});

test('no more Instances are deleted at once than maxConcurrent says', async () => {
  const names = ['a', 'b', 'c'];
  const files = Object.fromEntries(names.map((name) => [`${name}.yaml`, tidy(name)]));
  const shop = await converged(files, { maxConcurrent: 1 });
  const going = new Set<string>();
  let most = 0;
  const { instances } = here.world.running.context.view.caches;
  const stop = instances.onChange((key, instance) => {
    if (!key.startsWith(`${shop.name}/`)) return;
    if (instance?.metadata.deletionTimestamp) going.add(key);
    else going.delete(key);
    most = Math.max(most, going.size);
  });
  const commit = await shop.pushed(Object.fromEntries(names.map((name) => [`${name}.yaml`, null])));
  await expectSoon(() => shop.status(commit)).toMatch(/^success: 3 changes/);
  stop();
  expect(most).toBe(1);
});

test('an OperatorVersion that Git no longer has, and nobody uses any more, stays', async () => {
  const shop = await converged({ 'mail.yaml': tidy('mail') });
  const commit = await shop.pushed({ 'mail.yaml': null, 'operators/tidy.yaml': null });
  await expectSoon(() => shop.status(commit)).toMatch(/^success: 1 change: mail delete/);
  const path = pathOf(OPERATOR_VERSIONS, `${shop.name}/tidy-1.0.0`);
  const kept = await here.world.sandbox.client.get(path, here.world.scope);
  expect(kept.metadata.deletionTimestamp).toBeUndefined();
});
