import { expect, test } from 'vitest';
import { failureOf, MAIN, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();

/** The methods of all requests. */
const asked = (): readonly string[] =>
  at.server.requests.map(({ line }) => line.split(' ')[0] ?? '');

async function look(): Promise<string | undefined> {
  const refs = await at.source.listRefs(at.remote, ['refs/heads/'], at.scope);
  const oid = refs.get(MAIN);
  if (oid !== undefined) await at.source.fetch(at.remote, MAIN, oid, at.scope);
  return oid;
}

/** What a look finds in a.yaml after a commit has put that there. */
async function seenAfter(text: string): Promise<string | undefined> {
  const oid = at.repository.commit(text, { 'a.yaml': text });
  expect(await look()).toBe(oid);
  return at.textOf(oid, 'a.yaml');
}

test('a server that is known costs one request for its refs and one for a new commit', async () => {
  expect(await seenAfter('a: 1')).toBe('a: 1');
  expect(asked()).toEqual(['GET', 'POST', 'GET', 'POST']);
  at.server.requests.splice(0);
  expect(await seenAfter('a: 2')).toBe('a: 2');
  expect(asked()).toEqual(['POST', 'POST']);
  at.server.requests.splice(0);
  await look();
  expect(asked()).toEqual(['POST']);
});

test('a server that has become an older one is asked anew', async () => {
  expect(await seenAfter('a: 1')).toBe('a: 1');
  at.server.knowsVersion2 = false;
  expect(await seenAfter('a: 2')).toBe('a: 2');
  at.server.knowsVersion2 = true;
  expect(await seenAfter('a: 3')).toBe('a: 3');
});

test('a commit that was replaced between the look and the download is missing, and the next look finds its successor', async () => {
  expect(await seenAfter('a: 1')).toBe('a: 1');
  const replaced = at.repository.commit('2', { 'a.yaml': 'a: 2\n' });
  at.repository.git('commit', '--quiet', '--amend', '--message=replaced');
  at.repository.git('push', '--quiet', '--force', 'origin', 'main');
  const failure = await failureOf(at.source.fetch(at.remote, MAIN, replaced, at.scope));
  expect(failure).toMatchObject({ kind: 'missing' });
  expect(await look()).toBe(at.repository.git('rev-parse', 'HEAD'));
});
