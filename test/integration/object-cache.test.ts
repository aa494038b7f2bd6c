import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKubeClient, type KubeClientOptions } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { ObjectCache, type ObjectCacheOptions } from '../../src/cluster/object-cache.ts';
import { CONFIG_MAPS } from '../../src/cluster/resources.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { answerStatus, FakeApiServer, firstTimes } from '../fakes/fake-api-server.ts';
import { liveScope } from '../fakes/scope.ts';

let server: FakeApiServer;
let folder: string;
let scope: ReturnType<typeof liveScope>;
let changes: string[];

beforeEach(async () => {
  server = new FakeApiServer();
  await server.start();
  scope = liveScope();
  changes = [];
  folder = await mkdtemp(path.join(tmpdir(), 'object-cache-'));
});

afterEach(async () => {
  scope.stop();
  await server.stop();
  await rm(folder, { recursive: true });
});

const configMap = (name: string, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns', ...extra },
});

async function startCache(
  options: { client?: Partial<KubeClientOptions>; cache?: ObjectCacheOptions<KubeObject> } = {},
): Promise<ObjectCache<KubeObject>> {
  const file = path.join(folder, 'config');
  await writeFile(file, server.kubeconfig());
  const access = await loadKubeConfig({ kubeconfig: file, env: {} });
  const client = createKubeClient(access, { userAgent: 'test', ...options.client });
  const cache = new ObjectCache<KubeObject>({ client, path: CONFIG_MAPS }, options.cache);
  cache.onChange((key, object) => changes.push(`${object ? 'set' : 'gone'} ${key}`));
  cache.start(scope);
  return cache;
}

const names = (cache: ObjectCache<KubeObject>): string[] =>
  cache
    .list()
    .map(({ metadata }) => metadata.name)
    .toSorted();

const eventually = async (check: () => void): Promise<void> => {
  await vi.waitFor(check, { timeout: 10_000, interval: 10 });
};

test('holds what a list in several pages and then the watch say', async () => {
  for (let nth = 0; nth < 1_201; nth++) server.put(configMap(`map-${nth}`));
  const cache = await startCache();
  await cache.synced;
  expect(cache.size).toBe(1_201);
  expect(server.count('list')).toBe(3);

  server.put(configMap('late'));
  server.remove('ns/map-0');
  await eventually(() => {
    expect([cache.get('ns/late')?.kind, cache.get('ns/map-0')]).toEqual(['ConfigMap', undefined]);
  });
  expect(changes.slice(-2)).toEqual(['set ns/late', 'gone ns/map-0']);
});

test('goes on where it was when the server ends the watch', async () => {
  server.put(configMap('a'));
  const cache = await startCache();
  await cache.synced;
  await eventually(() => {
    expect(server.count('watch')).toBe(1);
  });
  const last = server.put(configMap('b'));
  await eventually(() => {
    expect(cache.resourceVersion).toBe(last.metadata.resourceVersion);
  });

  server.endWatches();
  server.put(configMap('c'));
  await eventually(() => {
    expect(names(cache)).toEqual(['a', 'b', 'c']);
  });
  expect(server.count('list')).toBe(1);
  expect(server.requests.at(-1)?.query.get('resourceVersion')).toBe(last.metadata.resourceVersion);
  expect(cache.health.lastError).toBeUndefined();
});

test('asks for bookmarks and for watches of five to ten minutes, and resumes from a bookmark', async () => {
  const cache = await startCache();
  await cache.synced;
  await eventually(() => {
    expect(server.count('watch')).toBe(1);
  });
  const { query } = server.requests.at(-1) ?? { query: new URLSearchParams() };
  expect(query.get('allowWatchBookmarks')).toBe('true');
  expect(Number(query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
  expect(Number(query.get('timeoutSeconds'))).toBeLessThan(600);

  server.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '777' } } });
  server.endWatches();
  await eventually(() => {
    expect(server.requests.at(-1)?.query.get('resourceVersion')).toBe('777');
  });
  expect(changes).toEqual([]);
});

test.each([
  { how: 'an answer', fault: (): void => undefined },
  {
    how: 'an event in the stream',
    fault: (): void => {
      server.faults.push(
        firstTimes(
          1,
          ({ query }) => query.has('watch'),
          (response) => {
            const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
            response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
          },
        ),
      );
    },
  },
])('lists again after 410 in $how and reports what vanished meanwhile', async ({ fault }) => {
  server.put(configMap('stays'));
  server.put(configMap('goes'));
  const cache = await startCache();
  await cache.synced;
  await eventually(() => {
    expect(server.count('watch')).toBe(1);
  });

  server.faults.push(
    firstTimes(
      1,
      ({ query }) => query.has('watch'),
      (response) => {
        server.remove('ns/goes');
        server.compact();
        answerStatus(response, 500, 'InternalError');
      },
    ),
  );
  fault();
  server.endWatches();

  await eventually(() => {
    expect(names(cache)).toEqual(['stays']);
  });
  expect(server.count('list')).toBe(2);
  expect(changes).toEqual(['set ns/stays', 'set ns/goes', 'gone ns/goes']);
});

test('does not storm a server that answers every watch with 410', async () => {
  server.faults.push(({ query }, response) => {
    if (!query.has('watch')) return false;
    answerStatus(response, 410, 'Expired');
    return true;
  });
  const cache = await startCache();
  await cache.synced;
  await scope.clock.sleep(2_000, scope.signal);
  expect(server.count('watch')).toBeGreaterThanOrEqual(2);
  expect(server.requests.length).toBeLessThan(15);
});

test('survives a failing list, 500 on watch and reset connections, and says so meanwhile', async () => {
  server.put(configMap('a'));
  server.faults.push(
    firstTimes(
      2,
      ({ query }) => !query.has('watch'),
      (response) => {
        answerStatus(response, 500, 'InternalError');
      },
    ),
  );
  const cache = await startCache();
  await eventually(() => {
    expect(cache.health.lastError?.message).toBe('the fake server says InternalError');
  });
  expect(cache.health.connectedSince).toBeUndefined();
  await cache.synced;
  expect(cache.health).toMatchObject({ lastError: undefined });
  expect(cache.health.connectedSince).toBeTypeOf('number');

  let failing = true;
  server.faults.push(({ query }, response) => {
    if (!failing || !query.has('watch')) return false;
    answerStatus(response, 500, 'InternalError');
    return true;
  });
  server.resetConnections();
  await eventually(() => {
    expect(server.count('watch')).toBeGreaterThan(2);
  });
  expect(cache.health.connectedSince).toBeUndefined();
  failing = false;
  server.put(configMap('b'));
  await eventually(() => {
    expect(names(cache)).toEqual(['a', 'b']);
  });
  await eventually(() => {
    expect(cache.health.connectedSince).toBeTypeOf('number');
  });
});

test('notices a connection over which nothing comes any more', async () => {
  const cache = await startCache({ client: { watchSilenceMs: 300 } });
  await cache.synced;
  await eventually(() => {
    expect(server.count('watch')).toBe(1);
  });
  server.muteWatches();
  server.put(configMap('unseen'));
  await eventually(() => {
    expect(names(cache)).toEqual(['unseen']);
  });
  expect(scope.lines.join('')).toContain('nothing came over GET /api/v1/configmaps');
});
