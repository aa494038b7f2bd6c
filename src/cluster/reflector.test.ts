import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { Failure } from '../lib/failure.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { KubeError, type KubeClient, type WatchEvent } from './kube-client.ts';
import { Reflector } from './reflector.ts';
import { CONFIG_MAPS } from './resources.ts';

interface Call {
  readonly at: number;
  readonly what: string;
}

/** A client whose watches go as `watch` says; lists are empty, at versions 100, 200, … */
function scripted(
  scope: ReturnType<typeof testScope>,
  watch: (nth: number) => AsyncIterable<WatchEvent<KubeObject>>,
): { client: KubeClient; calls: Call[] } {
  const calls: Call[] = [];
  const startedAt = scope.clock.now();
  const note = (what: string): void => {
    calls.push({ at: scope.clock.now() - startedAt, what });
  };
  let lists = 0;
  let watches = 0;
  const client = {
    list: async () => {
      lists++;
      note('list');
      return Promise.resolve({ items: [], resourceVersion: `${lists}00`, continue: undefined });
    },
    watch: (_path: unknown, options: { resourceVersion: string; timeoutSeconds: number }) => {
      note(`watch from ${options.resourceVersion} for ${options.timeoutSeconds} s`);
      return watch(watches++);
    },
  };
  return { client: client as unknown as KubeClient, calls };
}

async function* failing(error: Error): AsyncGenerator<WatchEvent<KubeObject>> {
  yield* bookmarks();
  throw error;
}

async function* bookmarks(...versions: string[]): AsyncGenerator<WatchEvent<KubeObject>> {
  for (const resourceVersion of versions) {
    await Promise.resolve();
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', resourceVersion } };
    yield { type: 'BOOKMARK', object };
  }
}

const ignore = {
  listing: (): void => undefined,
  replace: (): void => undefined,
  apply: (): void => undefined,
};

const down = new Failure('unreachable', 'the cluster is down');

test('waits twice as long after each failure, and lists anew after five', async () => {
  const scope = testScope();
  const { client, calls } = scripted(scope, () => failing(down));
  const reflector = new Reflector({ client, path: CONFIG_MAPS, random: () => 1 }, ignore);
  const running = reflector.run(scope);
  for (const waitMs of [0, 200, 400, 800, 1_600, 3_200]) await scope.clock.advance(waitMs);

  expect(calls).toEqual([
    { at: 0, what: 'list' },
    { at: 0, what: 'watch from 100 for 600 s' },
    { at: 200, what: 'watch from 100 for 600 s' },
    { at: 600, what: 'watch from 100 for 600 s' },
    { at: 1_400, what: 'watch from 100 for 600 s' },
    { at: 3_000, what: 'watch from 100 for 600 s' },
    { at: 6_200, what: 'list' },
    { at: 6_200, what: 'watch from 200 for 600 s' },
  ]);
  expect(reflector.health).toMatchObject({ connectedSince: undefined, lastError: down });
  scope.stop();
  await running;
});

test('an expired version is no trouble worth a warning, but slows down when it repeats', async () => {
  const scope = testScope();
  const expired = new KubeError(410, 'Expired', 'too old');
  const { client, calls } = scripted(scope, () => failing(expired));
  const reflector = new Reflector({ client, path: CONFIG_MAPS, random: () => 1 }, ignore);
  const running = reflector.run(scope);
  for (const waitMs of [0, 200, 400]) await scope.clock.advance(waitMs);
  expect(calls.map(({ at, what }) => `${at} ${what.split(' for ')[0]}`)).toEqual([
    '0 list',
    '0 watch from 100',
    '200 list',
    '200 watch from 200',
    '600 list',
    '600 watch from 300',
  ]);
  expect(reflector.health.lastError).toBeUndefined();
  expect(scope.lines.join('')).not.toMatch(/watch failed|cannot be/);
  scope.stop();
  await running;
});

test('is connected again as soon as the server takes the watch', async () => {
  const scope = testScope();
  const { client } = scripted(scope, (nth) => (nth === 0 ? failing(down) : bookmarks('100')));
  const reflector = new Reflector({ client, path: CONFIG_MAPS, random: () => 0 }, ignore);
  const running = reflector.run(scope);
  await scope.clock.advance(0);
  expect(reflector.health.connectedSince).toBeUndefined();
  await scope.clock.advance(100);
  expect(reflector.health).toMatchObject({
    connectedSince: scope.clock.now(),
    lastError: undefined,
  });
  scope.stop();
  await running;
});

test('a watch that worked and then broke is no trouble yet; that the next one fails too is', async () => {
  const scope = testScope();
  async function* breakingLater(): AsyncGenerator<WatchEvent<KubeObject>> {
    yield* bookmarks('100');
    await scope.clock.sleep(60_000, scope.signal);
    throw down;
  }
  const { client } = scripted(scope, (nth) => (nth === 0 ? breakingLater() : failing(down)));
  const reflector = new Reflector({ client, path: CONFIG_MAPS, random: () => 0 }, ignore);
  const running = reflector.run(scope);
  await scope.clock.advance(0);
  await scope.clock.advance(60_000);
  expect(reflector.health.lastError).toBeUndefined();
  await scope.clock.advance(100);
  expect(reflector.health).toMatchObject({ connectedSince: undefined, lastError: down });
  scope.stop();
  await running;
});

test('a server that ends every watch at once is not asked in a tight loop', async () => {
  const scope = testScope();
  const { client, calls } = scripted(scope, () => bookmarks('100', '105'));
  const running = new Reflector({ client, path: CONFIG_MAPS, random: () => 0 }, ignore).run(scope);
  await scope.clock.advance(0);
  await scope.clock.advance(50);
  expect(calls).toHaveLength(2);
  await scope.clock.advance(50);
  expect(calls.at(-1)).toEqual({ at: 100, what: 'watch from 105 for 300 s' });
  scope.stop();
  await running;
});
