import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rolloutObject } from '../../test/builders.ts';
import * as z from 'zod';
import { GiteaInMemory } from '../../test/fakes/gitea-in-memory.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { stillCaches } from '../../test/fakes/still-caches.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { pathOf, ROLLOUTS, SECRETS } from '../cluster/resources.ts';
import { ForgePaces } from '../forge/forge-pace.ts';
import { openForge, type OpenForge } from '../forge/forge-registry.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { API_VERSION } from '../model/names.ts';
import type { OutboxEntry, Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { ClusterView } from './cluster-view.ts';
import { OutboxSender } from './outbox-sender.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { RolloutRecord } from './rollout-record.ts';
import { loadRecord } from './rollout-store.ts';

const HOUR_MS = 3_600_000;
const forgeServer = new GiteaInMemory();
const opened = new Map<string, OpenForge>();

beforeAll(() => forgeServer.listen());
beforeEach(() => {
  forgeServer.reset();
});
afterEach(() => {
  for (const forge of opened.values()) forge.close();
  opened.clear();
});
afterAll(() => {
  forgeServer.close();
});

/** A sender over a cluster in memory, with a clock that the test moves. */
async function start(...syncs: readonly ObjectKey[]) {
  const scope = testScope();
  const client = new MemoryCluster();
  const caches = stillCaches();
  const paces = new ForgePaces(() => 0.5);
  const forgeFor: ReconcileContext['forgeFor'] = ({ url }, { credentials }) => {
    const forge = opened.get(url) ?? openForge({ type: 'gitea', url, credentials }, { paces });
    opened.set(url, forge);
    return forge;
  };
  const context = { client, view: new ClusterView(caches, scope.clock), forgeFor };
  const records = new Map<ObjectKey, RolloutRecord>();
  const sender = new OutboxSender(
    { ...context, random: () => 0.5 } as unknown as ReconcileContext,
    { open: (key) => records.get(key), forget: (key) => records.delete(key) },
  );
  for (const key of syncs) {
    const [namespace = '', name = ''] = key.split('/');
    const token = Buffer.from('token').toString('base64');
    await client.create(
      { ...SECRETS, namespace },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'forge' }, data: { token } },
    );
    caches.syncs.update(aSync(namespace, name, `${forgeServer.origin}/acme/${name}.git`));
  }
  return {
    scope,
    sender,
    client,
    records,
    /** A Rollout that ended now, with all of this to say about its commit. */
    async ended(sync: ObjectKey, commit: string, ...said: readonly string[]): Promise<void> {
      const sequence = caches.rollouts.list().length + 1;
      const finishedAt = new Date(scope.clock.now()).toISOString();
      const status = { phase: 'succeeded', finishedAt, outbox: outboxOf(commit, said) } as const;
      const rollout = { ...aRollout(sync, commit, sequence), status };
      const namespace = sync.split('/')[0] ?? '';
      const stored = await client.create<Rollout>({ ...ROLLOUTS, namespace }, rollout);
      records.set(keyOf(stored), new RolloutRecord(stored, []));
      caches.rollouts.update(stored);
    },
    /** Brings what is stored into the cache, as the watch does; gives the states that were not sent. */
    unsent: async (): Promise<readonly string[]> => {
      const unsent: string[] = [];
      for (const rollout of caches.rollouts.list()) {
        const stored = await client.get<Rollout>(pathOf(ROLLOUTS, keyOf(rollout)));
        caches.rollouts.update(stored);
        const entries = stored.status?.outbox ?? [];
        unsent.push(...entries.filter(({ sent }) => !sent).map(({ state }) => state));
      }
      return unsent;
    },
  };
}

function aSync(namespace: string, name: string, url: string): Sync {
  return {
    apiVersion: API_VERSION,
    kind: 'Sync',
    metadata: { namespace, name, uid: `${name}-uid`, resourceVersion: '1' },
    spec: { url, forge: { type: 'gitea', secretRef: { name: 'forge' } } },
  };
}

function aRollout(sync: ObjectKey, commit: string, sequence: number): Rollout {
  const [namespace = '', name = ''] = sync.split('/');
  const owner = { apiVersion: API_VERSION, kind: 'Sync', name, uid: `${name}-uid` };
  return rolloutObject(
    {},
    { sync: name, revision: `main@sha1:${commit}`, sequence },
    { namespace, name: `${name}-${String(sequence)}`, ownerReferences: [owner] },
  );
}

function outboxOf(commit: string, said: readonly string[]): OutboxEntry[] {
  return said.map((text) => {
    const [state = '', description = ''] = text.split(' ');
    const read = z.enum(['pending', 'success', 'failure', 'error']).parse(state);
    return { commit, context: 'ours', state: read, description, sent: false };
  });
}

const oid = (number: number): string => number.toString(16).padStart(40, '0');

type World = Awaited<ReturnType<typeof start>>;

/** Passes over a Sync until nothing is left to do or the time is up, moving the clock as it asks. */
async function passes({ sender, scope }: World, syncs: readonly ObjectKey[], untilMs: number) {
  const due = new Map(syncs.map((sync) => [sync, scope.clock.now()]));
  while (due.size > 0) {
    const [next] = [...due].toSorted(([, a], [, b]) => a - b);
    if (!next || next[1] > untilMs) break;
    const [sync, at] = next;
    if (at > scope.clock.now()) await scope.clock.advance(at - scope.clock.now());
    const result = await sender.pass(sync, scope);
    if (result.kind === 'settled') due.delete(sync);
    else due.set(sync, scope.clock.now() + Math.max(1, result.afterMs ?? 0));
  }
  await scope.clock.advance(Math.max(0, untilMs - scope.clock.now()));
}

describe('a forge that is down for a day', () => {
  test('gets every answer when it is back, each once, the newest commit first', async () => {
    const syncs = ['shop/fleet', 'web/other'] as const;
    const world = await start(...syncs);
    const { scope } = world;
    forgeServer.isDown = true;
    const begin = scope.clock.now();
    for (let commit = 0; commit < 24; commit++) {
      const sync = syncs[commit % 2] ?? 'shop/fleet';
      await world.ended(sync, oid(commit), 'pending a', 'pending b', 'success c');
      await passes(world, syncs, begin + commit * HOUR_MS);
    }
    expect(forgeServer.calls).toBeGreaterThan(1_000);
    // Once a minute for both Syncs together, since they have the same token.
    expect(forgeServer.calls).toBeLessThan(3_000);
    const unsent = await world.unsent();
    expect(unsent.filter((state) => state === 'success')).toHaveLength(24);

    forgeServer.isDown = false;
    await passes(world, syncs, scope.clock.now() + HOUR_MS);
    expect(await world.unsent()).toEqual([]);
    const said = forgeServer.statuses.map(
      ({ commit, state }) => `${String(parseInt(commit, 16))} ${state}`,
    );
    expect(said.filter((line) => line.endsWith('success'))).toHaveLength(24);
    expect(new Set(said).size).toBe(said.length);
    expect(said.filter((line) => line.endsWith('pending')).length).toBeLessThan(3);
    const fleet = said.filter((line) => Number(line.split(' ')[0]) % 2 === 0);
    expect(fleet.slice(-1)).toEqual(['0 success']);
  }, 60_000);
});

describe('the answer to a commit', () => {
  const sync = 'shop/fleet';
  const key: ObjectKey = 'shop/fleet-1';
  const said = (): readonly string[] => forgeServer.statuses.map(({ state }) => state);

  test('of a commit that the forge lacks is tried once a pass, however many attempts speak of it', async () => {
    const world = await start(sync);
    forgeServer.unknown = oid(1);
    await world.ended(sync, oid(1), 'failure a');
    await world.ended(sync, oid(1), 'success b');
    await world.ended(sync, oid(2), 'success c');
    expect((await world.sender.pass(sync, world.scope)).kind).toBe('failed');
    expect(said()).toEqual(['success']);
    // The other commit's newest status, its answer, and one refusal.
    expect(forgeServer.calls).toBe(3);
  });

  test('of a commit that the forge still lacks after three days is given up', async () => {
    const world = await start(sync);
    forgeServer.unknown = oid(1);
    await world.ended(sync, oid(1), 'success a');
    for (const [hours, unsent] of [
      [71, ['success']],
      [2, []],
    ] as const) {
      await world.scope.clock.advance(hours * HOUR_MS);
      await world.sender.pass(sync, world.scope);
      expect(await world.unsent()).toEqual(unsent);
    }
    expect(said()).toEqual([]);
  });

  /** As many passes as there may be after one that failed. */
  async function somePasses({ sender, scope, unsent }: World): Promise<void> {
    for (let pass = 0; pass < 4; pass++) {
      await scope.clock.advance(HOUR_MS / 60);
      await sender.pass(sync, scope);
      await unsent();
    }
  }

  test('is the last word although a pass read the Rollout before it was noted as sent', async () => {
    const world = await start(sync);
    const { client, records, scope } = world;
    await world.ended(sync, oid(1), 'pending a', 'failure b');
    // A service that has just started: the pass has read the Rollout and is not done opening it.
    const record = await loadRecord(key, client, scope);
    records.delete(key);
    await world.sender.pass(sync, scope);
    expect(said()).toEqual(['pending', 'failure']);

    records.set(key, record);
    await somePasses(world);
    expect(said()).toEqual(['pending', 'failure']);
    expect(await world.unsent()).toEqual([]);
  });

  test('is not given before it is stored: who comes after a kill would not know of it', async () => {
    const world = await start(sync);
    const { client, records, scope } = world;
    await world.ended(sync, oid(1), 'pending a');
    await world.sender.pass(sync, scope);
    const record = records.get(key);
    record?.update({ outbox: [...record.outbox, ...outboxOf(oid(1), ['success b'])] });
    client.beforeWrite = () => {
      throw new KubeError(503, 'ServiceUnavailable', 'away');
    };
    await somePasses(world);
    expect(said()).toEqual(['pending']);

    client.beforeWrite = () => undefined;
    await somePasses(world);
    expect(said()).toEqual(['pending', 'success']);
  });
});
