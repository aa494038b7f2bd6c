import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { issueServingCertificate } from '../../src/lib/serving-certificate.ts';
import { DEFAULT_GIT_LIMITS } from '../../src/source/git-limits.ts';
import type { GitSource } from '../../src/source/git-source.ts';
import { createMirrorGitSource, type MirrorOptions } from '../../src/source/mirror-git-source.ts';
import { startConnectProxy } from '../fakes/connect-proxy.ts';
import { startGitHttpServer } from '../fakes/git-http.ts';
import { failureOf, MAIN, READ, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();
const opened: GitSource[] = [];
const env = { PATH: process.env['PATH'] };

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

/** A source of its own beside the fixture's, which has no git at hand. */
function open(
  options: Omit<Partial<MirrorOptions>, 'limits'>,
  maxBuiltinObjects = 20_000,
): GitSource {
  const cacheDir = join(at.repository.root, 'native');
  const limits = { ...DEFAULT_GIT_LIMITS, maxBuiltinObjects };
  const source = createMirrorGitSource({ cacheDir, limits, env, ...options });
  opened.push(source);
  return source;
}

const certificate = () =>
  issueServingCertificate({ hosts: ['127.0.0.1'], validMs: 60_000 }, Date.now());

/** Only git itself fetches with protocol version 2. */
const nativeFetches = (): number =>
  at.server.requests.filter(({ body }) => body.includes('command=fetch')).length;

async function firstText(source: GitSource, oid: string): Promise<string | undefined> {
  const { files } = await source.readFiles(at.remote, oid, ['a.yaml'], READ, at.scope);
  return files[0]?.text;
}

test('a large history is left to git as soon as the server says how many objects come', async () => {
  const source = open({}, 5);
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await source.fetch(at.remote, MAIN, first, at.scope);
  expect(nativeFetches()).toBe(0);

  const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`b${n}.yaml`, `b: ${n}\n`]));
  const second = at.repository.commit('second', { 'a.yaml': 'a: 2\n', ...many });
  await source.fetch(at.remote, MAIN, second, at.scope);
  expect(nativeFetches()).toBeGreaterThan(0);
  expect(await firstText(source, second)).toBe('a: 2\n');
});

test('without git the same history is read by isomorphic-git', async () => {
  const source = open({ native: 'never' }, 1);
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await source.fetch(at.remote, MAIN, oid, at.scope);
  expect(nativeFetches()).toBe(0);
  expect(await firstText(source, oid)).toBe('a: 1\n');
});

test('a commit that the old protocol does not give out is fetched with the new one', async () => {
  const source = open({});
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const pinned = at.repository.commit('pinned', { 'a.yaml': 'a: 2\n' });
  at.repository.git('reset', '--quiet', '--hard', 'HEAD~1');
  at.repository.commit('other', { 'a.yaml': 'a: 3\n' });
  await source.fetch(at.remote, undefined, pinned, at.scope);
  expect(await firstText(source, pinned)).toBe('a: 2\n');
});

test('a pack larger than allowed is never written whole', async () => {
  const source = open({ native: 'always' });
  const noise = Buffer.from(
    Array.from({ length: 200_000 }, (_, n) => (n * n * 31 + (n >> 3)) % 251),
  );
  const oid = at.repository.commit('large', { 'noise.bin': noise });
  const limits = { ...DEFAULT_GIT_LIMITS, maxPackBytes: 512 };
  const bounded = createMirrorGitSource({
    cacheDir: join(at.repository.root, 'bounded'),
    limits,
    env,
    native: 'always',
  });
  opened.push(bounded);
  const large = await failureOf(bounded.fetch(at.remote, MAIN, oid, at.scope));
  expect(large).toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('too large'),
  });
  await source.fetch(at.remote, MAIN, oid, at.scope);
});

describe('git over https', () => {
  test('trusts the CA of the Secret, sends its token, and leaves neither behind', async () => {
    const { certPem, keyPem, caPem } = await certificate();
    const its = await startGitHttpServer(at.repository.root, { certPem, keyPem });
    its.credentials = 'bot:s3cr3t';
    at.remote = { url: `${its.url}/fleet.git`, username: 'bot', password: 's3cr3t' };
    const source = open({ native: 'always' });
    const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });

    const untrusted = await failureOf(source.listRefs(at.remote, [MAIN], at.scope));
    expect(untrusted).toMatchObject({ kind: 'unreachable' });
    at.remote = { ...at.remote, ca: caPem };
    await source.fetch(at.remote, MAIN, oid, at.scope);
    expect(await firstText(source, oid)).toBe('a: 1\n');

    const wrong = { ...at.remote, password: 'gu3ss3d' };
    const refused = await failureOf(source.listRefs(wrong, [MAIN], at.scope));
    expect(refused).toMatchObject({ kind: 'denied' });
    expect(String(refused)).not.toContain('gu3ss3d');
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith('kudo-gitops-git-'));
    expect(left.filter((name) => existsSync(join(tmpdir(), name, 'ca.crt')))).toEqual([]);
    await its.close();
  });

  test.each(['never', 'always'] as const)('goes through a proxy (native %s)', async (native) => {
    const { certPem, keyPem, caPem } = await certificate();
    const its = await startGitHttpServer(at.repository.root, { certPem, keyPem });
    const proxy = await startConnectProxy('me:pa55');
    const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
    at.remote = { url: `${its.url}/fleet.git`, ca: caPem };
    const url = proxy.url.replace('//', '//me:pa55@');
    const source = open({ native, env: { ...env, https_proxy: url } });
    await source.fetch(at.remote, MAIN, oid, at.scope);
    expect(await firstText(source, oid)).toBe('a: 1\n');
    expect(proxy.asked[0]).toBe(`CONNECT ${its.url.replace('https://', '')}`);

    const own = { ...at.remote, proxy: { url: proxy.url, username: 'me', password: 'wr0ng' } };
    const refused = await failureOf(source.listRefs(own, [MAIN], at.scope));
    expect(refused).toMatchObject({ kind: 'denied' });
    expect(String(refused)).not.toContain('wr0ng');
    await its.close();
    await proxy.close();
  });
});

test('plain http is asked of the proxy, unless no_proxy says otherwise', async () => {
  const proxy = await startConnectProxy('me:pa55');
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const http_proxy = proxy.url.replace('//', '//me:pa55@');
  await open({ native: 'never', env: { http_proxy } }).fetch(at.remote, MAIN, oid, at.scope);
  expect(proxy.asked[0]).toMatch(/^GET http:.*info\/refs/);
  // Only the proxy is asked where that is.
  const elsewhere = { url: 'http://git.invalid/fleet.git' };
  await failureOf(
    open({ native: 'never', env: { http_proxy } }).listRefs(elsewhere, [MAIN], at.scope),
  );
  expect(proxy.asked.at(-1)).toMatch(/^GET http:\/\/git\.invalid\/fleet\.git\/info\/refs/);
  const before = proxy.asked.length;
  const exempt = open({ native: 'never', env: { http_proxy, no_proxy: '127.0.0.1' } });
  await exempt.listRefs(at.remote, [MAIN], at.scope);
  expect(proxy.asked).toHaveLength(before);
  await proxy.close();
});

test.each([
  'file:///etc',
  '/srv/git/fleet.git',
  './fleet.git',
  'ext::sh -c touch% /tmp/pwned',
  '--upload-pack=touch /tmp/pwned',
  'ssh://-oProxyCommand=touch/x',
  'ssh://git@-oProxyCommand=touch/x',
  'ssh://-l@git.example.org/x',
  'ssh://git@git.example.org/-x',
  "ssh://git@git.example.org/x'$(id)",
  'git://git.example.org/x',
  'https://token@git.example.org/x',
  'git@git.example.org:team/fleet.git',
])('%s is not an address', async (url) => {
  const source = open({ native: 'always' });
  expect(await failureOf(source.listRefs({ url }, [MAIN], at.scope))).toMatchObject({
    kind: 'invalid',
  });
});

test.each([
  '--upload-pack=touch',
  'refs/heads/a b',
  'main',
  'refs/heads/../x',
  '+refs/heads/x:refs/y',
])('%s is not a ref', async (ref) => {
  const source = open({ native: 'always' });
  const oid = '0'.repeat(40);
  expect(await failureOf(source.fetch(at.remote, ref, oid, at.scope))).toMatchObject({
    kind: 'invalid',
  });
});
