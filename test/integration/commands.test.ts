import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFolder } from '../../src/commands/read-folder.ts';
import { commandLine, type CommandResult } from '../fakes/command-line.ts';
import { type Fleet, ServiceWorld } from '../fakes/service-world.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/fleet');

let world: ServiceWorld;
let fleet: Fleet;
let kudoGitops: (...args: string[]) => Promise<CommandResult>;
/** A working copy that nobody has committed. */
let folder: string;
let first: string;
let sync: string;

beforeAll(async () => {
  world = await ServiceWorld.start();
  fleet = await world.fleet(await readFolder(EXAMPLE));
  sync = `${fleet.name}/${fleet.name}`;
  await fleet.sync({ paths: ['operators', 'shop'] });
  first = await fleet.head();
  kudoGitops = commandLine(world.sandbox.kubeconfig);
  folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-commands-'));
  await cp(EXAMPLE, folder, { recursive: true });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await fleet.leave();
  await world.stop();
});

async function edit(from: string, to: string): Promise<void> {
  const file = join(folder, 'shop/orders.yaml');
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

describe('the command line against a cluster', () => {
  it('waits for a commit, saying how it goes, and exits with 0', async () => {
    const { out, err, code } = await kudoGitops('wait', sync, `--for=revision=${first}`);
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toMatch(new RegExp(`${first.slice(0, 7)} succeeded: 3 changes\n$`));
    expect(await kudoGitops('wait', sync)).toMatchObject({ err: '', code: 0 });
  });

  it('shows Syncs, Rollouts and Instances as tables', async () => {
    const syncs = await kudoGitops('get', 'syncs', '-n', fleet.name);
    expect(syncs.out.split('\n')[0]).toMatch(/^NAME +REVISION +READY +MESSAGE +INSTANCES +AGE$/);
    expect(syncs.out.split('\n')[1]).toMatch(
      new RegExp(`^${fleet.name} +main@${first.slice(0, 7)} +True .* 3/3 `),
    );
    const rollouts = await kudoGitops('get', 'rollouts', '-n', fleet.name);
    expect(rollouts.out).toMatch(/succeeded +3\/3 +\S+ ago +3 changes\n$/);
    const instances = await kudoGitops('get', 'instances', '-A');
    expect(instances.out).toMatch(
      new RegExp(`^${fleet.name} +orders +queue-3.9.0-1.0.0 +deploy +COMPLETE +${sync}$`, 'm'),
    );
  });

  it('prints objects for programs, and names', async () => {
    const json = await kudoGitops('get', 'instance', 'orders', '-n', fleet.name, '-o', 'json');
    expect(JSON.parse(json.out)).toMatchObject({ kind: 'Instance', metadata: { name: 'orders' } });
    const names = await kudoGitops('get', 'syncs', '-n', fleet.name, '-o', 'name');
    expect(names.out).toBe(`sync.gitops.kudo.dev/${fleet.name}\n`);
  });

  it('says what is not there, and what was probably meant', async () => {
    expect(await kudoGitops('get', 'instance', 'order', '-n', fleet.name)).toEqual({
      out: '',
      err: `kudo-gitops: there is no instance order in namespace ${fleet.name}\n  → did you mean orders?\n`,
      code: 1,
    });
    expect(await kudoGitops('wait', `${sync}x`)).toMatchObject({
      err: `kudo-gitops: there is no Sync ${sync}x\n  → did you mean ${sync}?\n`,
      code: 1,
    });
  });

  it('says where else to look when a namespace has nothing', async () => {
    expect(await kudoGitops('get', 'syncs', '-n', 'nowhere')).toEqual({
      out: '',
      err: 'No syncs found in namespace nowhere.\n  → there are some elsewhere: add -A\n',
      code: 0,
    });
  });

  it('finds admission served although KUDO is not installed', async () => {
    const { out, code } = await kudoGitops('engine', 'status');
    expect(out).toMatch(/^ok {2}manager .*not installed here, but admission is served by https:/m);
    expect(code).toBe(0);
  });

  it('gives up waiting when the time is over', async () => {
    const late = await kudoGitops('wait', sync, '--for=revision=abcdef', '--timeout', '100ms');
    expect(late.code).toBe(1);
    expect(late.err).toContain('waited 100ms');
  });

  it('knows the cluster’s version and custom resources', async () => {
    const { out } = await kudoGitops('version', '--cluster', '-o', 'json');
    const { client, server } = JSON.parse(out) as {
      client: object;
      server: { kudo: { isThere: boolean }[]; kudoGitops: { isThere: boolean }[] };
    };
    expect(client).toEqual({ version: 'test', node: process.version });
    expect([...server.kudo, ...server.kudoGitops].every(({ isThere }) => isThere)).toBe(true);
  });
});

describe('a working copy', () => {
  it('is compared with the cluster by the service’s planner', async () => {
    expect(await kudoGitops('diff', folder, '--sync', sync)).toEqual({
      out: 'the cluster is as these files say\n',
      err: '',
      code: 0,
    });
    await edit('BROKERS: 3', 'BROKERS: 5');
    await edit('refunds: 2', 'refunds: 3');
    const { out, code } = await kudoGitops('diff', folder, '--sync', sync);
    expect(code).toBe(1);
    expect(out).toContain(
      `~ Instance ${fleet.name}/orders: set parameters (plan update)\n    - BROKERS: 3\n    + BROKERS: 5\n`,
    );
    expect(out).toMatch(/\(plan topics\)[^]*2 changes of 1 Instance\n$/);
  });

  it('gets the comment that a pull request would get', async () => {
    const { out, code } = await kudoGitops('preview', folder, '--sync', sync);
    expect(code).toBe(0);
    expect(out).toContain('**2 changes on 1 Instance**');
    expect(out).toContain('- BROKERS: 3\n+ BROKERS: 5');
  });

  it('is trouble, not a difference, when it cannot be compared', async () => {
    expect(await kudoGitops('diff', folder, '--sync', 'nobody/nothing')).toMatchObject({ code: 2 });
    expect(await kudoGitops('diff', join(folder, 'nowhere'))).toMatchObject({ code: 2 });
    expect(await kudoGitops('diff', folder, '--sync', sync, '--path', 'x')).toMatchObject({
      code: 2,
    });
  });

  it('is checked without a cluster, with file, line, column and a suggestion', async () => {
    const offline = commandLine('/nowhere');
    expect(await offline('validate', EXAMPLE)).toMatchObject({ err: '', code: 0 });
    await edit('BROKERS: 5', 'BROKRS: 5');
    const { out, code } = await offline('validate', folder, '-n', 'shop');
    expect(code).toBe(1);
    expect(out).toContain(
      `${folder}/shop/orders.yaml:10:5: error: queue-3.9.0-1.0.0 has no parameter BROKRS\n  → did you mean BROKERS?\n`,
    );
    const alone = await offline('validate', folder, '--path', 'shop', '-o', 'json');
    expect(JSON.parse(alone.out)).toMatchObject({ errors: 0, warnings: 3, paths: ['shop'] });
    expect(alone.code).toBe(0);
  });
});

it('the history of an Instance joins Git and Rollouts', async () => {
  const text = (await readFile(join(EXAMPLE, 'shop/orders.yaml'), 'utf8')).replace(
    'BROKERS: 3',
    'BROKERS: 5',
  );
  const oid = await fleet.pushed({ 'shop/orders.yaml': text }, 'orders: five brokers');
  expect(await kudoGitops('wait', sync, `--for=revision=${oid}`)).toMatchObject({ code: 0 });
  const { out, err } = await kudoGitops('history', 'orders', '-n', fleet.name);
  expect(err).toBe('');
  expect(out).toMatch(
    new RegExp(
      `^${oid.slice(0, 7)} .* Ann: orders: five brokers\n +BROKERS 3 → 5\n +✔ plan update succeeded.*\n\n` +
        `${first.slice(0, 7)} .*\n +created at queue-3.9.0-1.0.0\n +3 parameters\n +✔ plan deploy succeeded`,
    ),
  );
});

it('the history of an Instance that no commit has is no success', async () => {
  expect(await kudoGitops('history', 'nowhere/orders', '--sync', sync)).toMatchObject({
    out: '',
    err: expect.stringContaining(`did you mean ${fleet.name}/orders?`) as string,
    code: 1,
  });
});

it('every command explains itself with examples', async () => {
  for (const name of ['get', 'diff', 'preview', 'validate', 'history', 'wait', 'version']) {
    // oxlint-disable-next-line no-await-in-loop
    const { out, code } = await kudoGitops(name, '--help');
    expect({ name, code }).toEqual({ name, code: 0 });
    expect(out).toMatch(new RegExp(`\nExamples:\n {2}# .+\n {2}kudo-gitops ${name}\\b`));
  }
});
