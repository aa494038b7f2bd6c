import { beforeAll, describe, expect, test } from 'vitest';
import { INSTANCES, PLAN_RUNS, PLAN_SCHEDULES, SYNCS } from '../../src/cluster/resources.ts';
import type { PlanRun } from '../../src/model/plan-run.ts';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import { PlanRuns } from '../fakes/plan-runs.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { instanceFile } from '../fakes/tiny-operator.ts';

const here = startFleets();
let plans: PlanRuns;

beforeAll(async () => {
  plans = await PlanRuns.watch(here.world.sandbox.client, here.world.scope);
});

type Files = Readonly<Record<string, string>>;

/** A fleet whose first commit is carried out. */
const settled = (files: Files): Promise<Fleet> => here.converged({}, {}, files);

function runFile(name: string, spec: Readonly<Record<string, string>>): string {
  const lines = Object.entries(spec).map(([field, value]) => `  ${field}: ${value}\n`);
  return `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanRun
metadata:
  name: ${name}
spec:
${lines.join('')}`;
}

const RESIZE = { instance: 'queue', plan: 'resize' };

function planRun(shop: Fleet, name: string): PlanRun | undefined {
  return here.world.running.context.view.caches.planRuns.get(`${shop.name}/${name}`);
}

/** `succeeded`, or with a message `held: …`. */
function state(shop: Fleet, name: string): string {
  const { state: now = 'none', message } = planRun(shop, name)?.status ?? {};
  return message === undefined ? now : `${now}: ${message}`;
}

const ran = (shop: Fleet, instance = 'queue'): readonly string[] =>
  plans.of(`${shop.name}/${instance}`).map(({ plan }) => plan);

describe('a PlanRun that a commit adds', () => {
  test('runs its plan once, and the commit gets the outcome', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const commit = await shop.pushed({ 'run.yaml': runFile('backup-1', RESIZE) });
    await expectSoon(() => shop.status(commit)).toBe(
      'success: 1 change: queue run plan resize, as PlanRun backup-1 says (after other changes)',
    );
    expect(state(shop, 'backup-1')).toBe('succeeded');

    const other = await shop.pushed({ 'queue.yaml': instanceFile('queue', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(other)).toMatch(/^success: 1 change/);
    const removed = await shop.pushed({ 'run.yaml': null });
    await expectSoon(() => shop.status(removed)).toMatch(/^success/);
    const again = await shop.pushed({ 'run.yaml': runFile('backup-1', RESIZE) });
    await expectSoon(() => shop.status(again)).toBe('success: nothing to do here');
    expect(ran(shop)).toEqual(['deploy', 'resize', 'update']);
  });

  test('comes before the changes of its commit when it says so, else after them', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const commit = await shop.pushed({
      'queue.yaml': instanceFile('queue', { COLOUR: 'red' }),
      'before.yaml': runFile('b', { instance: 'queue', plan: 'resize', when: 'before' }),
      'after.yaml': runFile('a', { instance: 'queue', plan: 'serve' }),
    });
    await expectSoon(() => shop.status(commit)).toBe('success: 3 changes');
    expect(ran(shop)).toEqual(['deploy', 'resize', 'update', 'serve']);
  });

  test('before them holds all of them when it fails, and later commits only where they meet', async () => {
    const broken = instanceFile('queue', { FLAG: 'maybe' });
    const shop = await settled({ 'queue.yaml': broken, 'mail.yaml': instanceFile('mail') });
    const bad = await shop.pushed({
      'mail.yaml': instanceFile('mail', { COLOUR: 'red' }),
      'run.yaml': runFile('check-1', { instance: 'queue', plan: 'update', when: 'before' }),
    });
    await expectSoon(() => shop.status(bad)).toMatch(
      /^failure: 1 of 2 changes failed, 1 held: queue: FATAL_ERROR in update/,
    );
    expect(ran(shop, 'mail')).toEqual(['deploy']);

    const renamed = await shop.pushed({
      'run.yaml': runFile('check-2', { instance: 'queue', plan: 'resize', when: 'before' }),
    });
    await expectSoon(() => shop.status(renamed)).toBe('success: 2 changes');
    expect(ran(shop, 'mail')).toEqual(['deploy', 'update']);
    expect(ran(shop)).toEqual(['deploy', 'update', 'resize']);
  });

  test('that failed runs once more when a person asks, and what it held goes on', async () => {
    const queue = instanceFile('queue');
    const shop = await settled({ 'queue.yaml': queue, 'mail.yaml': instanceFile('mail') });
    const flag = async (FLAG: string): Promise<void> =>
      shop.patch(INSTANCES, 'queue', { spec: { parameters: { FLAG } } });
    await flag('maybe');
    await expectSoon(() => plans.of(`${shop.name}/queue`).at(-1)?.status).toBe('FATAL_ERROR');
    const bad = await shop.pushed({
      'mail.yaml': instanceFile('mail', { COLOUR: 'red' }),
      'run.yaml': runFile('check-1', { instance: 'queue', plan: 'update', when: 'before' }),
    });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure/);
    await flag('true');
    await expectSoon(() => plans.of(`${shop.name}/queue`).at(-1)?.status).toBe('COMPLETE');
    const annotations = { 'gitops.kudo.dev/retry': `now ${shop.name}/queue` };
    await shop.patch(SYNCS, shop.name, { metadata: { annotations } });
    await expectSoon(() => shop.status(bad)).toBe('success: 2 changes');
    expect(planRun(shop, 'check-1')?.status).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(ran(shop)).toEqual(['deploy', 'update', 'update', 'update', 'update']);
  });

  test('is refused with its place when it is changed after it ran', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const commit = await shop.pushed({ 'run.yaml': runFile('backup-1', RESIZE) });
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    const changed = await shop.pushed({
      'run.yaml': runFile('backup-1', { instance: 'queue', plan: 'serve' }),
    });
    await expectSoon(() => shop.status(changed)).toBe(
      `failure: run.yaml:4:3: PlanRun ${shop.name}/backup-1 has run already, with plan resize of queue (a PlanRun is known by its name: give this one another)`,
    );
    expect(ran(shop)).toEqual(['deploy', 'resize']);
  });

  test('is refused with a suggestion when it names no Instance', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const commit = await shop.pushed({
      'run.yaml': runFile('backup-1', { instance: 'queu', plan: 'resize' }),
    });
    await expectSoon(() => shop.status(commit)).toBe(
      `failure: run.yaml:6:13: there is no Instance ${shop.name}/queu in Git or in the cluster (did you mean queue?)`,
    );
    expect(planRun(shop, 'backup-1')).toBeUndefined();
  });

  test('that cannot come before its commit fails it and holds its Instance, until a commit mends it', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const run = { instance: 'mail', plan: 'resize', when: 'before' };
    const bad = await shop.pushed({
      'mail.yaml': instanceFile('mail'),
      'queue.yaml': instanceFile('queue', { COLOUR: 'red' }),
      'run.yaml': runFile('warm-up', run),
    });
    await expectSoon(() => shop.status(bad)).toMatch(
      /^failure: 1 held, 1 problem: run\.yaml:6:13: .* one of them creates Instance .*when: after/,
    );
    expect([ran(shop), ran(shop, 'mail')]).toEqual([['deploy', 'update'], []]);
    const mended = await shop.pushed({
      'run.yaml': runFile('warm-up', { ...run, when: 'after' }),
    });
    await expectSoon(() => shop.status(mended)).toBe('success: 2 changes');
    expect(ran(shop, 'mail')).toEqual(['deploy', 'resize']);

    const unknown = await shop.pushed({
      'mail.yaml': instanceFile('mail', { COLOUR: 'red' }),
      'run.yaml': runFile('check', { ...run, plan: 'resise' }),
    });
    await expectSoon(() => shop.status(unknown)).toMatch(/^failure: .*did you mean resize/);
    const misspelt = await shop.pushed({
      'run.yaml': runFile('check', { instance: 'mail', plan: 'resize', whne: 'before' }),
    });
    await expectSoon(() => shop.status(misspelt)).toMatch(/^failure: .*did you mean when/);
    expect(ran(shop, 'mail')).toEqual(['deploy', 'resize']);
    const right = await shop.pushed({ 'run.yaml': runFile('check', run) });
    await expectSoon(() => shop.status(right)).toBe('success: 2 changes');
    expect(ran(shop, 'mail')).toEqual(['deploy', 'resize', 'resize', 'update']);
  });

  test('does not run before changes that a mistake in their file keeps back', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const bad = await shop.pushed({
      'queue.yaml': instanceFile('queue', { COLUOR: 'red' }),
      'run.yaml': runFile('reload', RESIZE),
    });
    await expectSoon(() => shop.status(bad)).toMatch(/^failure: .*did you mean COLOUR/);
    await expectSoon(() => state(shop, 'reload')).toBe(
      'held: waits for the changes of queue, whose file has errors',
    );
    const good = await shop.pushed({ 'queue.yaml': instanceFile('queue', { COLOUR: 'red' }) });
    await expectSoon(() => shop.status(good)).toBe('success: 2 changes');
    expect(ran(shop)).toEqual(['deploy', 'update', 'resize']);
  });

  test('for an Instance that the same commit creates runs after its deploy', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const commit = await shop.pushed({
      'mail.yaml': instanceFile('mail'),
      'run.yaml': runFile('warm-up', { instance: 'mail', plan: 'resize' }),
    });
    await expectSoon(() => shop.status(commit)).toBe('success: 2 changes');
    expect(ran(shop, 'mail')).toEqual(['deploy', 'resize']);
  });
});

describe('PlanRuns that were in Git before the Sync', () => {
  test('are recorded as skipped, unless they say that they are to run', async () => {
    const shop = await settled({
      'queue.yaml': instanceFile('queue'),
      'old.yaml': runFile('old', RESIZE),
      'seed.yaml': runFile('seed', { instance: 'queue', plan: 'serve', onFirstSync: 'run' }),
    });
    await expectSoon(() => state(shop, 'seed')).toBe('succeeded');
    expect(state(shop, 'old')).toMatch(/^skipped/);
    expect(ran(shop)).toEqual(['deploy', 'serve']);
  });
});

describe('a PlanRun that a person makes', () => {
  test('runs beside what Git says, one after the other', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const make = async (name: string, plan: string): Promise<unknown> =>
      shop.create(PLAN_RUNS, {
        apiVersion: 'gitops.kudo.dev/v1alpha1',
        kind: 'PlanRun',
        metadata: { name },
        spec: { instance: 'queue', plan },
      });
    await Promise.all([make('one', 'resize'), make('two', 'resize'), make('wrong', 'nope')]);
    await expectSoon(() => ['one', 'two'].map((name) => state(shop, name))).toEqual([
      'succeeded',
      'succeeded',
    ]);
    await expectSoon(() => state(shop, 'wrong')).toMatch(
      /^failed: refused: .*plan nope does not exist/,
    );
    expect(ran(shop)).toEqual(['deploy', 'resize', 'resize']);
  });
});

describe('a PlanSchedule', () => {
  const nightly = `apiVersion: gitops.kudo.dev/v1alpha1
kind: PlanSchedule
metadata: {name: often}
spec: {instance: queue, plan: resize, schedule: "* * * * *"}
`;

  test('comes into the cluster with its commit and is suspended when it is removed', async () => {
    const shop = await settled({ 'queue.yaml': instanceFile('queue') });
    const commit = await shop.pushed({ 'often.yaml': nightly });
    await expectSoon(() => shop.status(commit)).toBe(
      `success: PlanSchedule ${shop.name}/often was created`,
    );
    const schedule = () =>
      here.world.running.context.view.caches.planSchedules.get(`${shop.name}/often`);
    await expectSoon(() => schedule()?.status?.nextScheduleTime).toMatch(/:00Z$/);

    // As if the last time that was dealt with were some minutes ago.
    const past = `${new Date(Date.now() - 200_000).toISOString().slice(0, 19)}Z`;
    const path = { ...PLAN_SCHEDULES, namespace: shop.name, name: 'often', subresource: 'status' };
    const body = { status: { lastScheduleTime: past } };
    await here.world.sandbox.client.patch(path, { type: 'merge', body }, here.world.scope);
    await expectSoon(() => ran(shop)).toEqual(['deploy', 'resize']);
    expect(schedule()?.status?.message).toMatch(/^times from .* on were missed; the last of them/);

    const removed = await shop.pushed({ 'often.yaml': null });
    await expectSoon(() => shop.status(removed)).toBe(
      `success: PlanSchedule ${shop.name}/often was removed from Git: suspended, not deleted`,
    );
    expect(schedule()?.spec['suspend']).toBe(true);
  });
});
