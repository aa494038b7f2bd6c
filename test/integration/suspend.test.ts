import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAN_RUNS, PLAN_SCHEDULES } from '../../src/cluster/resources.ts';
import type { ChangeRecord } from '../../src/model/rollout.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { endHanging } from '../fakes/end-hanging.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { annotatedFile, instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
let plans: PlanRuns;
/** A Sync that nobody suspends: what it gets done shows that the service is at work meanwhile. */
let other: Fleet;
let kudoGitops: (...args: string[]) => Promise<CommandResult>;

beforeAll(async () => {
  world = await ServiceWorld.start();
  plans = await PlanRuns.watch(world.sandbox.client, world.scope);
  kudoGitops = commandLine(world.sandbox.kubeconfig);
  other = await world.fleet(tinyFiles({ beside: {} }));
  await other.sync();
  await kudoGitops('wait', other.name, '-n', other.name);
});

afterAll(async () => {
  await other.leave();
  await world.stop();
});

function expectSoon<T>(look: () => Promise<T> | T) {
  return expect.poll(look, { timeout: 20_000, interval: 40 });
}

async function suspend(shop: Fleet): Promise<void> {
  await kudoGitops('suspend', shop.name, '-n', shop.name);
  await expectSoon(() => shop.ready()).toMatch(/^Unknown Suspended/);
}

/** The service has worked on something else since. */
async function othersGoOn(SIZE: string): Promise<void> {
  const commit = await other.pushed({ 'beside.yaml': instanceFile('beside', { SIZE }) });
  await expectSoon(() => other.status(commit)).toMatch(/^success/);
}

/** Writes of the service below the namespace, without what it only reads. */
const writes = (shop: Fleet, since: number): readonly string[] =>
  world
    .serviceRequests(since)
    .filter((line) => line.includes(`/namespaces/${shop.name}/`))
    .filter((line) => !/^(GET|LIST|WATCH) /.test(line));

const ran = (shop: Fleet, instance: string): string =>
  plans
    .of(`${shop.name}/${instance}`)
    .map(({ plan }) => plan)
    .join(' ');

test('a Sync that is suspended in the middle of a rollout writes nothing, and resumed goes on where it was', async () => {
  const mail = (values: Readonly<Record<string, string>> = {}): string =>
    annotatedFile('mail', { 'depends-on': 'queue' }, values);
  const shop = await world.fleet({ ...tinyFiles({ queue: {} }), 'mail.yaml': mail() });
  await shop.sync();
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  const commit = await shop.pushed({
    'queue.yaml': instanceFile('queue', { OUTCOME: 'fail' }),
    'mail.yaml': mail({ SIZE: '2' }),
  });
  const states = (): readonly string[] => {
    const changes = Object.entries(shop.rollouts(commit).at(-1)?.status?.changes ?? {});
    return changes
      .map(([key, { state }]: [string, ChangeRecord]) => `${key.split('/')[1] ?? ''} ${state}`)
      .toSorted();
  };
  await expectSoon(states).toEqual(['mail waiting', 'queue running']);

  await suspend(shop);
  // What was to be said before is still said.
  const outbox = () => shop.rollouts(commit).at(-1)?.status?.outbox ?? [];
  await expectSoon(() => outbox().filter(({ sent }) => !sent)).toEqual([]);
  const since = world.sandbox.api.requests.length;
  // What runs goes on: KUDO brings it to its end.
  const at = { namespace: shop.name, deployment: 'queue-server' };
  await expectSoon(() => endHanging(at, world.sandbox.client, world.scope)).toBe(true);
  await expectSoon(() => plans.of(`${shop.name}/queue`).at(-1)?.status).toBe('COMPLETE');
  const newer = await shop.pushed({ 'queue.yaml': instanceFile('queue', { OUTCOME: 'fail' }) });
  await othersGoOn('2');
  expect(writes(shop, since)).toEqual([]);
  expect(states()).toEqual(['mail waiting', 'queue running']);
  expect(await shop.status(newer)).toBe('none');

  const resumed = await kudoGitops('resume', shop.name, '-n', shop.name, '--wait');
  expect(resumed).toMatchObject({ err: '', code: 0 });
  await expectSoon(() => shop.status(newer)).toMatch(/^success/);
  expect((await shop.instance('mail'))?.spec?.parameters).toEqual({ SIZE: '2' });
  expect([ran(shop, 'queue'), ran(shop, 'mail')]).toEqual(['deploy serve', 'deploy resize']);
  await shop.leave();
});

test('schedules of a suspended Sync make no runs, a person may; resumed, the last time is made up for', async () => {
  const rarely = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanSchedule
metadata: {name: rarely}
spec: {instance: queue, plan: resize, schedule: "@yearly"}
`;
  const shop = await world.fleet({ ...tinyFiles({ queue: {} }), 'rarely.yaml': rarely });
  await shop.sync();
  await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
  const { caches } = world.running.context.view;
  const next = () => caches.planSchedules.get(`${shop.name}/rarely`)?.status?.nextScheduleTime;
  await expectSoon(next).toBeDefined();
  await suspend(shop);
  await expectSoon(next).toBeUndefined();
  const before = ran(shop, 'queue');

  // As if the last time that was dealt with were long ago.
  const past = '2020-01-01T00:00:00Z';
  const path = { ...PLAN_SCHEDULES, namespace: shop.name, name: 'rarely', subresource: 'status' };
  const body = { status: { lastScheduleTime: past } };
  await world.sandbox.client.patch(path, { type: 'merge', body }, world.scope);
  await othersGoOn('3');
  expect(ran(shop, 'queue')).toBe(before);

  await shop.create(PLAN_RUNS, {
    apiVersion: 'gitops.kudo.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: { name: 'by-hand' },
    spec: { instance: 'queue', plan: 'serve' },
  });
  await expectSoon(() => ran(shop, 'queue')).toBe(`${before} serve`);
  await kudoGitops('resume', shop.name, '-n', shop.name);
  await expectSoon(() => ran(shop, 'queue')).toMatch(new RegExp(`^${before} serve resize`));
  await shop.leave();
});
