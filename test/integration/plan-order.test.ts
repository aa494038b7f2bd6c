import { describe, expect, test } from 'vitest';
import { expectSoon, startFleets } from '../fakes/fleets.ts';
import type { Fleet } from '../fakes/service-world.ts';
import { annotatedFile, instanceFile, tinyFiles } from '../fakes/tiny-operator.ts';

const here = startFleets();

const fleet = (files: Readonly<Record<string, string>>): Promise<Fleet> =>
  here.fleet({ ...tinyFiles({}), ...files });

type Values = Readonly<Record<string, string>>;

const dependsOn = (name: string, names: string, parameters: Values = {}): string =>
  annotatedFile(name, { 'depends-on': names }, parameters);

/** `kafka/0 held: message` of the newest Rollout of a commit. */
function changes(shop: Fleet, commit: string): readonly string[] {
  const records = shop.rollouts(commit).at(-1)?.status?.changes ?? {};
  return Object.entries(records)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { state, message }]) => {
      const name = key.slice(key.indexOf('/') + 1);
      return [`${name} ${state}`, ...(message === undefined ? [] : [message])].join(': ');
    });
}

const startedAt = (shop: Fleet, commit: string, key: string): string =>
  shop.rollouts(commit)[0]?.status?.changes?.[`${shop.name}/${key}`]?.startedAt ?? '';

describe('depends-on', () => {
  test('an Instance is created when the plans of those it names have ended, not before', async () => {
    const shop = await fleet({
      'a-kafka.yaml': dependsOn('a-kafka', 'zookeeper'),
      'b-consumer.yaml': dependsOn('b-consumer', 'a-kafka'),
      'zookeeper.yaml': instanceFile('zookeeper'),
    });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    const commit = await shop.head();
    const order = ['zookeeper/0', 'a-kafka/0', 'b-consumer/0'];
    const starts = order.map((key) => startedAt(shop, commit, key));
    expect(starts.toSorted()).toEqual(starts);
    expect(new Set(starts).size).toBe(3);
  });

  test('while the plan of the one runs the other waits, and others do not', async () => {
    const shop = await fleet({
      'kafka.yaml': dependsOn('kafka', 'zookeeper'),
      'mail.yaml': instanceFile('mail'),
      'zookeeper.yaml': instanceFile('zookeeper'),
    });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    const hanging = await shop.pushed({
      'kafka.yaml': dependsOn('kafka', 'zookeeper', { SIZE: '2' }),
      'mail.yaml': instanceFile('mail', { SIZE: '2' }),
      'zookeeper.yaml': instanceFile('zookeeper', { OUTCOME: 'fail' }),
    });
    await expectSoon(() => changes(shop, hanging)).toEqual([
      'kafka/0 waiting: waits for zookeeper, whose plan serve runs',
      'mail/0 succeeded',
      'zookeeper/0 running',
    ]);
    const cured = await shop.pushed({
      'zookeeper.yaml': instanceFile('zookeeper', { OUTCOME: 'good' }),
    });
    await expectSoon(() => shop.status(cured)).toMatch(/^success/);
    expect((await shop.instance('kafka'))?.spec?.parameters).toEqual({ SIZE: '2' });
  });

  test('a failure holds what depends on it, and nothing else, until a commit mends it', async () => {
    const shop = await fleet({
      'consumer.yaml': dependsOn('consumer', 'kafka'),
      'kafka.yaml': dependsOn('kafka', 'zookeeper'),
      'mail.yaml': instanceFile('mail'),
      'zookeeper.yaml': instanceFile('zookeeper'),
    });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^True Succeeded/);
    const bad = await shop.pushed({
      'consumer.yaml': dependsOn('consumer', 'kafka', { SIZE: '2' }),
      'kafka.yaml': dependsOn('kafka', 'zookeeper', { SIZE: '2' }),
      'mail.yaml': instanceFile('mail', { SIZE: '2' }),
      'zookeeper.yaml': instanceFile('zookeeper', { FLAG: 'maybe' }),
    });
    await expectSoon(() => shop.status(bad)).toMatch(
      /^failure: 1 of 4 changes failed, 2 held: zookeeper: FATAL_ERROR in update/,
    );
    expect(changes(shop, bad)).toEqual([
      'consumer/0 held: waits for kafka, which is held',
      'kafka/0 held: waits for zookeeper, whose plan update failed',
      'mail/0 succeeded',
      expect.stringContaining('zookeeper/0 failed: FATAL_ERROR'),
    ]);
    expect((await shop.instance('kafka'))?.spec?.parameters ?? {}).toEqual({});

    const mended = await shop.pushed({
      'zookeeper.yaml': instanceFile('zookeeper', { FLAG: 'false' }),
    });
    await expectSoon(() => shop.status(mended)).toMatch(/^success: 3 changes/);
    expect((await shop.instance('consumer'))?.spec?.parameters).toEqual({ SIZE: '2' });
  });

  test('circles and unknown names are told with their place; the others go on', async () => {
    const shop = await fleet({
      'a.yaml': dependsOn('a', 'b'),
      'b.yaml': dependsOn('b', 'a'),
      'kafka.yaml': dependsOn('kafka', 'zookeper'),
      'zookeeper.yaml': instanceFile('zookeeper'),
    });
    await shop.sync();
    await expectSoon(() => shop.ready()).toMatch(/^False RolloutFailed/);
    const commit = await shop.head();
    const ns = shop.name;
    expect(shop.rollouts(commit)[0]?.status?.problems).toEqual([
      `a.yaml:6:33: ${ns}/a waits for itself: ${ns}/a → ${ns}/b → ${ns}/a (take one of the names out of gitops.kudo.dev/depends-on)`,
      `b.yaml:6:33: ${ns}/b waits for itself: ${ns}/b → ${ns}/a → ${ns}/b (take one of the names out of gitops.kudo.dev/depends-on)`,
      `kafka.yaml:6:33: ${ns}/kafka depends on ${ns}/zookeper, which is neither in Git nor in the cluster (did you mean ${ns}/zookeeper?)`,
    ]);
    expect(await shop.instance('a')).toBeUndefined();
    expect(await shop.instance('zookeeper')).toBeDefined();
  });

  test('an Instance that others made is waited for, and its recovery is noticed', async () => {
    const other = await fleet({ 'zookeeper.yaml': instanceFile('zookeeper') });
    await other.sync();
    await expectSoon(() => other.ready()).toMatch(/^True Succeeded/);
    const broken = await other.pushed({
      'zookeeper.yaml': instanceFile('zookeeper', { FLAG: 'maybe' }),
    });
    await expectSoon(() => other.status(broken)).toMatch(/^failure/);

    const shop = await fleet({ 'kafka.yaml': dependsOn('kafka', `${other.name}/zookeeper`) });
    await shop.sync();
    const commit = await shop.head();
    await expectSoon(() => changes(shop, commit)).toEqual([
      `kafka/0 held: waits for ${other.name}/zookeeper, whose plan update failed`,
    ]);
    expect(await shop.instance('kafka')).toBeUndefined();

    await other.pushed({ 'zookeeper.yaml': instanceFile('zookeeper', { FLAG: 'true' }) });
    await expectSoon(() => shop.status(commit)).toMatch(/^success/);
    expect(await shop.instance('kafka')).toBeDefined();
  });
});
