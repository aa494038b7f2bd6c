import { describe, expect, test } from 'vitest';
import { liveInstance, record } from '../../test/builders.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import { testScope } from '../../test/fakes/scope.ts';
import type { Instance } from '../kudo/objects.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ClusterView } from './cluster-view.ts';
import { QuietInstances } from './quiet-instances.ts';
import type { RevisionState } from './revision-reader.ts';
import { RolloutRecord } from './rollout-record.ts';

const ORDERS: ObjectKey = 'shop/orders';
const REVISION = { hashes: new Map([[ORDERS, 'a']]) } as unknown as RevisionState;
const NOW = 1_000;

function rollout(): RolloutRecord {
  const spec = { sync: 'fleet', revision: 'main@sha1:a', attempt: 1, sequence: 1 };
  const status = { changes: { [`${ORDERS}/0`]: record('running') } };
  return new RolloutRecord(
    { metadata: { name: 'f', namespace: 'shop' }, spec, status } as never,
    [],
  );
}

function child(resourceVersion: string): Instance {
  const owner = { apiVersion: 'kudo.dev/v1beta1', kind: 'Instance', name: 'orders', uid: 'uid-1' };
  const metadata = { name: 'zk', namespace: 'shop', uid: 'uid-2', resourceVersion };
  return { ...liveInstance(), metadata: { ...metadata, ownerReferences: [owner] } };
}

/** An Instance that waits for its plan until 6,000, with its child, and what tells how long it rests. */
function waiting() {
  const caches = stillCaches();
  const view = new ClusterView(caches, testScope().clock);
  const observed = liveInstance();
  const parent = { ...observed, metadata: { ...observed.metadata, uid: 'uid-1' } };
  caches.instances.update(parent);
  caches.instances.update(child('7'));
  const own = rollout();
  const quiet = new QuietInstances();
  const mark = (revision = REVISION): string => QuietInstances.mark(ORDERS, revision, view);
  quiet.holdUnder({ driftPolicy: 'correct', planTimeoutMs: 5_000 });
  quiet.addWaiting(ORDERS, mark(), own, 6_000);
  const rests = (of = own, now = NOW): number => quiet.restsFor(ORDERS, mark(), of, now);
  return { caches, parent, own, quiet, mark, rests };
}

describe('an Instance that waits for its plan', () => {
  test('rests until the moment that it waits for', () => {
    const { rests, own } = waiting();
    expect([rests(), rests(own, 5_999), rests(own, 6_000), rests(own, 9_000)]).toEqual([
      5_000, 1, 0, 0,
    ]);
  });

  test('is looked at when KUDO says anything new of it', () => {
    const { caches, parent, rests } = waiting();
    caches.instances.update({
      ...parent,
      metadata: { ...parent.metadata, resourceVersion: '99' },
    });
    expect(rests()).toBe(0);
  });

  test('is looked at when one of its children changes', () => {
    const { caches, rests } = waiting();
    caches.instances.update(child('8'));
    expect(rests()).toBe(0);
  });

  test('is looked at when Git says something else of it', () => {
    const { quiet, mark, own } = waiting();
    const revision = { hashes: new Map([[ORDERS, 'b']]) } as unknown as RevisionState;
    expect(quiet.restsFor(ORDERS, mark(revision), own, NOW)).toBe(0);
  });

  test('is looked at when its records change, or another Rollout takes over', () => {
    const { rests, own } = waiting();
    expect(rests(rollout())).toBe(0);
    own.set(ORDERS, 0, record('running', { progress: 'half way' }));
    expect(rests()).toBe(0);
  });

  test('is looked at under another plan timeout', () => {
    const { quiet, rests } = waiting();
    quiet.holdUnder({ driftPolicy: 'correct', planTimeoutMs: 5_000 });
    expect(rests()).toBe(5_000);
    quiet.holdUnder({ driftPolicy: 'correct', planTimeoutMs: 1_000 });
    expect(rests()).toBe(0);
  });

  test('counts as one that needs nothing neither before nor after', () => {
    const { quiet, mark, own } = waiting();
    expect(quiet.has(ORDERS, mark())).toBe(false);
    quiet.add(ORDERS, mark());
    expect(quiet.has(ORDERS, mark())).toBe(true);
    expect(quiet.restsFor(ORDERS, mark(), own, NOW)).toBe(Infinity);
  });
});
