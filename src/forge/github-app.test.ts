import { createVerify, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { recordingServer, say } from '../../test/fakes/recording-server.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { Failure } from '../lib/failure.ts';
import { ForgePaces } from './forge-pace.ts';
import { openForge, type OpenForge } from './forge-registry.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const SHA = 'a'.repeat(40);
const STATUS = { context: 'kudo-gitops/prod', state: 'pending', description: 'deploy' } as const;
const TOKENS = '/api/v3/app/installations/42/access_tokens';
const STATUSES = `/api/v3/repos/acme/fleet/statuses/${SHA}`;

const server = recordingServer();

function open(key = privateKey, paces?: ForgePaces): OpenForge {
  return openForge(
    {
      type: 'github',
      url: `${server.origin}/acme/fleet.git`,
      credentials: { kind: 'github-app', appId: '7', installationId: '42', privateKey: key },
    },
    { timeoutMs: 600_000, paces },
  );
}

const hourly = (token: string, now: number) => ({
  status: 201,
  body: { token, expires_at: new Date(now + 3_600_000).toISOString() },
});
const paths = () => server.requests.map(({ path }) => path);

test('a token of the installation, for this repository alone, is asked for with a signed JWT', async () => {
  const scope = testScope();
  const now = scope.clock.now();
  server.answer = say(hourly('ghs_first', now), { status: 201, body: {} });
  await open().setStatus(SHA, STATUS, scope);

  expect(server.requests[0]).toEqual({
    method: 'POST',
    path: TOKENS,
    body: { repositories: ['fleet'] },
  });
  const [scheme, token = ''] = String(server.headers[0]?.['authorization']).split(' ');
  const [head = '', claims = '', signature = ''] = token.split('.');
  const json = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(scheme).toBe('Bearer');
  expect(json(head)).toEqual({ alg: 'RS256', typ: 'JWT' });
  expect(json(claims)).toEqual({ iat: now / 1_000 - 60, exp: now / 1_000 + 540, iss: '7' });
  const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`);
  expect(verify.verify(publicKey, signature, 'base64url')).toBe(true);
  expect(server.headers[1]).toMatchObject({
    authorization: 'Bearer ghs_first',
    'x-github-api-version': '2022-11-28',
  });
});

test('the token is kept, shared by calls at the same time, and renewed before its end', async () => {
  const scope = testScope();
  const now = scope.clock.now();
  const tokens = ['ghs_first', 'ghs_second'];
  server.answer = (response, nth) => {
    const isToken = server.requests[nth]?.path === TOKENS;
    const answer = isToken
      ? hourly(tokens.shift() ?? '', scope.clock.now())
      : { status: 201, body: {} };
    say(answer)(response, 0);
  };
  const forge = open();
  await Promise.all([forge.setStatus(SHA, STATUS, scope), forge.setStatus(SHA, STATUS, scope)]);
  await scope.clock.advance(54 * 60_000);
  await forge.setStatus(SHA, STATUS, scope);
  expect(paths()).toEqual([TOKENS, STATUSES, STATUSES, STATUSES]);
  await scope.clock.advance(2 * 60_000);
  await forge.setStatus(SHA, STATUS, scope);
  expect(paths().slice(4)).toEqual([TOKENS, STATUSES]);
  expect(server.headers.at(-1)?.['authorization']).toBe('Bearer ghs_second');
  expect(scope.clock.now()).toBe(now + 56 * 60_000);
});

test('a token that GitHub refuses is asked for anew by the next call', async () => {
  const scope = testScope();
  server.answer = say(
    hourly('ghs_revoked', scope.clock.now()),
    { status: 401, body: { message: 'Bad credentials ghs_revoked' } },
    hourly('ghs_renewed', scope.clock.now()),
    { status: 201, body: {} },
  );
  const forge = open();
  await expect(forge.setStatus(SHA, STATUS, scope)).rejects.toMatchObject({
    kind: 'denied',
    message: expect.not.stringContaining('ghs_revoked'),
  });
  await forge.setStatus(SHA, STATUS, scope);
  expect(server.headers.at(-1)?.['authorization']).toBe('Bearer ghs_renewed');
});

test('a token that could not be had is asked for again, also after GitHub was down for hours', async () => {
  const scope = testScope();
  const forge = open(privateKey, new ForgePaces(() => 0));
  server.answer = (response) => {
    say({ status: 503 })(response, 0);
  };
  for (let attempts = 0; attempts < 4; attempts += 1) {
    // Each attempt is a later one.
    // oxlint-disable-next-line no-await-in-loop
    await expect(forge.setStatus(SHA, STATUS, scope)).rejects.toMatchObject({
      kind: 'unreachable',
    });
    // oxlint-disable-next-line no-await-in-loop
    await scope.clock.advance(3_600_000);
  }
  server.forget();
  server.answer = say(hourly('ghs_back', scope.clock.now()), { status: 201, body: {} });
  await forge.setStatus(SHA, STATUS, scope);
  expect(paths()).toEqual([TOKENS, STATUSES]);
});

test('comments are from the App', async () => {
  server.answer = say({ body: { id: 7, slug: 'kudo-gitops' } });
  expect(await open().whoAmI(testScope())).toBe('kudo-gitops[bot]');
  expect(paths()).toEqual(['/api/v3/app']);
});

test.each([
  { why: 'granted', statuses: 'write', suspended: null, may: true },
  { why: 'for reading alone', statuses: 'read', suspended: null, may: false },
  { why: 'not asked for', statuses: undefined, suspended: null, may: false },
  { why: 'suspended', statuses: 'write', suspended: '2026-01-01T00:00:00Z', may: false },
])('whether it may write statuses is read off its installation: $why', async (given) => {
  const permissions = { contents: 'read', statuses: given.statuses };
  server.answer = say({ body: { id: 42, permissions, suspended_at: given.suspended } });
  expect(await open().statusRight?.(testScope())).toMatchObject({ may: given.may });
  expect(paths()).toEqual(['/api/v3/app/installations/42']);
});

test.each(['', 'ghp_a_token_in_the_wrong_key', publicKey])(
  'a key that is none is refused without repeating it (%#)',
  (key) => {
    const thrown = (): OpenForge => open(key);
    expect(thrown).toThrow(Failure);
    expect(thrown).toThrow('githubAppPrivateKey is not an RSA private key');
  },
);
