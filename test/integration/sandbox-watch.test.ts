import { describe, expect, test } from 'vitest';
import { configMap, database } from '../fakes/kube-fixtures.ts';
import { take } from '../fakes/raw-kube-client.ts';
import { sandboxRounds } from '../fakes/sandbox-rounds.ts';

const here = sandboxRounds();

describe('watches', () => {
  test('begin with what is there and go on with what happens', async () => {
    await here.kube.post(here.maps, configMap('a', { x: '1' }));
    const events = here.kube.watch(`${here.maps}?watch=true`);
    const [first] = await take(events, 1);
    await here.kube.patch(`${here.maps}/a`, { data: { x: '2' } });
    await here.kube.delete(`${here.maps}/a`);
    const seen = [first, ...(await take(events, 2))];
    expect(seen.map((event) => [event?.type, event?.object.data['x']])).toEqual([
      ['ADDED', '1'],
      ['MODIFIED', '2'],
      ['DELETED', '2'],
    ]);
    await events.return(undefined);
  });

  test('resume after a resourceVersion without losing an event', async () => {
    const { resourceVersion } = (await here.kube.get(here.maps)).body.metadata;
    await here.kube.post(here.maps, configMap('a', {}));
    await here.kube.post(here.maps, configMap('b', {}));
    const events = here.kube.watch(`${here.maps}?watch=true&resourceVersion=${resourceVersion}`);
    const seen = await take(events, 2);
    expect(seen.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
    ]);
    await events.return(undefined);
  });

  test('an object that leaves the selection is deleted for the watcher', async () => {
    await here.kube.post(here.maps, configMap('a', {}, { labels: { tier: 'web' } }));
    const events = here.kube.watch(`${here.maps}?watch=true&labelSelector=tier%3Dweb`);
    await take(events, 1);
    await here.kube.patch(`${here.maps}/a`, { metadata: { labels: { tier: 'db' } } });
    const [gone] = await take(events, 1);
    expect(gone?.type).toBe('DELETED');
    await events.return(undefined);
  });

  test('a watch from before the compaction is told that it is too old', async () => {
    const { resourceVersion } = (await here.kube.get(here.maps)).body.metadata;
    await here.kube.post(here.maps, configMap('a', {}));
    here.server.compact();
    const events = here.kube.watch(`${here.maps}?watch=true&resourceVersion=${resourceVersion}`);
    const [error] = await take(events, 2);
    expect(error?.type).toBe('ERROR');
    expect(error?.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
  });

  test('end with a bookmark when their time is over', async () => {
    const { resourceVersion } = (await here.kube.get(here.maps)).body.metadata;
    const good = here.kube.watch(
      `${here.maps}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`,
    );
    const [bookmark] = await take(good, 2);
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } });
  });

  test('that are over get no more events, however slowly their client reads', async () => {
    const path = `${here.maps}?watch=true&timeoutSeconds=1`;
    await here.kube.post(here.maps, configMap('a', {}));
    const slow = here.kube.watch(path);
    await take(slow, 1);
    for (let more = 0; more < 12; more++) {
      await here.kube.post(here.maps, configMap(`big-${String(more)}`, { x: 'x'.repeat(900_000) }));
    }
    for await (const _ of here.kube.watch(path));
    expect((await here.kube.post(here.maps, configMap('b', {}))).code).toBe(201);
    await slow.return(undefined);
  });
});

describe('deletion', () => {
  test('a finalizer keeps an object until it is taken away', async () => {
    await here.kube.post(
      here.dbs,
      database('a', { size: 1 }, { finalizers: ['example.org/hold'] }),
    );
    const held = await here.kube.delete(`${here.dbs}/a`);
    expect(held.body.metadata.deletionTimestamp).toBeDefined();
    expect((await here.kube.get(`${here.dbs}/a`)).code).toBe(200);
    await here.kube.patch(`${here.dbs}/a`, { metadata: { finalizers: null } });
    expect((await here.kube.get(`${here.dbs}/a`)).code).toBe(404);
  });

  test('only the object that was meant is deleted', async () => {
    await here.kube.post(here.maps, configMap('a', {}));
    const { code } = await here.kube.delete(`${here.maps}/a`, {
      preconditions: { uid: 'another' },
    });
    expect(code).toBe(409);
    expect((await here.kube.get(`${here.maps}/a`)).code).toBe(200);
  });

  test('what an object owns goes with it', async () => {
    const { metadata } = (await here.kube.post(here.dbs, database('a'))).body;
    const owner = { apiVersion: 'example.org/v1', kind: 'Database', name: 'a', uid: metadata.uid };
    await here.kube.post(here.maps, configMap('owned', {}, { ownerReferences: [owner] }));
    const events = here.kube.watch(`${here.maps}?watch=true`);
    await take(events, 1);
    await here.kube.delete(`${here.dbs}/a`);
    const [gone] = await take(events, 1);
    expect([gone?.type, gone?.object.metadata.name]).toEqual(['DELETED', 'owned']);
    await events.return(undefined);
  });

  test('in the foreground the owner goes last', async () => {
    const { metadata } = (await here.kube.post(here.dbs, database('a'))).body;
    const owner = {
      apiVersion: 'example.org/v1',
      kind: 'Database',
      name: 'a',
      uid: metadata.uid,
      blockOwnerDeletion: true,
    };
    const owned = { ownerReferences: [owner], finalizers: ['example.org/hold'] };
    await here.kube.post(here.maps, configMap('owned', {}, owned));
    await here.kube.delete(`${here.dbs}/a`, { propagationPolicy: 'Foreground' });
    expect((await here.kube.get(`${here.dbs}/a`)).code).toBe(200);
    const events = here.kube.watch(`${here.dbs}?watch=true`);
    await take(events, 1);
    await here.kube.patch(`${here.maps}/owned`, { metadata: { finalizers: null } });
    const [gone] = await take(events, 1);
    expect(gone?.type).toBe('DELETED');
    await events.return(undefined);
  });

  test('a namespace takes everything in it along', async () => {
    await here.kube.post(here.maps, configMap('a', {}));
    const events = here.kube.watch(
      `/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3D${here.ns}`,
    );
    await take(events, 1);
    await here.kube.delete(`/api/v1/namespaces/${here.ns}`);
    const seen = await take(events, 2);
    expect(seen.map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
    expect((await here.kube.get(`${here.maps}/a`)).code).toBe(404);
    await events.return(undefined);
  });
});
