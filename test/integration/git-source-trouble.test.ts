import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { GitLimits } from '../../src/source/git-limits.ts';
import { issueServingCertificate } from '../../src/lib/serving-certificate.ts';
import { startGitHttpServer } from '../fakes/git-http.ts';
import { createGitRepository } from '../fakes/git-repository.ts';
import { failureOf, MAIN, useGitSource } from '../fakes/git-source-fixture.ts';

const at = useGitSource();

test('an empty repository has no refs, and no commit', async () => {
  expect(await at.source.listRefs(at.remote, ['refs/'], at.scope)).toEqual(new Map());
  const failure = await failureOf(at.source.fetch(at.remote, MAIN, 'a'.repeat(40), at.scope));
  expect(failure).toMatchObject({ kind: 'missing' });
});

test('an unknown branch is missing', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const failure = await failureOf(
    at.source.fetch(at.remote, 'refs/heads/x', 'a'.repeat(40), at.scope),
  );
  expect(failure).toMatchObject({ kind: 'missing' });
});

test.each([
  { credentials: 'bot:s3cret', with: { username: 'bot', password: 's3cret' } },
  { credentials: 'Bearer t0ken', with: { bearerToken: 't0ken' } },
])('uses the credentials $credentials', async ({ credentials, with: given }) => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.server.credentials = credentials;
  at.remote = { ...at.remote, ...given };
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await at.textOf(oid, 'a.yaml')).toBe('a: 1\n');
});

test('a wrong token is denied and appears in no message or log', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.server.credentials = 'bot:s3cret';
  const wrong = { ...at.remote, username: 'bot', password: 'wr0ng' };
  const failure = await failureOf(at.source.listRefs(wrong, ['refs/'], at.scope));
  expect(failure).toMatchObject({
    kind: 'denied',
    hint: expect.stringContaining('token') as string,
  });
  expect(JSON.stringify([failure, String(failure), at.scope.lines])).not.toContain('wr0ng');
});

test('what one token fetched cannot be read with another', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.server.credentials = 'bot:s3cret';
  const good = { ...at.remote, username: 'bot', password: 's3cret' };
  await at.source.fetch(good, MAIN, oid, at.scope);

  const bad = { ...at.remote, username: 'eve', password: 'guess' };
  expect(await failureOf(at.source.readCommit(bad, oid, at.scope))).toMatchObject({
    kind: 'missing',
  });
  expect(await failureOf(at.source.fetch(bad, MAIN, oid, at.scope))).toMatchObject({
    kind: 'denied',
  });
  expect(await failureOf(at.source.readCommit(bad, oid, at.scope))).toMatchObject({
    kind: 'missing',
  });
});

test.each([
  { why: 'a server error', fault: { status: 500 }, kind: 'unreachable' },
  { why: 'too many requests', fault: { status: 429 }, kind: 'unreachable' },
  { why: 'a repository that is not there', fault: { status: 404 }, kind: 'missing' },
  { why: 'a proxy that says no', fault: { status: 403 }, kind: 'denied' },
  { why: 'a page instead of a repository', fault: { status: 418 }, kind: 'invalid' },
  { why: 'a cut connection', fault: { cutAfterBytes: 30 }, kind: 'unreachable' },
])('$why is reported as $kind and the next try succeeds', async ({ fault, kind }) => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  for (const on of ['info/refs', 'git-upload-pack']) {
    at.server.fault = { on, ...fault };
    const failure = await failureOf(at.source.fetch(at.remote, MAIN, oid, at.scope));
    expect(failure).toMatchObject({ name: 'Failure', kind });
  }
  at.server.fault = undefined;
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await at.textOf(oid, 'a.yaml')).toBe('a: 1\n');
});

test('a later fetch that is cut in the middle of its pack leaves the mirror as it was', async () => {
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.source.fetch(at.remote, MAIN, first, at.scope);
  const second = at.repository.commit('second', { 'b.yaml': `${Math.random()}`.repeat(5_000) });
  at.server.fault = { on: '/git-upload-pack', cutAfterBytes: 200 };
  expect(await failureOf(at.source.fetch(at.remote, MAIN, second, at.scope))).toMatchObject({
    kind: 'unreachable',
  });
  expect(await at.textOf(first, 'a.yaml')).toBe('a: 1\n');
  at.server.fault = undefined;
  await at.source.fetch(at.remote, MAIN, second, at.scope);
  expect(await at.textOf(second, 'a.yaml')).toBe('a: 1\n');
});

test('never follows a redirect to another host, and sends no token there', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const other = await startGitHttpServer(at.repository.root);
  const location = `${other.url}/fleet.git/info/refs?service=git-upload-pack`;
  at.server.fault = { on: 'info/refs', status: 302, headers: { location } };
  const withToken = { ...at.remote, username: 'bot', password: 's3cret' };

  const failure = await failureOf(at.source.fetch(withToken, MAIN, oid, at.scope));

  expect(failure).toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining(other.url) as string,
  });
  expect(other.requests).toEqual([]);
  await other.close();
});

test('tells nothing of what a host answers that is no Git server, nor asks it for anything else', async () => {
  const asked: string[] = [];
  const status = { code: 200 };
  const host = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status.code, { 'content-type': 'text/plain' }).end('a key that only it has');
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/latest/meta-data`;
  for (const code of [200, 401, 404, 500]) {
    status.code = code;
    // oxlint-disable-next-line no-await-in-loop
    const failure = await failureOf(at.source.listRefs({ url }, [MAIN], at.scope));
    expect(failure).toMatchObject({ name: 'Failure' });
    expect(inspect(failure, { depth: 9 })).not.toContain('a key that');
  }
  const refs = '/latest/meta-data/info/refs?service=git-upload-pack';
  expect(new Set(asked)).toEqual(new Set([refs]));
  host.close();
});

test('follows a redirect of a renamed repository on the same host', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const location = '/fleet.git/info/refs?service=git-upload-pack';
  at.server.fault = { on: '/old.git/info/refs', status: 301, headers: { location } };
  at.remote = { url: `${at.server.url}/old.git` };
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await at.textOf(oid, 'a.yaml')).toBe('a: 1\n');
});

test('gives up on a server that says nothing', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.restart({ idleTimeoutMs: 150 });
  at.server.fault = { on: 'info/refs', silent: true };
  const failure = await failureOf(at.source.listRefs(at.remote, ['refs/'], at.scope));
  expect(failure).toMatchObject({ kind: 'timeout' });
});

test('stops at once when its caller stops', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  at.server.fault = { on: 'info/refs', silent: true };
  const listing = failureOf(at.source.listRefs(at.remote, ['refs/'], at.scope));
  at.scope.stop();
  expect(await listing).toMatchObject({ name: 'AbortError' });
});

test('refuses a history, an object and a list of refs larger than allowed', async () => {
  const oid = at.repository.commit('zeros', { 'zeros.bin': Buffer.alloc(3_000_000) });
  const limited: Partial<GitLimits>[] = [
    { maxObjectBytes: 1_000_000 },
    { maxInflatedBytes: 1_000_000 },
    { maxPackObjects: 1 },
    { maxRefsBytes: 20 },
  ];
  for (const limits of limited) {
    await at.restart(limits);
    const failure = await failureOf(at.source.fetch(at.remote, MAIN, oid, at.scope));
    expect(failure).toMatchObject({ name: 'Failure', kind: 'invalid' });
  }
});

test('refuses a SHA-256 repository and says so', async () => {
  const other = createGitRepository('sha256', ['--object-format=sha256']);
  other.commit('first', { 'a.yaml': 'a: 1\n' });
  const its = await startGitHttpServer(other.root);
  const failure = await failureOf(
    at.source.listRefs({ url: `${its.url}/sha256.git` }, ['refs/'], at.scope),
  );
  expect(failure).toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('SHA-256') as string,
  });
  await its.close();
  other.remove();
});

test.each(['ssh://git:pass@example.org/x', 'https://user:pass@example.org/x', 'not a url'])(
  'refuses the address %s without repeating a password',
  async (url) => {
    const failure = await failureOf(at.source.listRefs({ url }, ['refs/'], at.scope));
    expect(failure).toMatchObject({ kind: 'invalid' });
    expect(String(failure)).not.toContain('pass@');
  },
);

test('reads over https with the certificate authority of the Secret, and says when it lacks', async () => {
  const oid = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  const wish = { hosts: ['127.0.0.1'], validMs: 60_000 } as const;
  const certificate = await issueServingCertificate(wish, Date.now());
  const its = await startGitHttpServer(at.repository.root, certificate);
  at.remote = { url: `${its.url}/fleet.git` };
  expect(await failureOf(at.source.fetch(at.remote, MAIN, oid, at.scope))).toMatchObject({
    kind: 'unreachable',
    hint: expect.stringContaining('ca.crt') as string,
  });
  at.remote = { ...at.remote, ca: certificate.caPem };
  await at.source.fetch(at.remote, MAIN, oid, at.scope);
  expect(await at.textOf(oid, 'a.yaml')).toBe('a: 1\n');
  await its.close();
});

test('a connection that the server closed in the meantime is no trouble', async () => {
  const first = at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.source.fetch(at.remote, MAIN, first, at.scope);
  at.server.dropConnections();
  expect(await at.source.listRefs(at.remote, [MAIN], at.scope)).toHaveProperty('size', 1);
});

test('gives up when one operation takes longer than it may', async () => {
  at.repository.commit('first', { 'a.yaml': 'a: 1\n' });
  await at.restart({ timeoutMs: 150 });
  at.server.fault = { on: 'info/refs', silent: true };
  const failure = await failureOf(at.source.listRefs(at.remote, ['refs/'], at.scope));
  expect(failure).toMatchObject({ name: 'Failure', kind: 'timeout' });
});
