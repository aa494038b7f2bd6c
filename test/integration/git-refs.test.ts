import { expect, test } from 'vitest';
import { failureOf, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();

test('reads a commit that no branch has when the server gives it out, and says so when not', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const pinned = at.repository.commit('pinned', { 'a.yaml': 'a: 2\n' });
  at.repository.git('reset', '--quiet', '--hard', 'HEAD~1');
  at.repository.commit('other', { 'a.yaml': 'a: 3\n' });
  expect(await failureOf(at.source.fetch(at.remote, undefined, pinned, at.scope))).toMatchObject({
    kind: 'missing',
    message: expect.stringContaining('does not give out commit'),
  });

  at.repository.git(
    '--git-dir',
    at.repository.bare,
    'config',
    'uploadpack.allowAnySHA1InWant',
    'true',
  );
  await at.source.fetch(at.remote, undefined, pinned, at.scope);

  expect(await at.textOf(pinned, 'a.yaml')).toBe('a: 2\n');
});

test('follows a tag that was moved, annotated or not', async () => {
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.repository.git('tag', '--annotate', '--message=one', 'v1');
  at.repository.git('push', '--quiet', 'origin', 'v1');
  await at.source.fetch(at.remote, 'refs/tags/v1', first, at.scope);
  const second = at.repository.commit('second', { 'a.yaml': 'a: 2\n' });
  at.repository.git('tag', '--force', 'v1');
  at.repository.git('push', '--quiet', '--force', 'origin', 'v1');

  const refs = await at.source.listRefs(at.remote, ['refs/tags/v1'], at.scope);
  expect(refs.get('refs/tags/v1')).toBe(second);
  await at.source.fetch(at.remote, 'refs/tags/v1', second, at.scope);
  expect(await at.textOf(second, 'a.yaml')).toBe('a: 2\n');
});
