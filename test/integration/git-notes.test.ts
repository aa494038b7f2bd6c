import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { failureOf, useGitSource } from '../fakes/git-source-fixture.ts';

const REF = 'refs/notes/kudo-gitops';
const at = useGitSource();

const add = async (commit: string, key: string): Promise<void> =>
  at.source.addNoteLines(
    at.remote,
    REF,
    [{ commit, key, line: JSON.stringify({ key }) }],
    at.scope,
  );

const noteOf = async (commit: string): Promise<string | undefined> =>
  (await at.source.readNotes(at.remote, REF, at.scope)).get(commit);

const pushes = (): number =>
  at.server.requests.filter(({ line }) => line.startsWith('POST') && line.includes('receive-pack'))
    .length;

test('a repository without notes has none, and takes the first', async () => {
  const commit = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  expect((await at.source.readNotes(at.remote, REF, at.scope)).size).toBe(0);
  await add(commit, 'one');
  expect(await noteOf(commit)).toBe('{"key":"one"}\n');
});

test('what people wrote into a note stays, and the same line is not pushed twice', async () => {
  const commit = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.repository.git('notes', `--ref=${REF}`, 'add', '-m', 'reviewed by Ann', commit);
  at.repository.git('push', '--quiet', 'origin', REF);
  await add(commit, 'one');
  const pushed = pushes();
  await add(commit, 'one');
  expect(pushes()).toBe(pushed);
  expect(await noteOf(commit)).toBe('reviewed by Ann\n{"key":"one"}\n');
});

test('writers that push at the same time all end up in the ref', async () => {
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const second = at.repository.commit('second', { 'a.yaml': 'a: 2\n' });
  const keys = ['one', 'two', 'three', 'four'];
  await Promise.all(keys.flatMap((key) => [add(first, key), add(second, key)]));
  for (const commit of [first, second]) {
    // oxlint-disable-next-line no-await-in-loop
    const lines = ((await noteOf(commit)) ?? '').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { key: string }).key).toSorted()).toEqual(
      keys.toSorted(),
    );
  }
});

test('notes that git spreads over folders, as it does with many, are found and added to', async () => {
  const commits = Array.from({ length: 300 }, (_, index) =>
    createHash('sha1').update(String(index)).digest('hex'),
  );
  const lines = commits.map((commit) => ({ commit, key: 'one', line: '{"key":"one"}' }));
  await at.source.addNoteLines(at.remote, REF, lines, at.scope);
  at.repository.git('fetch', '--quiet', 'origin', `${REF}:refs/heads/fetched`);
  const [folder = ''] = at.repository.git('ls-tree', '--name-only', 'fetched').split('\n');
  expect(folder).toHaveLength(2);
  await add(commits[0] ?? '', 'two');
  expect((await at.source.readNotes(at.remote, REF, at.scope)).size).toBe(300);
  expect(await noteOf(commits[0] ?? '')).toBe('{"key":"one"}\n{"key":"two"}\n');
});

test.each([
  { why: 'the host', status: 403 },
  { why: 'a rule of the repository', status: undefined },
])('a push that $why refuses is told as denied, and tried once', async ({ status }) => {
  const commit = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  if (status === undefined)
    at.repository.git(
      'config',
      '--file',
      `${at.repository.bare}/config`,
      'receive.hideRefs',
      'refs/notes',
    );
  else at.server.fault = { on: 'receive-pack', status };
  const failure = await failureOf(add(commit, 'one'));
  expect(failure).toMatchObject({ kind: 'denied', hint: expect.stringContaining('Secret') });
  expect(pushes()).toBeLessThanOrEqual(1);
});
