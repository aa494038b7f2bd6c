import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import { configMap, CRDS, database, databases } from '../fakes/kube-fixtures.ts';
import { RawKubeClient, take } from '../fakes/raw-kube-client.ts';
import { liveScope } from '../fakes/scope.ts';

const scope = liveScope();
let server: SandboxApiServer;
let kube: RawKubeClient;
let round = 0;
let ns = '';

beforeAll(async () => {
  server = await startApiServer({}, scope);
  kube = new RawKubeClient(server);
  await kube.post(CRDS, databases());
});

afterAll(async () => {
  kube.close();
  await server.stop();
});

beforeEach(async () => {
  server.setFaults(undefined);
  round += 1;
  ns = `round-${round}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ns } };
  await kube.post('/api/v1/namespaces', body);
});

const dbs = (): string => `/apis/example.org/v1/namespaces/${ns}/databases`;
const maps = (): string => `/api/v1/namespaces/${ns}/configmaps`;

describe('watches', () => {
  test('begin with what is there and go on with what happens', async () => {
    await kube.post(maps(), configMap('a', { x: '1' }));
    const events = kube.watch(`${maps()}?watch=true`);
    const [first] = await take(events, 1);
    await kube.patch(`${maps()}/a`, { data: { x: '2' } });
    await kube.delete(`${maps()}/a`);
    const seen = [first, ...(await take(events, 2))];
    expect(seen.map((event) => [event?.type, event?.object.data['x']])).toEqual([
      ['ADDED', '1'],
      ['MODIFIED', '2'],
      ['DELETED', '2'],
    ]);
    await events.return(undefined);
  });

  test('resume after a resourceVersion without losing an event', async () => {
    const { resourceVersion } = (await kube.get(maps())).body.metadata;
    await kube.post(maps(), configMap('a', {}));
    await kube.post(maps(), configMap('b', {}));
    const events = kube.watch(`${maps()}?watch=true&resourceVersion=${resourceVersion}`);
    const seen = await take(events, 2);
    expect(seen.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
    ]);
    await events.return(undefined);
  });

  test('an object that leaves the selection is deleted for the watcher', async () => {
    await kube.post(maps(), configMap('a', {}, { labels: { tier: 'web' } }));
    const events = kube.watch(`${maps()}?watch=true&labelSelector=tier%3Dweb`);
    await take(events, 1);
    await kube.patch(`${maps()}/a`, { metadata: { labels: { tier: 'db' } } });
    const [gone] = await take(events, 1);
    expect(gone?.type).toBe('DELETED');
    await events.return(undefined);
  });

  test('a watch from before the compaction is told that it is too old', async () => {
    const { resourceVersion } = (await kube.get(maps())).body.metadata;
    await kube.post(maps(), configMap('a', {}));
    server.compact();
    const events = kube.watch(`${maps()}?watch=true&resourceVersion=${resourceVersion}`);
    const [error] = await take(events, 2);
    expect(error?.type).toBe('ERROR');
    expect(error?.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
  });

  test('end with a bookmark when their time is over', async () => {
    const { resourceVersion } = (await kube.get(maps())).body.metadata;
    const good = kube.watch(
      `${maps()}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`,
    );
    const [bookmark] = await take(good, 2);
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } });
  });

  test('that are over get no more events, however slowly their client reads', async () => {
    const path = `${maps()}?watch=true&timeoutSeconds=1`;
    await kube.post(maps(), configMap('a', {}));
    const slow = kube.watch(path);
    await take(slow, 1);
    for (let more = 0; more < 12; more++) {
      await kube.post(maps(), configMap(`big-${String(more)}`, { x: 'x'.repeat(900_000) }));
    }
    for await (const _ of kube.watch(path));
    expect((await kube.post(maps(), configMap('b', {}))).code).toBe(201);
    await slow.return(undefined);
  });
});

describe('deletion', () => {
  test('a finalizer keeps an object until it is taken away', async () => {
    await kube.post(dbs(), database('a', { size: 1 }, { finalizers: ['example.org/hold'] }));
    const held = await kube.delete(`${dbs()}/a`);
    expect(held.body.metadata.deletionTimestamp).toBeDefined();
    expect((await kube.get(`${dbs()}/a`)).code).toBe(200);
    await kube.patch(`${dbs()}/a`, { metadata: { finalizers: null } });
    expect((await kube.get(`${dbs()}/a`)).code).toBe(404);
  });

  test('only the object that was meant is deleted', async () => {
    await kube.post(maps(), configMap('a', {}));
    const { code } = await kube.delete(`${maps()}/a`, { preconditions: { uid: 'another' } });
    expect(code).toBe(409);
    expect((await kube.get(`${maps()}/a`)).code).toBe(200);
  });

  test('what an object owns goes with it', async () => {
    const { metadata } = (await kube.post(dbs(), database('a'))).body;
    const owner = { apiVersion: 'example.org/v1', kind: 'Database', name: 'a', uid: metadata.uid };
    await kube.post(maps(), configMap('owned', {}, { ownerReferences: [owner] }));
    const events = kube.watch(`${maps()}?watch=true`);
    await take(events, 1);
    await kube.delete(`${dbs()}/a`);
    const [gone] = await take(events, 1);
    expect([gone?.type, gone?.object.metadata.name]).toEqual(['DELETED', 'owned']);
    await events.return(undefined);
  });

  test('in the foreground the owner goes last', async () => {
    const { metadata } = (await kube.post(dbs(), database('a'))).body;
    const owner = {
      apiVersion: 'example.org/v1',
      kind: 'Database',
      name: 'a',
      uid: metadata.uid,
      blockOwnerDeletion: true,
    };
    const owned = { ownerReferences: [owner], finalizers: ['example.org/hold'] };
    await kube.post(maps(), configMap('owned', {}, owned));
    await kube.delete(`${dbs()}/a`, { propagationPolicy: 'Foreground' });
    expect((await kube.get(`${dbs()}/a`)).code).toBe(200);
    const events = kube.watch(`${dbs()}?watch=true`);
    await take(events, 1);
    await kube.patch(`${maps()}/owned`, { metadata: { finalizers: null } });
    const [gone] = await take(events, 1);
    expect(gone?.type).toBe('DELETED');
    await events.return(undefined);
  });

  test('a namespace takes everything in it along', async () => {
    await kube.post(maps(), configMap('a', {}));
    const events = kube.watch(`/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3D${ns}`);
    await take(events, 1);
    await kube.delete(`/api/v1/namespaces/${ns}`);
    const seen = await take(events, 2);
    expect(seen.map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
    expect((await kube.get(`${maps()}/a`)).code).toBe(404);
    await events.return(undefined);
  });
});
