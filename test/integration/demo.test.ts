import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createKubeClient } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { ROLLOUTS } from '../../src/cluster/resources.ts';
import type { Rollout } from '../../src/model/rollout.ts';
import { GitPerson } from '../fakes/git-person.ts';
import { startProgram, type RunningProgram } from '../fakes/running-program.ts';
import { liveScope } from '../fakes/scope.ts';

let program: RunningProgram | undefined;
let person: GitPerson | undefined;
afterEach(async () => {
  await program?.dispose();
  await person?.leave();
  program = undefined;
  person = undefined;
});

describe('kudo-gitops demo --once', () => {
  it(
    'plays the whole story within two minutes, shows its history and leaves nothing behind',
    { timeout: 120_000 },
    async () => {
      program = await startProgram('demo', '--once');

      const code = await program.ended;
      expect({ code, err: program.err() }).toEqual({ code: 0, err: '' });

      const out = program.out();
      const said = out.split('\n').filter((line) => /^\d\. /.test(line));
      expect(said).toHaveLength(7);
      const [, history = ''] = out.split('What became of shop/orders');
      expect(
        history.match(/^[0-9a-f]{7} {2}.*: .*$/gm)?.map((line) => line.split('Z  ')[1]),
      ).toEqual([
        'demo: Revert "orders: drain nodes politely"',
        'Grace Murray: orders: drain nodes politely',
        'Grace Murray: orders: keep messages longer, add topic invoices',
        'Ada Byron: orders: five brokers for the sale',
        'you: Initial commit',
      ]);
      expect(history).toMatch(/BROKERS 3 → 5\n.*✔ plan update succeeded/);
      expect(history).toMatch(
        /DISRUPTION_BUDGET \(default\) → true\n.*✗ plan update failed.*FATAL_ERROR/,
      );
      expect(history).toContain('every verdict was right');
      expect(program.err()).toBe('');
      expect(await program.leftovers()).toEqual([]);
    },
  );

  it.each([
    { when: 'while it starts', pattern: /starting a sandbox/ },
    { when: 'while the service takes its first look', pattern: /^1\. /m },
    { when: 'in the middle of a plan', pattern: /orders: update / },
  ])(
    'interrupted $when it ends at once, is no success and leaves nothing behind',
    async ({ pattern }) => {
      program = await startProgram('demo', '--once');
      await program.shows(pattern);
      program.interrupt();

      expect(await program.ended).toBe(130);
      expect(program.err()).toBe('');
      expect(await program.leftovers()).toEqual([]);
    },
  );
});

describe('kudo-gitops demo', () => {
  it('cleans up when nobody reads its output any more', async () => {
    program = await startProgram('demo');
    await program.shows(/starting a sandbox/);
    program.stopReading();

    await program.ended;
    expect(program.err()).toBe('');
    expect(await program.leftovers()).toEqual([]);
  });

  it('cleans up at Ctrl-C although its reader is gone with it', async () => {
    program = await startProgram('demo');
    await program.shows(/Ctrl-C stops everything/);
    program.stopReading();
    program.interrupt();

    await program.ended;
    expect(program.err()).toBe('');
    expect(await program.leftovers()).toEqual([]);
  });

  it('says what to try, all of which works, and cleans up at Ctrl-C', async () => {
    program = await startProgram('demo');
    await program.shows(/Ctrl-C stops everything/);
    const shown = (pattern: RegExp): string[] => pattern.exec(program?.out() ?? '')?.slice(1) ?? [];
    const [cloneUrl = ''] = shown(/git clone (\S+) fleet/);
    const [file = '', line = '', from = '', to = ''] = shown(
      /# in (\S+), line (\d+): (.+) → (.+), then/,
    );
    const [kubeconfig = ''] = shown(/export KUBECONFIG=(\S+)/);
    const pages = [...shown(/Rollouts +(\S+)/), ...shown(/Forge +(\S+)/)];

    person = await GitPerson.arrive();
    const work = await person.clone(cloneUrl, 'fleet');
    const text = await readFile(join(work, file), 'utf8');
    expect(text.split('\n')[Number(line) - 1]?.trim()).toBe(from);
    await writeFile(join(work, file), text.replace(from, to));
    await person.git(work, 'commit', '--quiet', '-am', 'orders: five brokers');
    const push = person.push(work);
    expect(await push.ended).toBe(0);

    const remote = push
      .output()
      .split('\n')
      .filter((one) => one.startsWith('remote:'))
      .map((one) => one.replace('remote:', '').trim())
      .filter((one) => one !== '');
    expect(remote[0]).toMatch(/orders: five brokers/);
    expect(remote.join('\n')).toMatch(/update/);
    expect(remote.at(-1)).toMatch(/succeeded/);
    const access = await loadKubeConfig({ kubeconfig, env: {} });
    const client = createKubeClient(access, { userAgent: 'test' });
    const { items } = await client.list<Rollout>(ROLLOUTS, {}, liveScope());
    expect(items.map(({ spec }) => spec.subject)).toContain('orders: five brokers');
    for (const page of pages) {
      // oxlint-disable-next-line no-await-in-loop
      const { status } = await fetch(page);
      expect({ page, status }).toEqual({ page, status: 200 });
    }

    program.interrupt();
    expect(await program.ended).toBe(0);
    expect(program.err()).toBe('');
    expect(await program.leftovers()).toEqual([]);
  });
});
