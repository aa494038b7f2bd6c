import { expect, test } from 'vitest';
import { recordingServer, say, type CannedAnswer } from '../../test/fakes/recording-server.ts';
import { liveScope, testScope } from '../../test/fakes/scope.ts';
import type { Failure } from '../lib/failure.ts';
import { openForge, type OpenForge } from './forge-registry.ts';

const TOKEN = 's3cr3t-token-of-the-forge';
const credentials = { kind: 'token', token: TOKEN } as const;
const SHA = 'a'.repeat(40);
const PATH = '/api/v1/repos/acme/fleet';
const STATUS = { context: 'kudo-gitops/prod', state: 'pending', description: 'deploy' } as const;

const server = recordingServer();

function open(timeoutMs = 60_000): OpenForge {
  const url = `${server.origin}/acme/fleet.git`;
  return openForge({ type: 'gitea', url, credentials }, { timeoutMs });
}

test('the proxy of the Sync passes calls on, and goes before that of the environment', async () => {
  const proxy = { url: server.origin, username: 'ann', password: 'hunter2' };
  server.answer = say({ body: { login: 'a' } });
  const url = 'http://git.example.org/acme/fleet.git';
  const env = { http_proxy: 'http://127.0.0.1:9' };
  const forge = openForge({ type: 'gitea', url, credentials, proxy }, { env });
  expect(await forge.whoAmI(liveScope())).toBe('a');
  forge.close();
  expect(server.requests).toEqual([{ method: 'GET', path: 'http://git.example.org/api/v1/user' }]);
  expect(server.headers[0]).toMatchObject({
    host: 'git.example.org',
    authorization: `token ${TOKEN}`,
    'proxy-authorization': `Basic ${Buffer.from('ann:hunter2').toString('base64')}`,
  });
});

test('a host that the environment exempts is spoken to without a proxy', async () => {
  server.answer = say({ body: { login: 'a' } });
  const url = `${server.origin}/acme/fleet.git`;
  const env = { http_proxy: 'http://127.0.0.1:9', no_proxy: '127.0.0.1' };
  const forge = openForge({ type: 'gitea', url, credentials }, { env });
  expect(await forge.whoAmI(liveScope())).toBe('a');
  forge.close();
});

test('connections are kept from one call to the next', async () => {
  const ports = new Set<number | undefined>();
  server.answer = (response) => {
    ports.add(response.socket?.remotePort);
    say({ body: { login: 'a' } })(response, 0);
  };
  const forge = open();
  await forge.whoAmI(liveScope());
  await forge.whoAmI(liveScope());
  forge.close();
  expect(ports.size).toBe(1);
});

const FAULTS: readonly {
  readonly why: string;
  readonly answer: CannedAnswer;
  readonly expected: Partial<Failure> & { message?: unknown };
}[] = [
  { why: '401 needs a person', answer: { status: 401 }, expected: { kind: 'denied' } },
  { why: '403 needs a person', answer: { status: 403 }, expected: { kind: 'denied' } },
  {
    why: '403 with a time to come back is a rate limit',
    answer: { status: 403, headers: { 'retry-after': '7' } },
    expected: { kind: 'unreachable', retryAfterMs: 7_000 },
  },
  { why: '404 is missing', answer: { status: 404 }, expected: { kind: 'missing' } },
  { why: '409 is worth another try', answer: { status: 409 }, expected: { kind: 'conflict' } },
  {
    why: '422 tells what the forge said, on one line and without the token it repeats',
    answer: { status: 422, body: { message: `bad\ncontext for token ${TOKEN}` } },
    expected: {
      kind: 'invalid',
      message: expect.stringMatching(/statuses\/a{40}: answered 422 bad context for \[redacted\]$/),
    },
  },
  {
    why: '429 says when in seconds',
    answer: { status: 429, headers: { 'retry-after': '120' } },
    expected: { kind: 'unreachable', retryAfterMs: 120_000 },
  },
  {
    why: '429 says when as a date',
    answer: { status: 429, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' } },
    expected: { kind: 'unreachable', retryAfterMs: 30_000 },
  },
  {
    why: 'an exhausted rate limit says when it is reset',
    answer: {
      status: 429,
      headers: {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Date.parse('2026-01-01T00:01:00Z') / 1_000),
      },
    },
    expected: { kind: 'unreachable', retryAfterMs: 60_000 },
  },
  {
    why: 'nobody makes us wait over an hour',
    answer: { status: 503, headers: { 'retry-after': '99999999' } },
    expected: { kind: 'unreachable', retryAfterMs: 3_600_000 },
  },
  {
    why: '500 is retried',
    answer: { status: 500, body: { message: '', url: '/api/swagger' } },
    expected: { kind: 'unreachable', retryAfterMs: undefined },
  },
  {
    why: 'a login page with status 200 is no answer',
    answer: { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
    expected: {
      kind: 'unreachable',
      message: expect.stringContaining('answered text/html instead of JSON'),
    },
  },
  {
    why: 'a redirect to another host is refused',
    answer: { status: 307, headers: { location: 'http://elsewhere.example.org/' } },
    expected: {
      kind: 'denied',
      message: expect.stringContaining('http://elsewhere.example.org,'),
    },
  },
  {
    why: 'a redirect that would turn a write into a read is refused',
    answer: { status: 302, headers: { location: '/login' } },
    expected: { kind: 'denied' },
  },
  {
    why: 'a huge answer is not read to its end',
    answer: { body: ' '.repeat(17 * 1024 * 1024) },
    expected: {
      kind: 'unreachable',
      message: expect.stringContaining('longer than 16777216 bytes'),
    },
  },
];

test.each(FAULTS)('$why', async ({ answer: given, expected }) => {
  server.answer = say(given);
  const failure = await failureOf(open().setStatus(SHA, STATUS, testScope()));
  expect(failure).toMatchObject(expected);
  expect(server.requests).toHaveLength(1);
});

test.each([301, 307, 308])(
  'a repository that moved within the forge is followed by a write, body and all (%i)',
  async (status) => {
    server.answer = say({ status, headers: { location: '/moved' } }, { status: 201, body: {} });
    await open().setStatus(SHA, STATUS, liveScope());
    const [first, second] = server.requests;
    expect(first?.path).toBe(`${PATH}/statuses/${SHA}`);
    expect(second).toEqual({ ...first, path: '/moved' });
  },
);

test('redirects in a circle end', async () => {
  server.answer = (response) => {
    response.writeHead(307, { location: '/again' }).end();
  };
  const failure = await failureOf(open().whoAmI(liveScope()));
  expect(failure).toMatchObject({ kind: 'denied' });
  expect(server.requests).toHaveLength(4);
});

test('an answer of another shape names the field', async () => {
  server.answer = say({ body: { name: 'x' } });
  const failure = await failureOf(open().whoAmI(liveScope()));
  expect(failure.kind).toBe('invalid');
  expect(failure.message).toContain(
    'GET ' + server.origin + '/api/v1/user: unexpected answer: login:',
  );
});

test('a connection cut within the answer is retried later', async () => {
  server.answer = (response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"login":');
    response.socket?.destroySoon();
  };
  expect(await failureOf(open().whoAmI(liveScope()))).toMatchObject({ kind: 'unreachable' });
});

test('a closed port is unreachable', async () => {
  const forge = openForge({ type: 'gitea', url: 'http://127.0.0.1:9/acme/fleet', credentials });
  expect(await failureOf(forge.whoAmI(liveScope()))).toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('a forge that never answers times out', async () => {
  const scope = testScope();
  server.answer = () => void scope.clock.advance(20_000);
  const failure = await failureOf(open(20_000).whoAmI(scope));
  expect(failure).toMatchObject({
    kind: 'timeout',
    message: expect.stringContaining('no answer within 20 s'),
  });
});

test('stopping is not a failure', async () => {
  const scope = liveScope();
  server.answer = () => {
    scope.stop();
  };
  const thrown = await open()
    .whoAmI(scope)
    .catch((reason: unknown) => reason);
  expect(thrown).toBe(scope.signal.reason);
});
async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => expect.unreachable('it should have failed'),
    (thrown: unknown) => thrown as Failure,
  );
  expect(failure.name).toBe('Failure');
  expect(`${failure.message} ${failure.hint} ${JSON.stringify(failure.cause)}`).not.toContain(
    TOKEN,
  );
  return failure;
}
