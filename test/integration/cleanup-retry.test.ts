import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONFIG_MAPS, INSTANCES } from '../../src/cluster/resources.ts';
import { commandLine } from '../fakes/command-line.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { TIDY } from '../fakes/tidy-operator.ts';
import { instanceFile, operatorFile, tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
let plans: PlanRuns;

beforeAll(async () => {
  world = await ServiceWorld.start();
  plans = await PlanRuns.watch(world.sandbox.client, world.scope);
});

afterAll(async () => {
  await world.stop();
});

function expectSoon<T>(look: () => Promise<T> | T) {
  return expect.poll(look, { timeout: 20_000, interval: 40 });
}

/** An Instance whose cleanup fails, since it would touch what others made, and the commit that removed it. */
async function stuck(
  spec: Readonly<Record<string, unknown>> = {},
): Promise<{ shop: Fleet; commit: string }> {
  const shop = await world.fleet({
    ...tinyFiles({ mail: {} }),
    'operators/tidy.yaml': operatorFile(TIDY),
    'vault.yaml': instanceFile('vault', {}, 'tidy-1.0.0'),
  });
  await shop.sync({ prune: true, ...spec });
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  const metadata = { name: 'vault-cleaned', annotations: { made: 'by hand' } };
  await shop.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const commit = await shop.pushed({ 'vault.yaml': null });
  return { shop, commit };
}

const cleanups = (shop: Fleet): readonly (string | undefined)[] =>
  plans
    .of(`${shop.name}/vault`)
    .filter(({ plan }) => plan === 'cleanup')
    .map(({ status }) => status);

test('a cleanup that failed runs again when a person asks, and the delete goes on', async () => {
  const { shop, commit } = await stuck();
  await expectSoon(() => shop.status(commit)).toMatch(
    /^failure: vault: FATAL_ERROR in cleanup\.main\.mark/,
  );
  const message = Object.values(shop.rollouts(commit)[0]?.status?.changes ?? {})[0]?.message;
  expect(message).toContain(`kudo-gitops plan retry ${shop.name}/vault`);

  const kudoGitops = commandLine(world.sandbox.kubeconfig);
  const ask = ['plan', 'retry', `${shop.name}/vault`];
  expect(await kudoGitops(...ask)).toEqual({
    out: `${shop.name}/vault: plan cleanup is to run again\n`,
    err: '',
    code: 0,
  });
  await expectSoon(() => cleanups(shop)).toEqual(['FATAL_ERROR', 'FATAL_ERROR']);
  await expectSoon(() => shop.status(commit)).toMatch(/^failure: vault: FATAL_ERROR/);
  // A later commit, about something else, does not forget it.
  const other = await shop.pushed({ 'mail.yaml': instanceFile('mail', { SIZE: '2' }) });
  await expectSoon(() => shop.status(other)).toMatch(/^failure: .*since .*FATAL_ERROR/);

  await shop.remove(CONFIG_MAPS, 'vault-cleaned');
  await kudoGitops(...ask);
  await expectSoon(() => shop.instance('vault')).toBeUndefined();
  await expectSoon(() => shop.status(other)).toMatch(/^success/);
  // The Instance goes before its last status is written.
  expect(cleanups(shop)).toHaveLength(3);
  const { out } = await kudoGitops('plan', 'history', `${shop.name}/vault`);
  expect(out.match(/ cleanup +(succeeded|failed) /g)).toHaveLength(3);
  await shop.leave();
});

test('a cleanup that failed runs again by itself as often as the Sync says', async () => {
  const { shop, commit } = await stuck({ retry: { limit: 2, backoff: '300ms' } });
  const last = () => Object.values(shop.rollouts(commit).at(-1)?.status?.changes ?? {});
  await expectSoon(last).toMatchObject([{ kind: 'delete', state: 'failed', retries: 2 }]);
  expect(cleanups(shop)).toEqual(['FATAL_ERROR', 'FATAL_ERROR', 'FATAL_ERROR']);
  await shop.patch(INSTANCES, 'vault', { metadata: { finalizers: null } });
  await expectSoon(() => shop.status(commit)).toMatch(/^success/);
  await shop.leave();
});
