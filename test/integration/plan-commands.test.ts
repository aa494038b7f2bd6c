import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTANCES } from '../../src/cluster/resources.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { endHanging } from '../fakes/end-hanging.ts';
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
