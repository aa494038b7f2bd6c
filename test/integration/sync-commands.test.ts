import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYNCS } from '../../src/cluster/resources.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { type Fleet, ServiceWorld } from '../fakes/service-world.ts';
import { tinyFiles } from '../fakes/tiny-operator.ts';

let world: ServiceWorld;
let fleet: Fleet;
let sync: string;
let kudoGitops: (...args: string[]) => Promise<CommandResult>;

const SOON = { timeout: 20_000, interval: 50 };

beforeAll(async () => {
  world = await ServiceWorld.start();
  fleet = await world.fleet(tinyFiles({ app: { COLOUR: 'red', PASSWORD: 'correct-horse' } }));
  // No poll comes before the test is over: what is looked at was asked for.
  await fleet.sync({ interval: '1h' });
  sync = `${fleet.name}/${fleet.name}`;
  kudoGitops = commandLine(world.sandbox.kubeconfig);
  await kudoGitops('wait', sync);
});

afterAll(async () => {
  await fleet.leave();
  await world.stop();
});

const colour = async (): Promise<string | undefined> =>
  (await fleet.instance('app'))?.spec?.parameters?.['COLOUR'];

async function push(value: string): Promise<string> {
  const oid = await fleet.commit(tinyFiles({ app: { COLOUR: value } }), `make it ${value}`);
  await fleet.push();
  return oid;
}

describe('reconcile', () => {
  it('asks for a look now and follows it to the verdict', async () => {
    const oid = await push('green');
    const { out, err, code } = await kudoGitops(
      'reconcile',
      `sync/${fleet.name}`,
      '-n',
      fleet.name,
      '--wait',
    );
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toContain(`sync/${sync}: a look was asked for\n`);
    expect(out).toContain(`► ${oid.slice(0, 7)} make it green — Ann\n`);
    expect(out).toMatch(new RegExp(`sync/${sync}: ${oid.slice(0, 7)}: 1 change.*\n$`));
    expect(await colour()).toBe('green');
  });

  it('names the Sync that was probably meant', async () => {
    expect(await kudoGitops('reconcile', `${sync}x`)).toMatchObject({
      err: `kudo-gitops: there is no Sync ${sync}x\n  → did you mean ${sync}?\n`,
      code: 1,
    });
  });
});

describe('suspend and resume', () => {
  it('stop a Sync whole, and let it catch up', async () => {
    expect(await kudoGitops('suspend', sync)).toEqual({
      out: `sync/${sync}: suspended\n`,
      err: '',
      code: 0,
    });
    await expect.poll(() => fleet.ready(), SOON).toMatch(/^Unknown Suspended: /);
    const since = world.sandbox.api.requests.length;
    const oid = await push('blue');
    fleet.lookNow();
    expect(await kudoGitops('reconcile', sync)).toMatchObject({
      err: `kudo-gitops: sync/${sync} is suspended: nothing looks at it\n  → kudo-gitops resume ${sync}\n`,
      code: 1,
    });
    expect(await kudoGitops('wait', sync)).toMatchObject({ code: 1 });
    expect((await kudoGitops('suspend', '--all', '-n', fleet.name)).out).toContain('already');
    expect(await colour()).toBe('green');
    expect(await fleet.status(oid)).toBe('none');
    expect(world.serviceRequests(since).filter((line) => !/^(GET|LIST|WATCH)/.test(line))).toEqual(
      [],
    );

    const resumed = await kudoGitops('resume', fleet.name, '-n', fleet.name, '--wait');
    expect(resumed).toMatchObject({ err: '', code: 0 });
    expect(resumed.out).toContain(`sync/${sync}: resumed\n`);
    expect(await colour()).toBe('blue');
  });

  it('want to know which Sync', async () => {
    expect(await kudoGitops('suspend')).toMatchObject({ code: 1 });
    expect(await kudoGitops('resume', sync, '--all')).toMatchObject({ code: 1 });
    expect(await kudoGitops('suspend', '--all', '-n', 'nowhere')).toMatchObject({
      err: expect.stringContaining('there are no Syncs in namespace nowhere'),
      code: 1,
    });
  });
});

it('wait takes no Sync for ready that was edited and not looked at since', async () => {
  await fleet.git('checkout', '--quiet', '-b', 'next');
  const oid = await fleet.commit(tinyFiles({ app: { COLOUR: 'white' } }), 'make it white');
  await fleet.git('push', '--quiet', 'origin', 'HEAD:refs/heads/next');
  await fleet.git('checkout', '--quiet', '-');
  await fleet.patch(SYNCS, fleet.name, { spec: { ref: { branch: 'next' } } });
  const { out, err, code } = await kudoGitops('wait', sync);
  expect({ err, code }).toEqual({ err: '', code: 0 });
  expect(out).toContain(oid.slice(0, 7));
  expect(await colour()).toBe('white');
});

describe('what happened', () => {
  it('is told by events, oldest first, also of one object', async () => {
    const { out, code } = await kudoGitops('events', '-n', fleet.name);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$/);
    expect(out).toMatch(/Normal +succeeded +rollout\/\S+ +1 change/);
    const one = await kudoGitops('events', '-n', fleet.name, '--for', 'instance/app', '-o', 'json');
    const seen = JSON.parse(one.out) as { object: string; time: string }[];
    expect(new Set(seen.map(({ object }) => object))).toEqual(new Set(['instance/app']));
    expect(seen.map(({ time }) => time)).toEqual(seen.map(({ time }) => time).toSorted());
    expect(one.out).not.toContain('correct-horse');
    expect(await kudoGitops('events', '--for', 'pod/x')).toMatchObject({ code: 1 });
  });

  it('is told by get plans', async () => {
    const { out } = await kudoGitops('get', 'plans', 'app', '-n', fleet.name);
    expect(out.split('\n')[0]).toMatch(/^NAMESPACE +INSTANCE +PLAN +STATUS +PHASES +UPDATED +AT$/);
    expect(out).toMatch(new RegExp(`^${fleet.name} +app +update +COMPLETE +1/1 `, 'm'));
    const json = await kudoGitops('get', 'plans', '-n', fleet.name, '-o', 'json');
    expect(JSON.parse(json.out)).toContainEqual(expect.objectContaining({ plan: 'deploy' }));
  });
});

describe('check', () => {
  it('finds the sandbox ready, its repository and its forge reachable', async () => {
    const { out, err, code } = await kudoGitops('check', '--as', 'kudo-gitops/kudo-gitops');
    expect({ err, code, bad: /^BAD.*$/m.exec(out)?.[0] }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(/^ok {2}Kubernetes +v1\./m);
    expect(out).toMatch(/^ok {2}admission +Instances are judged$/m);
    expect(out).toMatch(/^ok {2}our resources +syncs, /m);
    expect(out).toMatch(/^ok {2}clock +agrees/m);
    expect(out).toMatch(/^ok {2}access +service account kudo-gitops\/kudo-gitops may do all \d+/m);
    expect(out).toMatch(
      new RegExp(`^ok  sync/${sync} repository +http\\S+ has next@[0-9a-f]{7}$`, 'm'),
    );
    expect(out).toMatch(new RegExp(`^ok  sync/${sync} forge +gitea knows the token as `, 'm'));
  });

  it('says what is wrong and what to do, and exits with 1', async () => {
    await fleet.patch(SYNCS, fleet.name, { spec: { ref: { branch: 'nowhere' }, suspend: true } });
    await fleet.secret('forge', { token: 'wrong' });
    const { out, code } = await kudoGitops('check', '-n', fleet.name, '-o', 'json');
    await fleet.patch(SYNCS, fleet.name, { spec: { ref: { branch: 'main' } } });
    expect(code).toBe(1);
    const checks = JSON.parse(out) as { check: string; state: string; hint?: string }[];
    expect(checks.filter(({ state }) => state === 'bad')).toEqual([
      expect.objectContaining({ check: `sync/${sync} repository`, hint: expect.any(String) }),
      expect.objectContaining({ check: `sync/${sync} forge` }),
    ]);
    expect(out).not.toContain('wrong');
  });
});

describe('without a cluster', () => {
  let folder: string;
  const offline = commandLine('/nowhere');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-render-'));
    for (const [file, text] of Object.entries(
      tinyFiles({ app: { COLOUR: 'red', PASSWORD: 'correct-horse' } }),
    )) {
      await writeFile(join(folder, file.replace('/', '-')), text);
    }
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('render prints the objects that the files stand for, secrets masked', async () => {
    const { out, err, code } = await offline('render', folder, '-n', 'shop', '-o', 'json');
    expect({ err, code }).toEqual({ err: '', code: 0 });
    const { items } = JSON.parse(out) as { items: { kind: string; spec: object }[] };
    expect(items.map(({ kind }) => kind)).toEqual(['Operator', 'OperatorVersion', 'Instance']);
    expect(items[2]?.spec).toMatchObject({ parameters: { COLOUR: 'red', PASSWORD: '***' } });
  });

  it('render prints what a plan of an Instance applies', async () => {
    const { out, code } = await offline('render', folder, '-n', 'shop', '--instance', 'app');
    expect(code).toBe(0);
    expect(out).toMatch(/^# plan deploy \/ phase main \/ step config \/ task config: apply\n---\n/);
    expect(out).toContain('colour: red');
    expect(await offline('render', folder, '-n', 'shop', '--instance', 'ap')).toMatchObject({
      err: expect.stringContaining('did you mean shop/app?'),
      code: 1,
    });
  });

  it('render prints PlanRuns and PlanSchedules too', async () => {
    const plan = 'spec: { instance: app, plan: resize';
    await writeFile(
      join(folder, 'plans.yaml'),
      `apiVersion: gitops.kudo.dev/v1alpha1\nkind: PlanRun\nmetadata: { name: once }\n${plan} }\n---\n` +
        `apiVersion: gitops.kudo.dev/v1alpha1\nkind: PlanSchedule\nmetadata: { name: often }\n${plan}, schedule: '@daily' }\n`,
    );
    const { out, err, code } = await offline('render', folder, '-n', 'shop', '-o', 'json');
    await rm(join(folder, 'plans.yaml'));
    expect({ err, code }).toEqual({ err: '', code: 0 });
    const { items } = JSON.parse(out) as { items: object[] };
    expect(items.slice(3)).toMatchObject([
      { kind: 'PlanRun', metadata: { namespace: 'shop' }, spec: { plan: 'resize', when: 'after' } },
      { kind: 'PlanSchedule', spec: { schedule: '@daily', timeZone: 'UTC' } },
    ]);
  });

  it('render says which of its options do not go together', async () => {
    expect(await offline('render', folder, '--plan', 'resize')).toMatchObject({
      err: expect.stringContaining('name the Instance too'),
      code: 1,
    });
    expect(await offline('render', folder, '--instance', 'app', '-o', 'json')).toMatchObject({
      err: expect.stringContaining('YAML only'),
      code: 1,
    });
  });

  it('validate writes notes for workflows of GitHub and Gitea', async () => {
    await writeFile(join(folder, 'bad.yaml'), 'kind: Instnce\napiVersion: kudo.dev/v1beta1\n');
    const { out, code } = await offline('validate', folder, '-o', 'github');
    await rm(join(folder, 'bad.yaml'));
    expect(code).toBe(1);
    expect(out).toMatch(/^::error file=\S+\/bad\.yaml,line=1,col=\d+::/m);
  });

  it('completion completes verbs, words and options in bash', async () => {
    const { out } = await offline('completion', 'bash');
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const script = `${out}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _kudo_gitops; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    };
    expect(complete('kudo-gitops', 'rec')).toEqual(['reconcile']);
    expect(complete('kudo-gitops', 'get', 'in')).toEqual(['instances']);
    expect(complete('kudo-gitops', 'package', 'l')).toEqual(['lint']);
    expect(complete('kudo-gitops', 'wait', 'x', '--ti')).toEqual(['--timeout']);
    for (const shell of ['zsh', 'fish']) {
      expect((await offline('completion', shell)).out).toContain('reconcile');
    }
    expect(await offline('completion', 'tcsh')).toMatchObject({ code: 1 });
  });
});
