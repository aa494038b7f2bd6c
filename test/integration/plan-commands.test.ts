import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTANCES } from '../../src/cluster/resources.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { endHanging } from '../fakes/end-hanging.ts';
import { startProgram } from '../fakes/running-program.ts';
import { type Fleet, ServiceWorld } from '../fakes/service-world.ts';
import { instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

const SECRET = { PASSWORD: 'correct-horse' };

let world: ServiceWorld;
let fleet: Fleet;
let app: string;
let kudoGitops: (...args: string[]) => Promise<CommandResult>;

beforeAll(async () => {
  world = await ServiceWorld.start();
  fleet = await world.fleet(tinyFiles({ app: SECRET }));
  app = `${fleet.name}/app`;
  kudoGitops = commandLine(world.sandbox.kubeconfig);
  await fleet.sync();
  await kudoGitops('wait', fleet.name, '-n', fleet.name);
});

afterAll(async () => {
  await fleet.leave();
  await world.stop();
});

function expectSoon<T>(look: () => Promise<T> | T) {
  return expect.poll(look, { timeout: 20_000, interval: 50 });
}

describe('plan run', () => {
  it('runs a plan once and shows how it went', async () => {
    const { out, err, code } = await kudoGitops('plan', 'run', app, 'resize', '--wait');
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(
      /^planrun\/app-resize-\d{8}t\d{6}z: plan resize of \S+\/app is to run once\n/,
    );
    expect(out).toMatch(/✔ plan resize succeeded .*\([0-9a-f-]{36}\)\n$/);
  });

  it('prints what may be committed instead, and makes nothing', async () => {
    const words = ['plan', 'run', app, 'resize', '--name', 'later', '--dry-run'];
    const { out, code } = await kudoGitops(...words);
    expect(code).toBe(0);
    expect(out).toContain('kind: PlanRun\n');
    expect(out).toContain('  name: later\n');
    expect(world.running.context.view.caches.planRuns.get(`${fleet.name}/later`)).toBeUndefined();
  });

  it('says before anything is made what KUDO would refuse, and what was meant', async () => {
    const err = async (...args: string[]): Promise<string> => (await kudoGitops(...args)).err;
    expect(await err('plan', 'run', app, 'resise')).toBe(
      `kudo-gitops: ${app} has no plan resise\n  → did you mean resize?\n`,
    );
    expect(await err('plan', 'run', app, 'cleanup')).toContain('only when an Instance is deleted');
    expect(await err('plan', 'run', `${fleet.name}/ap`, 'resize')).toContain(
      `did you mean ${app}?`,
    );
    const again = ['plan', 'run', app, 'resize', '--name', 'same'];
    expect(await kudoGitops(...again)).toMatchObject({ code: 0 });
    expect(await err(...again)).toContain('there is a PlanRun same already');
  });

  it('waits while another plan runs, says so, and goes on when that has ended', async () => {
    await fleet.pushed({ 'app.yaml': instanceFile('app', { ...SECRET, OUTCOME: 'fail' }) });
    const running = async (): Promise<string | undefined> =>
      (await fleet.instance('app'))?.spec?.planExecution?.planName;
    await expectSoon(running).toBe('serve');
    const words = ['plan', 'run', app, 'resize', '--wait'];
    const hasty = await kudoGitops(...words, '--name', 'hasty', '--timeout', '100ms');
    expect(hasty).toMatchObject({
      err: expect.stringContaining('waited 100ms for planrun/hasty: waiting') as string,
      code: 1,
    });
    const patient = kudoGitops(...words, '--name', 'patient', '--timeout', '60s');
    const message = (): string | undefined =>
      world.running.context.view.caches.planRuns.get(`${fleet.name}/hasty`)?.status?.message;
    await expectSoon(message).toMatch(/plan serve/);
    const deployment = 'app-server';
    const at = { namespace: fleet.name, deployment };
    await expectSoon(async () => endHanging(at, world.sandbox.client, world.scope)).toBe(true);
    expect(await patient).toMatchObject({
      out: expect.stringContaining('✔ plan resize succeeded') as string,
      code: 0,
    });
  });
});

describe('PlanRuns and PlanSchedules in a working copy', () => {
  let folder: string;
  const planFile = (kind: string, name: string, spec: string): string =>
    `apiVersion: gitops.kudo.dev/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec}`;
  const write = async (file: string, text: string): Promise<void> =>
    writeFile(join(folder, file), text);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-plans-'));
    for (const [file, text] of Object.entries(tinyFiles({ app: SECRET }))) {
      // oxlint-disable-next-line no-await-in-loop
      await write(file.replace('/', '-'), text);
    }
    const backup = '  instance: app\n  plan: resize\n';
    await write('now.yaml', planFile('PlanRun', 'now', `${backup}  when: before\n`));
    // As the command line made it above.
    await write('same.yaml', planFile('PlanRun', 'same', backup));
    const nightly = `${backup}  schedule: "0 2 * * *"\n  timeZone: Europe/Berlin\n`;
    await write('nightly.yaml', planFile('PlanSchedule', 'nightly', nightly));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('are listed by diff: what would run, when, and what would not, and why', async () => {
    const sync = `${fleet.name}/${fleet.name}`;
    const { out, code } = await kudoGitops('diff', folder, '--sync', sync);
    expect(code).toBe(1);
    const plan = `plan resize of ${app} would run`;
    expect(out).toContain(`▶ ${plan} once, before other changes (PlanRun now)\n`);
    expect(out).toContain(`▶ ${plan} at "0 2 * * *", Europe/Berlin (PlanSchedule nightly)\n`);
    expect(out).toContain(`· PlanRun ${fleet.name}/same does not run: it has run\n`);
    expect(out).toContain('1 plan run, 1 PlanSchedule to change\n');
    const comment = await kudoGitops('preview', folder, '--sync', sync);
    expect(comment.out).toContain('(PlanRun now)');
    expect(comment.out).toContain('does not run: it has run');
  });

  it('are errors with their place when they cannot run', async () => {
    await write('same.yaml', planFile('PlanRun', 'same', '  instance: app\n  plan: serve\n'));
    await write('typo.yaml', planFile('PlanRun', 'typo', '  instance: ap\n  plan: resize\n'));
    const { out, code } = await kudoGitops('diff', folder, '-n', fleet.name);
    expect(code).toBe(2);
    expect(out).toMatch(
      /same\.yaml:4:3: error: PlanRun \S+ has run already, with plan resize of app/,
    );
    expect(out).toMatch(
      /typo\.yaml:6:13: error: there is no Instance \S+\/ap .*\n {2}→ did you mean app\?/,
    );
  });

  it('are checked without a cluster as far as the files tell', async () => {
    const offline = commandLine('/nowhere');
    const broken = '  instance: app\n  plan: rezise\n  schedule: "61 2 * * *"\n  timeZone: Mars\n';
    await write('broken.yaml', planFile('PlanSchedule', 'broken', broken));
    await write('plan.yaml', planFile('PlanRun', 'plan', '  instance: app\n  plan: rezise\n'));
    await write('twice.yaml', planFile('PlanRun', 'now', '  instance: app\n  plan: serve\n'));
    const { out, code } = await offline('validate', folder, '-n', 'shop');
    expect(code).toBe(1);
    expect(out).toMatch(/broken\.yaml:8:13: error: "61 2 \* \* \*" is no cron expression/);
    expect(out).toMatch(/broken\.yaml:9:13: error: there is no time zone "Mars"/);
    expect(out).toMatch(/plan\.yaml:7:9: error: tiny-1\.0\.0 has no plan rezise\n.*resize/);
    expect(out).toMatch(
      /twice\.yaml:4:3: error: PlanRun shop\/now is already defined at now\.yaml/,
    );
    expect(out).toMatch(/typo\.yaml:6:13: warning: Instance shop\/ap is not in these files/);
    expect(out).toContain('▶ plan resize of shop/app would run at "0 2 * * *"');
  });
});

describe('plan history', () => {
  interface Ran {
    readonly plan: string;
    readonly outcome: string;
    readonly planRun?: string;
    readonly requestedBy?: string;
    readonly commit?: { readonly author: string };
  }
  const historyOf = async (): Promise<readonly Ran[]> =>
    JSON.parse((await kudoGitops('plan', 'history', app, '-o', 'json')).out) as Ran[];

  it('lists every plan that ran, with the commit, PlanRun or others that asked for it', async () => {
    const kubectl = { planExecution: { planName: 'update', uid: 'by-hand' } };
    await expectSoon(async () =>
      (await historyOf()).every((one) => one.outcome === 'succeeded'),
    ).toBe(true);
    await fleet.patch(INSTANCES, 'app', { spec: kubectl });
    await expectSoon(async () => (await historyOf())[0]).toMatchObject({
      plan: 'update',
      outcome: 'succeeded',
    });
    const runs = await historyOf();
    const inOrder = 'update resize resize serve resize resize deploy';
    expect(runs.map(({ plan }) => plan).join(' ')).toBe(inOrder);
    expect(runs[0]).not.toHaveProperty('commit');
    expect(runs[1]).toMatchObject({ planRun: 'patient', requestedBy: expect.any(String) });
    expect(runs[3]).toMatchObject({ commit: { author: 'Ann' } });
    const { out } = await kudoGitops('plan', 'history', app);
    expect(out).toMatch(/^WHEN +PLAN +OUTCOME +TOOK +FOR +UID +MESSAGE\n/);
    expect(out).toMatch(/ serve +succeeded +\S+ +[0-9a-f]{7} Ann: A change +[0-9a-f-]{36} /);
    expect(out).toMatch(/ update +succeeded +- +others /);
  });

  it('says when there is no such Instance', async () => {
    expect(await kudoGitops('plan', 'history', `${fleet.name}/nobody`)).toMatchObject({
      err: expect.stringContaining('there is no Instance') as string,
      code: 1,
    });
  });
});

it('events and plans are followed until they are stopped, secrets masked', async () => {
  const at = ['-w', '-n', fleet.name, '--kubeconfig', world.sandbox.kubeconfig];
  const [events, plans] = await Promise.all([
    startProgram('events', '--for', 'instance/app', '-o', 'wide', ...at),
    startProgram('get', 'plans', 'app', '-o', 'wide', ...at),
  ]);
  try {
    await Promise.all([
      events.shows(/succeeded +instance\/app +plan deploy/),
      plans.shows(/ deploy +COMPLETE /),
    ]);
    const values = { ...SECRET, FLAG: 'correct-horse' };
    await fleet.pushed({ 'app.yaml': instanceFile('app', values) });
    await events.shows(/Warning +failed +instance\/app +plan update: FATAL_ERROR in update/);
    await plans.shows(/ update +FATAL_ERROR /);
    expect(events.out() + plans.out()).not.toContain('correct-horse');
    events.interrupt();
    plans.interrupt();
    await Promise.all([events.ended, plans.ended]);
    expect(events.err() + plans.err()).toBe('');
  } finally {
    await Promise.all([events.dispose(), plans.dispose()]);
  }
});
