import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKubeClient } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/cluster/resources.ts';
import { GitPerson } from '../fakes/git-person.ts';
import { startProgram, type RunningProgram } from '../fakes/running-program.ts';
import { liveScope } from '../fakes/scope.ts';

let program: RunningProgram | undefined;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-command-'));
  await mkdir(join(folder, 'fleet/.git'), { recursive: true });
  await writeFile(join(folder, 'fleet/a.yaml'), 'a: 1\n');
  await writeFile(join(folder, 'fleet/.git/HEAD'), 'ref: refs/heads/other\n');
});
afterEach(async () => {
  await program?.dispose();
  await rm(folder, { recursive: true, force: true });
});

it('gives a cluster with KUDO and a repository to push to, until Ctrl-C', async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  program = await startProgram(
    'sandbox',
    `--kubeconfig-out=${kubeconfig}`,
    `--repository=shop/fleet=${join(folder, 'fleet')}`,
    '-o',
    'json',
  );
  await program.shows(/\n}\n/);
  const said = JSON.parse(program.out()) as {
    kubernetes: { url: string; kubeconfig: string };
    git: { users: { login: string; token: string }[] };
    repositories: { url: string }[];
  };

  expect(said.kubernetes.kubeconfig).toBe(kubeconfig);
  expect((await stat(kubeconfig)).mode & 0o077).toBe(0);
  const client = createKubeClient(await loadKubeConfig({ kubeconfig, env: {} }), {
    userAgent: 'test',
  });
  const { items } = await client.list(CUSTOM_RESOURCE_DEFINITIONS, {}, liveScope());
  expect(items.map(({ metadata }) => metadata.name)).toContain('instances.kudo.dev');

  const [you] = said.git.users;
  const url = new URL(said.repositories[0]?.url ?? '');
  url.username = you?.login ?? '';
  url.password = you?.token ?? '';
  const person = await GitPerson.arrive();
  const work = await person.clone(url.href);
  expect(await readFile(join(work, 'a.yaml'), 'utf8')).toBe('a: 1\n');
  await person.commit(work, { 'b.yaml': 'b: 1\n' }, 'more');
  expect(await person.push(work).ended).toBe(0);
  await person.leave();

  program.interrupt();
  expect(await program.ended).toBe(0);
  expect(program.err()).toBe('');
  expect(await program.leftovers()).toEqual([]);
  await expect(stat(kubeconfig)).rejects.toThrow('ENOENT');
});

it('says which option is wrong, overwrites no file and leaves nothing behind', async () => {
  const file = join(folder, 'fleet/a.yaml');
  program = await startProgram('sandbox', `--kubeconfig-out=${file}`);
  expect(await program.ended).toBe(1);
  expect(program.err()).toMatch(/--kubeconfig-out .*a\.yaml is there already/);
  expect(await readFile(file, 'utf8')).toBe('a: 1\n');
  expect(await program.leftovers()).toEqual([]);
});

it('says that a port is taken', async () => {
  program = await startProgram('sandbox', '-o', 'json');
  await program.shows(/\n}\n/);
  const { kubernetes } = JSON.parse(program.out()) as { kubernetes: { url: string } };
  const other = await startProgram('sandbox', '--port', new URL(kubernetes.url).port);
  expect(await other.ended).toBe(1);
  expect(other.err()).toMatch(/port \d+ of 127\.0\.0\.1 is taken/);
  expect(await other.leftovers()).toEqual([]);
  await other.dispose();
});
