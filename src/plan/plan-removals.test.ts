import { describe, expect, test } from 'vitest';
import { desiredInstance, liveInstance, SYNC_UID } from '../../test/builders.ts';
import type { Instance } from '../kudo/objects.ts';
import { describeChange } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { planRemovals, type RemovalContext } from './plan-removals.ts';

type Annotations = Readonly<Record<string, string>>;

function made(name: string, annotations: Annotations = {}, deletionTimestamp?: string): Instance {
  const owner = `${SYNC_UID}:shop/${name}`;
  const instance = liveInstance({}, { owner, annotations });
  return { ...instance, metadata: { ...instance.metadata, name, deletionTimestamp } };
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i${String(index).padStart(3, '0')}`);

const inGit = (...all: readonly string[]): ReadonlyMap<ObjectKey, DesiredInstance> =>
  new Map(all.map((name) => [`shop/${name}`, desiredInstance({}, { name })]));

const dependenciesOf = ({ metadata }: Instance): readonly ObjectKey[] =>
  (metadata.annotations?.['depends-on'] ?? '')
    .split(' ')
    .flatMap((name): ObjectKey[] => (name === '' ? [] : [`shop/${name}`]));

function removals(
  more: Partial<RemovalContext> & { git?: readonly string[]; incomplete?: boolean },
) {
  const { git = ['other'], incomplete = false, ...rest } = more;
  const plans = planRemovals({
    owned: [made('orders'), made('other')],
    desired: { instances: inGit(...git), incomplete },
    prune: true,
    pruneLimit: 20,
    paths: ['shop'],
    isConfirmed: false,
    howToConfirm: 'say so',
    standingOf: () => undefined,
    dependsOn: dependenciesOf,
    cleanupPlan: () => 'cleanup',
    ...rest,
  });
  return [...plans.values()].map(({ key, changes, problems, notes, waitsFor }) =>
    [
      key,
      ...(waitsFor ? [`after ${waitsFor.join(', ')}`] : []),
      ...changes.map((change) => `${change.plan}: ${describeChange(change)}`),
      ...problems.map(({ message }) => `asks: ${message}`),
      ...notes,
    ].join(' | '),
  );
}

describe('an Instance that Git no longer has', () => {
  test('is deleted with its cleanup plan where the Sync prunes', () => {
    expect(removals({})).toEqual(['shop/orders | cleanup: delete']);
  });

  test('stays where the Sync does not prune', () => {
    const said = 'shop/orders | shop/orders was removed from Git, not deleted';
    expect(removals({ prune: false })).toEqual([said]);
  });

  test('is let go, not deleted, where it is protected', () => {
    const owned = [made('orders', { 'gitops.kudo.dev/prune': 'disabled' }), made('other')];
    const text = 'leave it in the cluster: gitops.kudo.dev/prune is disabled';
    for (const prune of [true, false]) {
      expect(removals({ owned, prune })).toEqual([`shop/orders | -: ${text}`]);
    }
  });

  test('is handed over, not deleted, when another Sync has it in Git', () => {
    const standingOf = () => ({ kind: 'claimed', by: 'Sync shop/other' }) as const;
    expect(removals({ standingOf })).toEqual([
      'shop/orders | -: leave it in the cluster: Sync shop/other has it in Git now',
    ]);
  });

  test('stays when it was adopted, unless it is told otherwise', () => {
    const adopted = { 'gitops.kudo.dev/adopted': 'a/0/1 main' };
    const stays = removals({ owned: [made('orders', adopted), made('other')] });
    expect(stays[0]).toContain('not deleted: it was adopted');
    const told = { ...adopted, 'gitops.kudo.dev/prune': 'enabled' };
    expect(removals({ owned: [made('orders', told), made('other')] })).toEqual([
      'shop/orders | cleanup: delete',
    ]);
  });

  test('is only named while it is being deleted already', () => {
    const owned = [made('orders', {}, '2026-01-01T00:00:00Z'), made('other')];
    expect(removals({ owned })).toEqual(['shop/orders | shop/orders is being deleted']);
  });
});

/** Why: these are databases, and a mistake in Git must not cost one (invariant 7). */
describe('nothing is deleted by accident:', () => {
  test('not while anything could not be read', () => {
    expect(removals({ incomplete: true })).toEqual([]);
  });

  test('not when Git has no Instance any more, not even what is to be let go', () => {
    const asks =
      'asks: nothing is deleted: Git has no Instance any more, and this Sync has 2 in the cluster';
    expect(removals({ git: [] })).toEqual([
      `shop/orders | cleanup: delete | ${asks}`,
      `shop/other | cleanup: delete | ${asks}`,
    ]);
  });

  test('and what is only named is no part of the question', () => {
    const owned = [made('orders', {}, '2026-01-01T00:00:00Z'), made('other')];
    const [going, asked] = removals({ owned, git: [] });
    expect(going).toBe('shop/orders | shop/orders is being deleted');
    expect(asked).toContain('asks: nothing is deleted');
  });

  test.each([
    { owned: 4, removed: 3, limit: 20, asks: false },
    { owned: 5, removed: 4, limit: 20, asks: true },
    { owned: 100, removed: 20, limit: 20, asks: false },
    { owned: 100, removed: 21, limit: 20, asks: true },
    { owned: 100, removed: 3, limit: 0, asks: false },
    { owned: 100, removed: 4, limit: 0, asks: true },
    { owned: 100, removed: 99, limit: 100, asks: false },
  ])('$removed of $owned at a limit of $limit %: asks $asks', ({ owned, removed, limit, asks }) => {
    const all = names(owned);
    const found = removals({
      owned: all.map((name) => made(name)),
      git: all.slice(removed),
      pruneLimit: limit,
    });
    expect(found).toHaveLength(removed);
    expect(found.every((text) => text.includes('asks') === asks)).toBe(true);
  });

  test('not what an edit of the Sync takes out of its paths', () => {
    const owned = [made('orders', { 'gitops.kudo.dev/path': 'shop/a.yaml' }), made('other')];
    expect(removals({ owned, paths: ['./shop/'] })).toEqual(['shop/orders | cleanup: delete']);
    expect(removals({ owned, paths: ['.'] })).toEqual(['shop/orders | cleanup: delete']);
    expect(removals({ owned, paths: ['shopping'] })).toEqual([
      'shop/orders | cleanup: delete | asks: nothing is deleted: shop/orders came from shop/a.yaml, which spec.paths of the Sync does not cover any more',
    ]);
  });

  test.each([
    {
      why: 'while another Sync may have it in Git, whose repository or files cannot be read',
      standing: { kind: 'unread', why: 'a file of Sync shop/other cannot be read' },
      asks: 'a file of Sync shop/other cannot be read, and may have shop/orders',
    },
    {
      why: 'while an Instance of another Sync depends on it',
      standing: { kind: 'needed', by: 'shop/bill of Sync shop/other' },
      asks: 'shop/bill of Sync shop/other depends on shop/orders',
    },
  ] as const)('not $why', ({ standing, asks }) => {
    const deleted = 'shop/orders | cleanup: delete';
    expect(removals({ standingOf: () => standing })).toEqual([
      `${deleted} | asks: nothing is deleted: ${asks}`,
    ]);
    expect(removals({ standingOf: () => standing, isConfirmed: true })).toEqual([deleted]);
  });

  test('not what an edit makes anew in another namespace', () => {
    const twin = desiredInstance({}, { name: 'orders' });
    const instances = new Map<ObjectKey, DesiredInstance>([
      ['prod/orders', { ...twin, key: 'prod/orders', namespace: 'prod' }],
    ]);
    const from = (file: string) => [made('orders', { 'gitops.kudo.dev/path': file })];
    const desired = { instances, incomplete: false };
    const { file } = twin.position;
    expect(removals({ owned: from(file), desired, paths: ['.'] })).toEqual([
      `shop/orders | cleanup: delete | asks: nothing is deleted: ${file} makes prod/orders now, a new one; shop/orders would be lost`,
    ]);
    expect(removals({ owned: from('other.yaml'), desired, paths: ['.'] })).toEqual([
      'shop/orders | cleanup: delete',
    ]);
  });

  test('not what an Instance that stays in Git depends on', () => {
    const bill = desiredInstance({}, { name: 'bill' });
    const instances = new Map([[bill.key, { ...bill, dependsOn: ['shop/orders'] as const }]]);
    const found = removals({ owned: [made('orders')], desired: { instances, incomplete: false } });
    expect(found).toEqual([
      `shop/orders | cleanup: delete | asks: nothing is deleted: shop/bill (${bill.position.file}) depends on shop/orders`,
    ]);
  });

  test('until a person has agreed to this very commit', () => {
    expect(removals({ git: [], isConfirmed: true })).toEqual([
      'shop/orders | cleanup: delete',
      'shop/other | cleanup: delete',
    ]);
  });
});

describe('what depends on others', () => {
  const zookeeper = made('zookeeper');
  const kafka = made('kafka', { 'depends-on': 'zookeeper' });

  test('is deleted before them', () => {
    const consumer = made('consumer', { 'depends-on': 'kafka zookeeper' });
    expect(removals({ owned: [zookeeper, kafka, consumer] })).toEqual([
      'shop/zookeeper | after shop/consumer, shop/kafka | cleanup: delete',
      'shop/kafka | after shop/consumer | cleanup: delete',
      'shop/consumer | cleanup: delete',
    ]);
  });

  test('holds them while it is being deleted', () => {
    const going = made('kafka', { 'depends-on': 'zookeeper' }, '2026-01-01T00:00:00Z');
    expect(removals({ owned: [zookeeper, going] })[0]).toBe(
      'shop/zookeeper | after shop/kafka | cleanup: delete',
    );
  });

  test('keeps them, and what they depend on, when it stays itself', () => {
    const adopted = { 'depends-on': 'zookeeper', 'gitops.kudo.dev/adopted': 'a/0/1 main' };
    const owned = [
      made('disk'),
      made('zookeeper', { 'depends-on': 'disk' }),
      made('kafka', adopted),
    ];
    expect(removals({ owned }).slice(0, 2)).toEqual([
      'shop/disk | cleanup: delete | asks: nothing is deleted: shop/zookeeper, which stays, depends on shop/disk',
      'shop/zookeeper | cleanup: delete | asks: nothing is deleted: shop/kafka, which stays, depends on shop/zookeeper',
    ]);
    expect(removals({ owned, isConfirmed: true }).slice(0, 2)).toEqual([
      'shop/disk | after shop/zookeeper | cleanup: delete',
      'shop/zookeeper | cleanup: delete',
    ]);
  });

  test('waits for nothing in a circle', () => {
    const owned = [
      made('kafka', { 'depends-on': 'zookeeper' }),
      made('zookeeper', { 'depends-on': 'kafka' }),
    ];
    expect(removals({ owned })).toEqual([
      'shop/kafka | cleanup: delete',
      'shop/zookeeper | cleanup: delete',
    ]);
  });
});
