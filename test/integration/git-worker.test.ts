import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createGitSource } from '../../src/source/create-git-source.ts';
import type { GitSource } from '../../src/source/git-source.ts';
import { bundleWorker } from '../fakes/bundle-worker.ts';
import { createGitRepository } from '../fakes/git-repository.ts';
import { failureOf, MAIN, READ, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();
const bundle = createGitRepository('bundle');
let workerFile = '';
let source: GitSource;
beforeAll(async () => {
  workerFile = await bundleWorker('source/git.worker.ts', bundle.root);
});
beforeEach(() => {
  source = createGitSource({ cacheDir: join(at.repository.root, 'mirrors'), workerFile }, at.scope);
});
afterEach(async () => {
  await source.close();
});
afterAll(() => {
  bundle.remove();
});

test('answers from its thread as it would without one', async () => {
  const first = at.repository.commit('first', { 'apps/a.yaml': 'a: 1\n' });
  const oid = at.repository.commit('second', { 'apps/a.yaml': 'a: 2\n' });
  await source.fetch(at.remote, MAIN, oid, at.scope);
  await at.source.fetch(at.remote, MAIN, oid, at.scope);

  for (const from of [source, at.source]) {
    expect(await from.listRefs(at.remote, [MAIN], at.scope)).toEqual(new Map([[MAIN, oid]]));
    expect(await from.changedPaths(at.remote, first, oid, at.scope)).toEqual(['apps/a.yaml']);
    expect(await from.mergeBase(at.remote, first, oid, at.scope)).toBe(first);
    expect(await from.isAncestor(at.remote, oid, first, at.scope)).toBe(false);
    expect(await from.firstParents(at.remote, oid, { max: 1 }, at.scope)).toEqual([
      await from.readCommit(at.remote, oid, at.scope),
    ]);
  }
  expect(await source.readFiles(at.remote, oid, ['.'], READ, at.scope)).toEqual(
    await at.source.readFiles(at.remote, oid, ['.'], READ, at.scope),
  );
});

test('reports failures with their hints, and logs, across the threads', async () => {
  at.server.fault = { on: 'info/refs', status: 429, headers: { 'retry-after': '7' } };
  const limited = await failureOf(source.listRefs(at.remote, ['refs/'], at.scope));
  expect(limited).toMatchObject({ name: 'Failure', kind: 'unreachable', retryAfterMs: 7_000 });
  at.server.fault = { on: 'info/refs', status: 401 };
  const denied = await failureOf(source.listRefs(at.remote, ['refs/'], at.scope));
  expect(denied).toMatchObject({
    kind: 'denied',
    hint: expect.stringContaining('token') as string,
  });
});

test('a call stops at once when its caller stops, also in the thread', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.server.fault = { on: 'info/refs', silent: true };
  const controller = new AbortController();
  const stopping = { ...at.scope, signal: controller.signal };
  const listing = failureOf(source.listRefs(at.remote, ['refs/'], stopping));
  controller.abort();
  expect(await listing).toMatchObject({ name: 'AbortError' });
  at.server.fault = undefined;
  expect(await source.listRefs(at.remote, ['refs/heads/'], at.scope)).toHaveProperty('size', 1);
});

test('a worker file that is not there is reported to every caller', async () => {
  const broken = createGitSource({ cacheDir: '.', workerFile: '/nowhere/worker.mjs' }, at.scope);
  for (let tries = 0; tries < 2; tries++) {
    const failure = await failureOf(broken.listRefs(at.remote, ['refs/'], at.scope));
    expect(failure).toMatchObject({ kind: 'unreachable' });
  }
});

test('starts a new thread when the old one has died', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.server.fault = { on: 'info/refs', silent: true };
  const listing = failureOf(source.listRefs(at.remote, ['refs/'], at.scope));
  await source.close();
  expect(await listing).toMatchObject({ kind: 'unreachable' });
  at.server.fault = undefined;
  await source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await source.readCommit(at.remote, oid, at.scope)).toHaveProperty('oid', oid);
});

test('does not keep the calling thread busy while it clones and reads 2,500 files', async () => {
  const files = Array.from({ length: 2_500 }, (_, n) => [
    `apps/${n % 50}/f${n}.yaml`,
    `kind: Instance\nvalue: ${Math.sin(n)}\n`.repeat(10),
  ]);
  const oid = at.repository.commit('many', Object.fromEntries(files) as Record<string, string>);
  await source.listRefs(at.remote, ['refs/'], at.scope);
  const before = performance.eventLoopUtilization();
  await source.fetch(at.remote, MAIN, oid, at.scope);
  const read = await source.readFiles(at.remote, oid, ['apps'], READ, at.scope);
  const { utilization } = performance.eventLoopUtilization(before);
  expect(read.files).toHaveLength(2_500);
  expect(utilization).toBeLessThan(0.5);
});
