import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failureOf, MAIN, READ, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();

test('lists branches and pull requests with one ls-refs, tags by the commit they name', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.repository.git('tag', '--annotate', '--message=one', 'v1');
  at.repository.git(
    'push',
    '--quiet',
    'origin',
    'v1',
    'HEAD:refs/pull/7/head',
    'HEAD:refs/other/x',
  );

  const refs = await at.source.listRefs(at.remote, [MAIN, 'refs/pull/', 'refs/tags/'], at.scope);

  expect(Object.fromEntries(refs)).toEqual({
    [MAIN]: oid,
    'refs/pull/7/head': oid,
    'refs/tags/v1': oid,
  });
  expect(at.server.requests.filter(({ body }) => body.includes('command=ls-refs'))).toHaveLength(1);
});

test('lists the same refs from a server that only knows the old protocol', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.repository.git('tag', '--annotate', '--message=one', 'v1');
  at.repository.git('push', '--quiet', 'origin', 'v1', 'HEAD:refs/other/x');
  at.server.knowsVersion2 = false;

  const refs = await at.source.listRefs(at.remote, [MAIN, 'refs/tags/'], at.scope);

  expect(Object.fromEntries(refs)).toEqual({ [MAIN]: oid, 'refs/tags/v1': oid });
});

test('reads a commit, its files and what changed, and asks the server no second time', async () => {
  const first = at.repository.commit('Start\nwith two lines\n\nbody', { 'apps/a.yaml': 'a: 1\n' });
  const second = at.repository.commit('Scale kafka', {
    'apps/a.yaml': 'a: 2\n',
    'README.md': '#\n',
  });
  await at.source.fetch(at.remote, MAIN, second, at.scope);
  const asked = at.server.requests.length;

  await at.source.fetch(at.remote, MAIN, second, at.scope);
  expect(await at.source.readCommit(at.remote, second, at.scope)).toEqual({
    oid: second,
    parents: [first],
    author: { name: 'Ada Lovelace', email: 'ada@example.org' },
    committedAt: '2023-11-14T22:15:20.000Z',
    subject: 'Scale kafka',
  });
  expect((await at.source.readCommit(at.remote, first, at.scope)).subject).toBe(
    'Start with two lines',
  );
  expect(await at.textOf(second, 'apps/a.yaml')).toBe('a: 2\n');
  expect(await at.textOf(first, 'apps')).toBe('a: 1\n');
  expect(await at.source.changedPaths(at.remote, first, second, at.scope)).toEqual([
    'README.md',
    'apps/a.yaml',
  ]);
  expect(await at.source.changedPaths(at.remote, undefined, first, at.scope)).toEqual([
    'apps/a.yaml',
  ]);
  expect(at.server.requests).toHaveLength(asked);
});

test('follows the first parents of merges down to a commit, and finds merge bases', async () => {
  const base = at.repository.commit('base', { 'a.yaml': 'a: 1\n' });
  at.repository.git('checkout', '--quiet', '-b', 'topic');
  const topic = at.repository.commit('topic', { 'b.yaml': 'b: 1\n' });
  at.repository.git('checkout', '--quiet', 'main');
  const main = at.repository.commit('main', { 'a.yaml': 'a: 2\n' });
  at.repository.git('merge', '--quiet', '--no-ff', '--message=merge', 'topic');
  const merge = at.repository.commit('after the merge', {});
  await at.source.fetch(at.remote, MAIN, merge, at.scope);

  const line = await at.source.firstParents(at.remote, merge, { until: base, max: 10 }, at.scope);
  expect(line.map(({ subject }) => subject)).toEqual(['after the merge', 'merge', 'main']);
  expect(await at.source.firstParents(at.remote, merge, { max: 2 }, at.scope)).toHaveLength(2);
  expect(await at.source.mergeBase(at.remote, topic, main, at.scope)).toBe(base);
  expect(await at.source.isAncestor(at.remote, topic, merge, at.scope)).toBe(true);
  expect(await at.source.isAncestor(at.remote, topic, main, at.scope)).toBe(false);
});

test('later fetches bring only what is new', async () => {
  const files = Array.from({ length: 200 }, (_, n) => [`f${n}.yaml`, `v: ${Math.sin(n)}\n`]);
  const first = at.repository.commit('many', Object.fromEntries(files) as Record<string, string>);
  await at.source.fetch(at.remote, MAIN, first, at.scope);
  const second = at.repository.commit('one more', { 'f1.yaml': 'v: new\n' });
  await at.source.fetch(at.remote, MAIN, second, at.scope);

  const asked = at.server.requests.at(-1)?.body;
  expect(asked).toContain(`have ${first}`);
  expect(asked).not.toContain('deepen');
  expect(await at.textOf(second, 'f1.yaml')).toBe('v: new\n');
  expect(await at.textOf(first, 'f2.yaml')).toBe(`v: ${Math.sin(2)}\n`);
});

test('keeps branches and pull requests of one repository in one mirror', async () => {
  const main = at.repository.commit('main', { 'a.yaml': 'a: 1\n' });
  at.repository.git('checkout', '--quiet', '-b', 'topic');
  const topic = at.repository.commit('topic', { 'a.yaml': 'a: 2\n' });
  at.repository.git('push', '--quiet', 'origin', 'topic:refs/pull/3/head');
  await at.source.fetch(at.remote, MAIN, main, at.scope);
  await at.source.fetch(at.remote, 'refs/pull/3/head', topic, at.scope);

  expect(await at.source.mergeBase(at.remote, main, topic, at.scope)).toBe(main);
  expect(await at.textOf(topic, 'a.yaml')).toBe('a: 2\n');
  expect(readdirSync(join(at.repository.root, 'mirrors'))).toHaveLength(1);
});

test('follows a branch that was rewritten by force', async () => {
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const lost = at.repository.commit('lost', { 'a.yaml': 'a: 2\n' });
  await at.source.fetch(at.remote, MAIN, lost, at.scope);
  at.repository.git('reset', '--quiet', '--hard', first);
  const kept = at.repository.commit('kept', { 'a.yaml': 'a: 3\n' });
  await at.source.fetch(at.remote, MAIN, kept, at.scope);

  expect(await at.textOf(kept, 'a.yaml')).toBe('a: 3\n');
  expect(await at.source.isAncestor(at.remote, lost, kept, at.scope)).toBe(false);
  expect(await at.source.mergeBase(at.remote, lost, kept, at.scope)).toBe(first);
});

test('takes the commit that was asked for although the branch has moved on', async () => {
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.repository.git('commit', '--quiet', '--amend', '--message=rewritten');
  at.repository.git('push', '--quiet', '--force', '--all', 'origin');

  expect(await failureOf(at.source.fetch(at.remote, MAIN, first, at.scope))).toMatchObject({
    kind: 'missing',
    message: expect.stringContaining(`no longer has commit ${first} at refs/heads/main`) as string,
  });
  at.repository.git('-C', at.repository.bare, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  await at.source.fetch(at.remote, MAIN, first, at.scope);
  expect(await at.textOf(first, 'a.yaml')).toBe('a: 1\n');
});

test('says that nothing has been fetched when the mirror is deleted, and makes it again', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  rmSync(join(at.repository.root, 'mirrors'), { recursive: true });

  expect(await failureOf(at.source.readCommit(at.remote, oid, at.scope))).toMatchObject({
    kind: 'missing',
  });
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await at.textOf(oid, 'a.yaml')).toBe('a: 1\n');
});

test('throws a damaged mirror away and clones again', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  await at.source.close();
  const mirrors = join(at.repository.root, 'mirrors');
  const [index = ''] = readdirSync(mirrors, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.idx'),
  );
  writeFileSync(join(mirrors, index), 'half an ind');

  await at.restart();
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await at.textOf(oid, 'a.yaml')).toBe('a: 1\n');
  expect(at.scope.lines.join('')).toContain('damaged');
});

test('removes what a killed process left half-done, once it is old', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  const mirrors = join(at.repository.root, 'mirrors');
  const [mirror = ''] = readdirSync(mirrors);
  mkdirSync(join(mirrors, `${mirror}.new-old`));
  utimesSync(join(mirrors, `${mirror}.new-old`), 1_000, 1_000);
  mkdirSync(join(mirrors, `${mirror}.new-busy`));
  rmSync(join(mirrors, mirror), { recursive: true });

  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(readdirSync(mirrors).toSorted()).toEqual([mirror, `${mirror}.new-busy`]);
});

test('a mirror of many small packs is cloned anew', async () => {
  await at.restart({ maxPacks: 3 });
  let oid = '';
  for (let n = 0; n < 6; n++) {
    oid = at.repository.commit(`change ${n}`, { 'a.yaml': `a: ${n}\n` });
    await at.source.fetch(at.remote, MAIN, oid, at.scope);
  }
  const packs = readdirSync(join(at.repository.root, 'mirrors'), { recursive: true }).filter(
    (name) => String(name).endsWith('.pack'),
  );
  expect(packs.length).toBeLessThanOrEqual(3);
  expect(await at.source.firstParents(at.remote, oid, { max: 10 }, at.scope)).toHaveLength(6);
});

test('names what it does not read: links, submodules, LFS, binaries, large files', async () => {
  symlinkSync('/etc/passwd', join(at.repository.work, 'link.yaml'));
  at.repository.commit('odd things', {
    'ok.yaml': 'ok: 1\n',
    '.github/workflow.yaml': 'no: 1\n',
    'binary.png': Buffer.from([0xff, 0xfe, 0x00]),
    'large.yaml': 'x'.repeat(2_000),
    'lfs.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    'back\\slash.yaml': 'no: 1\n',
    '.gitmodules':
      '[submodule "module"]\n\tpath = module\n\turl = https://git.example.org/module.git\n',
  });
  at.repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`);
  at.repository.git('commit', '--quiet', '--message=module');
  at.repository.git('push', '--quiet', 'origin', 'main');
  const oid = at.repository.git('rev-parse', 'HEAD');
  await at.source.fetch(at.remote, MAIN, oid, at.scope);

  const limits = { ...READ, maxFileBytes: 1_000 };
  const read = await at.source.readFiles(at.remote, oid, ['.', 'nowhere'], limits, at.scope);

  expect(read.files.map(({ path }) => path)).toEqual(['.gitmodules', 'ok.yaml']);
  expect(Object.fromEntries(read.skipped.map(({ path, reason }) => [path, reason]))).toEqual({
    'back\\slash.yaml': 'its name has a slash or backslash in it',
    'binary.png': 'it is not UTF-8 text',
    'large.yaml': 'it is larger than 1000 bytes',
    'lfs.yaml': 'it is a Git LFS pointer, and what it points to is not in the repository',
    'link.yaml': 'it is a symbolic link',
    module: 'module is a submodule, whose files are in another repository',
  });
  expect(read.skipped.find(({ path }) => path === 'module')?.place).toEqual({
    file: '.gitmodules',
    line: 2,
  });
  expect(read.missingPaths).toEqual(['nowhere']);
});

test.each([
  { why: 'too many files', limits: { ...READ, maxFiles: 1 }, paths: ['.'] },
  { why: 'too many bytes', limits: { ...READ, maxTotalBytes: 5 }, paths: ['.'] },
  { why: 'a path that leads out', limits: READ, paths: ['apps/../../etc'] },
])('refuses $why', async ({ limits, paths }) => {
  const oid = at.repository.commit('two files', { 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' });
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  const failure = await failureOf(at.source.readFiles(at.remote, oid, paths, limits, at.scope));
  expect(failure).toMatchObject({ kind: 'invalid' });
});

test('identifies a folder by its content', async () => {
  const oid = at.repository.commit('package', { 'pkg/a/operator.yaml': 'a: 1\n' });
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  const { trees } = await at.source.readFiles(at.remote, oid, ['pkg'], READ, at.scope);
  expect(trees.get('pkg/a')).toBe(at.repository.git('rev-parse', 'HEAD:pkg/a'));
});
