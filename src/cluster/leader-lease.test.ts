import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { testScope } from '../../test/fakes/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { KubeError } from './kube-client.ts';
import { acquireLease, type HeldLease } from './leader-lease.ts';

const LEASE = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  namespace: 'ops',
  name: 'leader',
} as const;
const DURATION_MS = 15_000;

class World {
  readonly client = new MemoryCluster();
  readonly clock = new FakeClock();
  readonly #scopes = new Map<string, ReturnType<typeof testScope>>();
  /** Holds what each service acquired. */
  readonly held = new Map<string, HeldLease>();

  start(identity: string): void {
    const scope = { ...testScope(), clock: this.clock };
    this.#scopes.set(identity, scope);
    const wish = { key: 'ops/leader', identity, durationMs: DURATION_MS } as const;
    acquireLease(wish, this.client, scope)
      .then((held) => this.held.set(identity, held))
      .catch(() => undefined);
  }

  /** As a kill does: no word to anybody. */
  kill(identity: string): void {
    this.#scopes.get(identity)?.stop();
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      // oxlint-disable-next-line no-await-in-loop -- whoever wakes up goes to sleep again
      await this.clock.advance(Math.min(500, left));
    }
  }

  /** Those that believe to hold the Lease. */
  leaders(): readonly string[] {
    return [...this.held].flatMap(([identity, { signal }]) => (signal.aborted ? [] : [identity]));
  }

  async holder(): Promise<unknown> {
    const lease = await this.client.get<KubeObject & { spec?: { holderIdentity?: string } }>(LEASE);
    return lease.spec?.holderIdentity;
  }
}

test('one of two has the Lease, for as long as it lives', async () => {
  const world = new World();
  world.start('a');
  await world.pass(1_000);
  world.start('b');
  await world.pass(10 * DURATION_MS);
  expect(world.leaders()).toEqual(['a']);
  expect(await world.holder()).toBe('a');
});

test('the other one takes over after the duration when the first is killed', async () => {
  const world = new World();
  world.start('a');
  await world.pass(1_000);
  world.start('b');
  await world.pass(DURATION_MS);
  world.kill('a');
  await world.pass(DURATION_MS / 2);
  expect(world.held.has('b')).toBe(false);
  await world.pass(DURATION_MS);
  expect(world.held.has('b')).toBe(true);
  expect(await world.holder()).toBe('b');
});

test('a service that ends gives the Lease away, so that nobody waits', async () => {
  const world = new World();
  world.start('a');
  await world.pass(1_000);
  world.start('b');
  await world.pass(1_000);
  await world.held.get('a')?.release();
  await world.pass(DURATION_MS / 3);
  expect(await world.holder()).toBe('b');
});

test('who cannot renew it stops before anybody else may begin', async () => {
  const world = new World();
  world.start('a');
  await world.pass(1_000);
  world.start('b');
  await world.pass(1_000);
  world.client.beforeWrite = (write) => {
    if (!world.held.has('b') && write.startsWith('PATCH leases')) {
      throw new KubeError(503, 'ServiceUnavailable', 'no time');
    }
  };
  await world.pass((DURATION_MS * 2) / 3 + 5_000);
  expect(world.leaders()).toEqual([]);
  world.client.beforeWrite = () => undefined;
  await world.pass(2 * DURATION_MS);
  expect(world.leaders()).toEqual(['b']);
});

test('who finds another holder stops; a person who merely annotates it stops nobody', async () => {
  const world = new World();
  world.start('a');
  await world.pass(1_000);
  await world.client.patch(LEASE, { body: { metadata: { annotations: { note: 'ours' } } } });
  await world.pass(DURATION_MS);
  expect(world.leaders()).toEqual(['a']);
  await world.client.patch(LEASE, { body: { spec: { holderIdentity: 'somebody' } } });
  await world.pass(DURATION_MS / 2);
  expect(world.leaders()).toEqual([]);
  expect(String(world.held.get('a')?.signal.reason)).toContain(
    'the Lease ops/leader is lost: it is held by somebody',
  );
});

test('who cannot renew it because of a bug does not believe to hold it for ever', async () => {
  const world = new World();
  world.start('a');
  await world.pass(1_000);
  expect(world.leaders()).toEqual(['a']);
  world.client.beforeWrite = () => {
    throw new TypeError('a bug');
  };
  await world.pass(DURATION_MS);
  expect(world.leaders()).toEqual([]);
});
