import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveScope } from '../../test/fakes/scope.ts';
import { MisbehavingServer, type Fault } from '../../test/forges/misbehaving-server.ts';
import { STATUS_DIALECTS } from '../../test/forges/status-dialects.ts';
import { openForge, type OpenForge } from '../forge/forge-registry.ts';
import type { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { issueServingCertificate, type ServingCertificate } from '../lib/serving-certificate.ts';
import { FORGE_TYPES, type ForgeType } from '../model/forge-type.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import { deliverOutbox } from './deliver-outbox.ts';
import { KnownThreads } from './known-threads.ts';
import { enqueue } from './outbox.ts';

const COMMIT = 'a'.repeat(40);
const CONTEXT = 'kudo-gitops/prod/db/fleet';
const HTML = { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' };

const FAULTS: readonly (Fault & { readonly why: string; readonly kind: Failure['kind'] })[] = [
  { why: '401', status: 401, kind: 'denied' },
  { why: '403', status: 403, kind: 'denied' },
  { why: '404', status: 404, kind: 'missing' },
  { why: '409', status: 409, kind: 'conflict' },
  { why: '422', status: 422, kind: 'invalid' },
  {
    why: '429 with Retry-After',
    status: 429,
    headers: { 'retry-after': '0' },
    kind: 'unreachable',
  },
  { why: '500', status: 500, kind: 'unreachable' },
  { why: '500 after the status was kept', status: 500, isStored: true, kind: 'unreachable' },
  { why: 'no answer in time', silent: true, kind: 'timeout' },
  { why: 'no answer in time, but a status', silent: true, isStored: true, kind: 'timeout' },
  { why: 'a cut connection', cut: true, kind: 'unreachable' },
  {
    why: 'a connection cut after the status was kept',
    cut: true,
    isStored: true,
    kind: 'unreachable',
  },
  { why: 'HTML instead of JSON', ...HTML, kind: 'unreachable' },
  { why: 'HTML after the status was kept', ...HTML, isStored: true, kind: 'unreachable' },
  { why: '400 with HTML of something in between', status: 400, ...HTML, kind: 'unreachable' },
  {
    why: 'a redirect to a page to sign in',
    status: 302,
    headers: { location: 'https://login.example/' },
    kind: 'denied',
  },
];

const server = new MisbehavingServer();
let certificate: ServingCertificate;

beforeAll(async () => {
  certificate = await newCertificate();
  await server.listen(certificate);
});

afterAll(() => {
  server.close();
});

function newCertificate(): Promise<ServingCertificate> {
  const wish = { hosts: ['127.0.0.1'], validMs: 3_600_000 } as const;
  return issueServingCertificate(wish, liveScope().clock.now());
}

/** Patience ends when the server has decided to say nothing, so that no test waits. */
function impatientScope(): Scope {
  const scope = liveScope();
  const sleep: Scope['clock']['sleep'] = (_ms, signal) => server.nextSilence(signal);
  return { ...scope, clock: { now: () => scope.clock.now(), sleep } };
}

function open(type: ForgeType, ca: string): OpenForge {
  const { repository, apiPath } = STATUS_DIALECTS[type];
  const apiUrl = apiPath === undefined ? undefined : server.origin + apiPath;
  const credentials = { kind: 'token', token: 'token-of-the-forge' } as const;
  const options = { type, url: server.origin + repository, apiUrl, credentials, ca };
  return openForge(options);
}

function outboxOf(...lines: readonly string[]): readonly OutboxEntry[] {
  return lines.reduce<readonly OutboxEntry[]>((outbox, line) => {
    const [state = '', description = ''] = line.split(' ');
    const status = { context: CONTEXT, state: state as OutboxEntry['state'], description };
    return enqueue(outbox, COMMIT, status);
  }, []);
}

/** Delivers until everything is said, as the service does after its pauses; gives the failures on the way. */
async function deliver(forge: OpenForge, outbox: readonly OutboxEntry[]): Promise<Failure[]> {
  const known = new KnownThreads();
  const persist = (): Promise<void> => Promise.resolve();
  const failures: Failure[] = [];
  let left = outbox;
  for (let turn = 0; turn < 8 && left.some(({ sent }) => !sent); turn++) {
    const done = await deliverOutbox(
      left,
      { rollout: 'r1', forge, known, persist },
      impatientScope(),
    );
    left = done.outbox;
    if (done.failure) failures.push(done.failure);
  }
  expect(left.every(({ sent }) => sent)).toBe(true);
  return failures;
}

const said = (): readonly string[] => server.statuses.map(({ description }) => description);

describe.each(FORGE_TYPES)('%s', (type) => {
  let forge: OpenForge;

  beforeAll(() => {
    forge = open(type, certificate.caPem);
  });

  afterAll(() => {
    forge.close();
  });

  test.each(FAULTS)('$why when it is asked: nothing is lost or said twice', async (fault) => {
    server.reset(STATUS_DIALECTS[type]);
    server.fault = fault;
    server.faultyRequests = 2;
    await deliver(forge, outboxOf('pending one', 'failure two'));
    expect(said()).toEqual(['one', 'two']);
  });

  test.each(FAULTS)('$why when it is told: nothing is lost or said twice', async (fault) => {
    server.reset(STATUS_DIALECTS[type]);
    await deliver(forge, outboxOf('pending one'));
    server.fault = fault;
    const known = new KnownThreads();
    // Known, so that the first request is the one that tells it.
    const told = await forge.newestStatus(COMMIT, CONTEXT, impatientScope());
    known.add({ commit: COMMIT, context: CONTEXT }, told, 'r1');
    server.faultyRequests = 1;
    const rest = outboxOf('failure two', 'success three');
    const persist = (): Promise<void> => Promise.resolve();
    const first = await deliverOutbox(
      rest,
      { rollout: 'r1', forge, known, persist },
      impatientScope(),
    );
    expect(first.failure?.kind ?? 'invalid').toBe(fault.kind);
    await deliver(forge, first.outbox);
    // What the forge refuses for what it says is given up, and only that.
    const isRefused = fault.kind === 'invalid';
    expect(said()).toEqual(isRefused ? ['one', 'three'] : ['one', 'two', 'three']);
  });

  test('a wrong certificate: nothing is said to it, and everything once it is right', async () => {
    const stranger = await newCertificate();
    server.reset(STATUS_DIALECTS[type]);
    const wrong = open(type, stranger.caPem);
    const outbox = outboxOf('pending one', 'success two');
    const delivery = {
      rollout: 'r1',
      forge: wrong,
      known: new KnownThreads(),
      persist: () => Promise.resolve(),
    };
    const { failure, outbox: left } = await deliverOutbox(outbox, delivery, impatientScope());
    wrong.close();
    expect(failure?.kind).toBe('unreachable');
    expect(said()).toEqual([]);
    await deliver(forge, left);
    expect(said()).toEqual(['one', 'two']);
  });
});
