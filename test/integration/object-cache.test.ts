import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { answerStatus, firstTimes } from '../fakes/fake-api-server.ts';
import { eventually, freshCaches, namesIn } from '../fakes/fresh-cache.ts';

const here = freshCaches();

const configMap = (name: string, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns', ...extra },
});

test('holds what a list in several pages and then the watch say', async () => {
  for (let nth = 0; nth < 1_201; nth++) here.server.put(configMap(`map-${nth}`));
  const cache = await here.startCache();
  await cache.synced;
  expect(cache.size).toBe(1_201);
  expect(here.server.count('list')).toBe(3);

  here.server.put(configMap('late'));
  here.server.remove('ns/map-0');
  await eventually(() => {
    expect([cache.get('ns/late')?.kind, cache.get('ns/map-0')]).toEqual(['ConfigMap', undefined]);
  });
  expect(here.changes.slice(-2)).toEqual(['set ns/late', 'gone ns/map-0']);
});

test('goes on where it was when the server ends the watch', async () => {
  here.server.put(configMap('a'));
  const cache = await here.startCache();
  await cache.synced;
  await eventually(() => {
    expect(here.server.count('watch')).toBe(1);
  });
  const last = here.server.put(configMap('b'));
  await eventually(() => {
    expect(cache.resourceVersion).toBe(last.metadata.resourceVersion);
  });

  here.server.endWatches();
  here.server.put(configMap('c'));
  await eventually(() => {
    expect(namesIn(cache)).toEqual(['a', 'b', 'c']);
  });
  expect(here.server.count('list')).toBe(1);
  expect(here.server.requests.at(-1)?.query.get('resourceVersion')).toBe(
    last.metadata.resourceVersion,
  );
  expect(cache.health.lastError).toBeUndefined();
});

test('asks for bookmarks and for watches of five to ten minutes, and resumes from a bookmark', async () => {
  const cache = await here.startCache();
  await cache.synced;
  await eventually(() => {
    expect(here.server.count('watch')).toBe(1);
  });
  const { query } = here.server.requests.at(-1) ?? { query: new URLSearchParams() };
  expect(query.get('allowWatchBookmarks')).toBe('true');
  expect(Number(query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
  expect(Number(query.get('timeoutSeconds'))).toBeLessThan(600);

  here.server.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '777' } } });
  here.server.endWatches();
  await eventually(() => {
    expect(here.server.requests.at(-1)?.query.get('resourceVersion')).toBe('777');
  });
  expect(here.changes).toEqual([]);
});

test.each([
  { how: 'an answer', fault: (): void => undefined },
  {
    how: 'an event in the stream',
    fault: (): void => {
      here.server.faults.push(
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
  here.server.put(configMap('stays'));
  here.server.put(configMap('goes'));
  const cache = await here.startCache();
  await cache.synced;
  await eventually(() => {
    expect(here.server.count('watch')).toBe(1);
  });

  here.server.faults.push(
    firstTimes(
      1,
      ({ query }) => query.has('watch'),
      (response) => {
        here.server.remove('ns/goes');
        here.server.compact();
        answerStatus(response, 500, 'InternalError');
      },
    ),
  );
  fault();
  here.server.endWatches();

  await eventually(() => {
    expect(namesIn(cache)).toEqual(['stays']);
  });
  expect(here.server.count('list')).toBe(2);
  expect(here.changes).toEqual(['set ns/stays', 'set ns/goes', 'gone ns/goes']);
});

test('does not storm a server that answers every watch with 410', async () => {
  here.server.faults.push(({ query }, response) => {
    if (!query.has('watch')) return false;
    answerStatus(response, 410, 'Expired');
    return true;
  });
  const cache = await here.startCache();
  await cache.synced;
  await here.scope.clock.sleep(2_000, here.scope.signal);
  expect(here.server.count('watch')).toBeGreaterThanOrEqual(2);
  expect(here.server.requests.length).toBeLessThan(15);
});

test('survives a failing list, 500 on watch and reset connections, and says so meanwhile', async () => {
  here.server.put(configMap('a'));
  here.server.faults.push(
    firstTimes(
      2,
      ({ query }) => !query.has('watch'),
      (response) => {
        answerStatus(response, 500, 'InternalError');
      },
    ),
  );
  const cache = await here.startCache();
  await eventually(() => {
    expect(cache.health.lastError?.message).toBe('the fake server says InternalError');
  });
  expect(cache.health.connectedSince).toBeUndefined();
  await cache.synced;
  expect(cache.health).toMatchObject({ lastError: undefined });
  expect(cache.health.connectedSince).toBeTypeOf('number');

  let failing = true;
  here.server.faults.push(({ query }, response) => {
    if (!failing || !query.has('watch')) return false;
    answerStatus(response, 500, 'InternalError');
    return true;
  });
  here.server.resetConnections();
  await eventually(() => {
    expect(here.server.count('watch')).toBeGreaterThan(2);
  });
  expect(cache.health.connectedSince).toBeUndefined();
  failing = false;
  here.server.put(configMap('b'));
  await eventually(() => {
    expect(namesIn(cache)).toEqual(['a', 'b']);
  });
  await eventually(() => {
    expect(cache.health.connectedSince).toBeTypeOf('number');
  });
});

test('notices a connection over which nothing comes any more', async () => {
  const cache = await here.startCache({ client: { watchSilenceMs: 300 } });
  await cache.synced;
  await eventually(() => {
    expect(here.server.count('watch')).toBe(1);
  });
  here.server.muteWatches();
  here.server.put(configMap('unseen'));
  await eventually(() => {
    expect(namesIn(cache)).toEqual(['unseen']);
  });
  expect(here.scope.lines.join('')).toContain('nothing came over GET /api/v1/configmaps');
});
