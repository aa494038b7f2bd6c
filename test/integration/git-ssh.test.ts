import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GitRemote, GitSource } from '../../src/source/git-source.ts';
import { DEFAULT_GIT_LIMITS } from '../../src/source/git-limits.ts';
import { createMirrorGitSource } from '../../src/source/mirror-git-source.ts';
import { createGitRepository, type GitRepository } from '../fakes/git-repository.ts';
import { failureOf, MAIN, READ } from '../fakes/git-source-fixture.ts';
import { liveScope } from '../fakes/scope.ts';
import { findSshd, startSshServer, type SshServer } from '../fakes/ssh-server.ts';

const sshd = findSshd();

describe.skipIf(sshd === undefined)('a repository behind OpenSSH', () => {
  let server: SshServer;
  let repository: GitRepository;
  let source: GitSource;
  let remote: GitRemote;
  const scope = liveScope();

  beforeAll(async () => {
    server = await startSshServer(sshd ?? '');
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    repository = createGitRepository();
    const cacheDir = join(repository.root, 'mirrors');
    const env = { PATH: process.env['PATH'] };
    source = createMirrorGitSource({ cacheDir, limits: DEFAULT_GIT_LIMITS, env });
    const { identity, knownHosts } = server;
    remote = { url: `${server.url}${repository.bare}`, identity, knownHosts };
  });
  afterEach(async () => {
    await source.close();
    repository.remove();
  });

  const textOf = async (oid: string): Promise<string | undefined> =>
    (await source.readFiles(remote, oid, ['.'], READ, scope)).files[0]?.text;

  test('is listed, cloned, and fetched in small packs that the reader understands', async () => {
    const first = repository.commit('first', { 'a.yaml': 'a: 1\n' });
    repository.git('tag', '--annotate', '--message=one', 'v1');
    repository.git('push', '--quiet', 'origin', 'v1');
    const refs = await source.listRefs(remote, [MAIN, 'refs/tags/'], scope);
    expect(Object.fromEntries(refs)).toEqual({ [MAIN]: first, 'refs/tags/v1': first });
    await source.fetch(remote, MAIN, first, scope);
    expect(await textOf(first)).toBe('a: 1\n');

    const second = repository.commit('second', { 'a.yaml': 'a: 2\n' });
    await source.fetch(remote, MAIN, second, scope);
    expect(await textOf(second)).toBe('a: 2\n');
    expect(await source.isAncestor(remote, first, second, scope)).toBe(true);
    const [mirror = ''] = readdirSync(join(repository.root, 'mirrors'));
    const packs = readdirSync(join(repository.root, 'mirrors', mirror, 'objects/pack'));
    expect(packs.filter((name) => name.endsWith('.pack'))).toHaveLength(2);
  });

  test('gives out a commit that no branch has', async () => {
    repository.commit('first', { 'a.yaml': 'a: 1\n' });
    const pinned = repository.commit('pinned', { 'a.yaml': 'a: 2\n' });
    repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    repository.commit('other', { 'a.yaml': 'a: 3\n' });
    await source.fetch(remote, undefined, pinned, scope);
    expect(await textOf(pinned)).toBe('a: 2\n');
  });

  test('keeps the Git notes of several writers that push at once', async () => {
    const ref = 'refs/notes/kudo-gitops';
    const commit = repository.commit('first', { 'a.yaml': 'a: 1\n' });
    expect((await source.readNotes(remote, ref, scope)).size).toBe(0);
    const keys = ['one', 'two', 'three'];
    const add = (key: string): Promise<void> =>
      source.addNoteLines(remote, ref, [{ commit, key, line: JSON.stringify({ key }) }], scope);
    await Promise.all(keys.map(add));
    const lines = (await source.readNotes(remote, ref, scope)).get(commit)?.trim().split('\n');
    expect(lines?.toSorted()).toEqual(keys.map((key) => JSON.stringify({ key })).toSorted());
    const shown = repository.git('fetch', '--quiet', 'origin', `${ref}:${ref}`);
    expect(shown + repository.git('notes', `--ref=${ref}`, 'show', commit)).toContain('"three"');
  });

  test('is not spoken to when its host key is another one than known_hosts says', async () => {
    repository.commit('first', {});
    await server.changeHostKey();
    const changed = await failureOf(source.listRefs(remote, [MAIN], scope));
    expect(changed).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('another host key than known_hosts'),
    });
    const other = { ...remote, knownHosts: 'git.example.org ssh-ed25519 AAAA' };
    expect(await failureOf(source.listRefs(other, [MAIN], scope))).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('a host key that known_hosts of the Secret does not have'),
    });
  });
});

describe.skipIf(sshd === undefined)('credentials for ssh', () => {
  let server: SshServer;
  let repository: GitRepository;
  let source: GitSource;
  const scope = liveScope();
  beforeAll(async () => {
    server = await startSshServer(sshd ?? '');
    repository = createGitRepository();
    const cacheDir = join(repository.root, 'mirrors');
    const env = { PATH: process.env['PATH'] };
    source = createMirrorGitSource({ cacheDir, limits: DEFAULT_GIT_LIMITS, env });
  });
  afterAll(async () => {
    await source.close();
    repository.remove();
    await server.stop();
  });
  const remote = (): GitRemote => ({
    url: `${server.url}${repository.bare}`,
    identity: server.identity,
    knownHosts: server.knownHosts,
  });

  test('that the server does not know are refused, and nothing read before is shown to them', async () => {
    const oid = repository.commit('first', { 'a.yaml': 'a: 1\n' });
    await source.fetch(remote(), MAIN, oid, scope);
    const stranger = { ...remote(), identity: server.strangerIdentity };
    expect(await failureOf(source.listRefs(stranger, [MAIN], scope))).toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('does not let these credentials in'),
    });
    expect(await failureOf(source.readCommit(stranger, oid, scope))).toMatchObject({
      kind: 'missing',
    });
  });

  test('and a repository that is not there are told apart', async () => {
    const nowhere = { ...remote(), url: `${server.url}${repository.root}/nowhere.git` };
    expect(await failureOf(source.listRefs(nowhere, [MAIN], scope))).toMatchObject({
      kind: 'missing',
    });
  });

  test.each(['identity', 'knownHosts'] as const)('without %s nothing is asked', async (key) => {
    const failure = await failureOf(
      source.listRefs({ ...remote(), [key]: undefined }, [MAIN], scope),
    );
    expect(failure).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('needs the key'),
    });
  });

  test('are in no argument that others on the machine can see, and in no error', async () => {
    const key = server.identity.split('\n')[1] ?? 'none';
    const failure = await failureOf(
      source.fetch({ ...remote(), identity: server.strangerIdentity }, MAIN, '0'.repeat(40), scope),
    );
    expect(JSON.stringify(failure)).not.toContain(key);
    const oid = repository.commit('more', { 'b.yaml': 'b: 1\n' });
    const seen: string[] = [];
    const asked = source.fetch(remote(), MAIN, oid, scope);
    const over = new AbortController();
    const watched = (async () => {
      while (!over.signal.aborted) {
        seen.push(...argumentsOfAll());
        // oxlint-disable-next-line no-await-in-loop
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await asked;
    over.abort();
    await watched;
    expect(seen.some((line) => line.startsWith('git\0') || line.includes('ls-remote'))).toBe(true);
    expect(seen.filter((line) => line.includes(key))).toEqual([]);
  });
});

/** Arguments of every process, as `ps` shows them to everyone. */
function argumentsOfAll(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8')];
      } catch {
        return [];
      }
    });
}
