import { expect, test } from 'vitest';
import { OPERATOR_VERSIONS, pathOf } from '../../src/cluster/resources.ts';
import type { OperatorVersion } from '../../src/kudo/objects.ts';
import { ANNOTATION } from '../../src/model/names.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile, operatorFile, TINY, tinyFiles } from '../fakes/tiny-operator.ts';

const here = startFleets();
const { fleet } = here;

/** The same version with another template. */
function tinyWith(colour: string): string {
  const templates = {
    ...TINY.spec?.templates,
    'config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-config" }
data: { colour: ${colour} }
`,
  };
  return operatorFile({ ...TINY, spec: { ...TINY.spec, templates } });
}

async function version(shop: Fleet): Promise<OperatorVersion> {
  const path = pathOf(OPERATOR_VERSIONS, `${shop.name}/tiny-1.0.0`);
  return here.world.sandbox.client.get<OperatorVersion>(path, here.world.scope);
}

async function colourOf(shop: Fleet, instance: string): Promise<unknown> {
  const configMaps = { group: '', version: 'v1', plural: 'configmaps' };
  const path = { ...configMaps, namespace: shop.name, name: `${instance}-config` };
  const map = await here.world.sandbox.client.get<OperatorVersion>(path, here.world.scope);
  return (map as unknown as { data: { colour: string } }).data.colour;
}

/** What the comment on a pull request says. */
async function comment(shop: Fleet, pull: number): Promise<string> {
  const comments = await shop.forge.comments(pull, here.world.scope);
  return comments.map(({ body }) => body).join('\n');
}

async function openPull(shop: Fleet, files: Record<string, string>): Promise<number> {
  const { git, user } = here.world.sandbox;
  await shop.git('checkout', '--quiet', '-b', 'change');
  await shop.commit(files, 'Change it');
  await shop.git('push', '--quiet', 'origin', 'HEAD:change');
  await shop.git('checkout', '--quiet', '-');
  const response = await fetch(`${git.url}/api/v1/repos/shop/${shop.name}/pulls`, {
    method: 'POST',
    headers: { authorization: `token ${user.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Change it', head: 'change', base: 'main' }),
  });
  shop.lookNow();
  return ((await response.json()) as { number: number }).number;
}

test('content that changed under its name is refused, in the preview and after the merge', async () => {
  const shop = await fleet(tinyFiles({ orders: {} }));
  await shop.sync();
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);

  const changed = { 'operators/tiny.yaml': tinyWith('red') };
  const pull = await openPull(shop, changed);
  await expectSoon(() => comment(shop, pull)).toMatch(
    /operators\/tiny\.yaml:\d+:\d+.*other content under the same name.*raise operatorVersion/,
  );
  const commit = await shop.pushed(changed);
  await expectSoon(() => shop.status(commit)).toMatch(
    /^failure: .*other content under the same name/,
  );
  expect((await version(shop)).metadata.annotations?.[ANNOTATION.replaced]).toBeUndefined();
});

test('a Sync that allows it replaces the content and upgrades every Instance, as its preview says', async () => {
  const shop = await fleet(tinyFiles({ orders: {}, mail: {} }));
  await shop.sync({ replaceOperatorVersions: true });
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  const before = (await version(shop)).metadata.annotations?.[ANNOTATION.contentHash];

  const changed = { 'operators/tiny.yaml': tinyWith('red') };
  const pull = await openPull(shop, changed);
  await expectSoon(() => comment(shop, pull)).toContain('2 changes on 2 Instances');
  expect(await comment(shop, pull)).toContain('upgrade to the new content of tiny-1.0.0');

  const commit = await shop.pushed(changed);
  await expectSoon(() => shop.status(commit)).toMatch(/^success: 2 changes/);
  const { annotations } = (await version(shop)).metadata;
  expect(annotations?.[ANNOTATION.replaced]).toBe(before);
  const hash = annotations?.[ANNOTATION.contentHash];
  for (const name of ['orders', 'mail']) {
    // oxlint-disable-next-line no-await-in-loop
    expect((await shop.instance(name))?.spec?.operatorVersion).toMatchObject({ uid: hash });
    // oxlint-disable-next-line no-await-in-loop
    expect(await colourOf(shop, name)).toBe('red');
  }

  const added = await shop.pushed({ 'new.yaml': instanceFile('new') });
  await expectSoon(() => shop.status(added)).toMatch(/^success: 1 change/);
  expect((await shop.instance('new'))?.spec?.operatorVersion).toMatchObject({ uid: hash });
});

test('content is replaced only when every Instance of it is idle', async () => {
  const shop = await fleet(tinyFiles({ orders: {}, mail: {} }));
  await shop.sync({ replaceOperatorVersions: true });
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  const hanging = await shop.pushed({ 'mail.yaml': instanceFile('mail', { OUTCOME: 'fail' }) });
  await expectSoon(() => shop.status(hanging)).toMatch(/^pending: .*serve/);

  const commit = await shop.pushed({ 'operators/tiny.yaml': tinyWith('red') });
  await expectSoon(() =>
    Object.values(shop.rollouts(commit)[0]?.status?.changes ?? {}),
  ).toContainEqual(
    expect.objectContaining({
      state: 'waiting',
      message: expect.stringMatching(
        /is replaced when .*\/mail is idle: blocked by plan/,
      ) as string,
    }),
  );
  expect((await version(shop)).metadata.annotations?.[ANNOTATION.replaced]).toBeUndefined();

  const good = await shop.pushed({ 'mail.yaml': instanceFile('mail', { OUTCOME: 'good' }) });
  await expectSoon(() => shop.status(good)).toMatch(/^success/);
  expect(await colourOf(shop, 'orders')).toBe('red');
  expect(await colourOf(shop, 'mail')).toBe('red');
});
