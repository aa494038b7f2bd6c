import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKubeClient, type KubeClientOptions } from '../../src/cluster/http-kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { ObjectCache, type ObjectCacheOptions } from '../../src/cluster/object-cache.ts';
import { CONFIG_MAPS } from '../../src/cluster/resources.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { FakeApiServer } from '../fakes/fake-api-server.ts';
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

test('an own write is seen at once, and neither an older event nor an older list undoes it', async () => {
  const first = server.put(configMap('a'));
  const cache = await startCache();
  await cache.synced;
  const written = {
    ...first,
    metadata: { ...first.metadata, resourceVersion: '5000', labels: { own: 'yes' } },
  };
  cache.update(written);
  expect(cache.get('ns/a')).toEqual(written);

  server.put(configMap('a', { labels: { own: 'no' } }));
  server.put(configMap('b'));
  await eventually(() => {
    expect(cache.get('ns/b')).toBeDefined();
  });
  expect(cache.get('ns/a')).toEqual(written);

  cache.update(first);
  expect(cache.get('ns/a')).toEqual(written);
});

test('the answer to a write does not bring back what was deleted right after it', async () => {
  const cache = await startCache();
  await cache.synced;
  const written = server.put(configMap('brief'));
  server.remove('ns/brief');
  await eventually(() => {
    expect(changes).toEqual(['set ns/brief', 'gone ns/brief']);
  });
  cache.update(written);
  expect(cache.get('ns/brief')).toBeUndefined();
});

test('finds objects by index, without managedFields unless asked to keep them', async () => {
  server.put(configMap('a', { labels: { app: 'x' }, managedFields: [{ manager: 'kubectl' }] }));
  server.put(configMap('b', { labels: { app: 'y' } }));
  const indexes = {
    app: ({ metadata }: KubeObject) => (metadata.labels?.['app'] ? [metadata.labels['app']] : []),
  };
  const plain = await startCache({ cache: { indexes } });
  const full = await startCache({ cache: { indexes, keepManagedFields: (entries) => entries } });
  await Promise.all([plain.synced, full.synced]);

  expect(plain.indexed('app', 'x').map(({ metadata }) => metadata.name)).toEqual(['a']);
  expect(plain.indexed('app', 'x')[0]?.metadata.managedFields).toBeUndefined();
  expect(full.indexed('app', 'x')[0]?.metadata.managedFields).toEqual([{ manager: 'kubectl' }]);

  server.put(configMap('a', { labels: { app: 'y' } }));
  await eventually(() => {
    expect([plain.indexed('app', 'x').length, plain.indexed('app', 'y').length]).toEqual([0, 2]);
  });
});

test('a listener that throws ends nothing', async () => {
  const cache = await startCache();
  cache.onChange(() => {
    throw new Error('listener bug');
  });
  await cache.synced;
  server.put(configMap('a'));
  server.put(configMap('b'));
  await eventually(() => {
    expect(names(cache)).toEqual(['a', 'b']);
  });
  expect(scope.lines.join('')).toContain('listener bug');
});

test('stops with its scope, and whoever still waits for it hears so', async () => {
  server.faults.push(({ query }) => !query.has('watch'));
  const cache = await startCache();
  const waiting = cache.synced.then(
    () => 'synced',
    () => 'stopped',
  );
  scope.stop();
  expect(await waiting).toBe('stopped');
});
