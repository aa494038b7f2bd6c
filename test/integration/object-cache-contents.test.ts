import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { eventually, freshCaches, namesIn } from '../fakes/fresh-cache.ts';

const here = freshCaches();

const configMap = (name: string, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns', ...extra },
});

test('an own write is seen at once, and neither an older event nor an older list undoes it', async () => {
  const first = here.server.put(configMap('a'));
  const cache = await here.startCache();
  await cache.synced;
  const written = {
    ...first,
    metadata: { ...first.metadata, resourceVersion: '5000', labels: { own: 'yes' } },
  };
  cache.update(written);
  expect(cache.get('ns/a')).toEqual(written);

  here.server.put(configMap('a', { labels: { own: 'no' } }));
  here.server.put(configMap('b'));
  await eventually(() => {
    expect(cache.get('ns/b')).toBeDefined();
  });
  expect(cache.get('ns/a')).toEqual(written);

  cache.update(first);
  expect(cache.get('ns/a')).toEqual(written);
});

test('the answer to a write does not bring back what was deleted right after it', async () => {
  const cache = await here.startCache();
  await cache.synced;
  const written = here.server.put(configMap('brief'));
  here.server.remove('ns/brief');
  await eventually(() => {
    expect(here.changes).toEqual(['set ns/brief', 'gone ns/brief']);
  });
  cache.update(written);
  expect(cache.get('ns/brief')).toBeUndefined();
});

test('finds objects by index, without managedFields unless asked to keep them', async () => {
  here.server.put(
    configMap('a', { labels: { app: 'x' }, managedFields: [{ manager: 'kubectl' }] }),
  );
  here.server.put(configMap('b', { labels: { app: 'y' } }));
  const indexes = {
    app: ({ metadata }: KubeObject) => (metadata.labels?.['app'] ? [metadata.labels['app']] : []),
  };
  const plain = await here.startCache({ cache: { indexes } });
  const full = await here.startCache({
    cache: { indexes, keepManagedFields: (entries) => entries },
  });
  await Promise.all([plain.synced, full.synced]);

  expect(plain.indexed('app', 'x').map(({ metadata }) => metadata.name)).toEqual(['a']);
  expect(plain.indexed('app', 'x')[0]?.metadata.managedFields).toBeUndefined();
  expect(full.indexed('app', 'x')[0]?.metadata.managedFields).toEqual([{ manager: 'kubectl' }]);

  here.server.put(configMap('a', { labels: { app: 'y' } }));
  await eventually(() => {
    expect([plain.indexed('app', 'x').length, plain.indexed('app', 'y').length]).toEqual([0, 2]);
  });
});

test('a listener that throws ends nothing', async () => {
  const cache = await here.startCache();
  cache.onChange(() => {
    throw new Error('listener bug');
  });
  await cache.synced;
  here.server.put(configMap('a'));
  here.server.put(configMap('b'));
  await eventually(() => {
    expect(namesIn(cache)).toEqual(['a', 'b']);
  });
  expect(here.scope.lines.join('')).toContain('listener bug');
});

test('stops with its scope, and whoever still waits for it hears so', async () => {
  here.server.faults.push(({ query }) => !query.has('watch'));
  const cache = await here.startCache();
  const waiting = cache.synced.then(
    () => 'synced',
    () => 'stopped',
  );
  here.scope.stop();
  expect(await waiting).toBe('stopped');
});
