import { setTimeout as realSleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Clock } from '../../src/lib/scope.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';
import { tinyFiles } from '../fakes/tiny-operator.ts';

/** Real time, and as much more as a test adds; sleepers wake when either has passed. */
class SteppedClock implements Clock {
  #added = 0;
  readonly #sleepers = new Set<{ readonly dueAt: number; readonly wake: () => void }>();

  now(): number {
    return Date.now() + this.#added;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const inTime = new AbortController();
    const stepped = new Promise<void>((resolve) => {
      const sleeper = { dueAt: this.now() + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      inTime.signal.addEventListener('abort', () => this.#sleepers.delete(sleeper));
    });
    const both = AbortSignal.any([signal, inTime.signal]);
    try {
      await Promise.race([stepped, realSleep(ms, undefined, { signal: both })]);
    } catch (thrown) {
      signal.throwIfAborted();
      throw thrown;
    } finally {
      inTime.abort();
    }
  }

  add(ms: number): void {
    this.#added += ms;
    for (const { dueAt, wake } of this.#sleepers) if (dueAt <= this.now()) wake();
  }
}

const clock = new SteppedClock();
let world: ServiceWorld;
let shop: Fleet;

beforeAll(async () => {
  world = await ServiceWorld.start(clock);
});

afterAll(async () => {
  await shop.leave();
  await world.stop();
});

test('an hour of nothing changing costs no Kubernetes writes, no forge calls and one ls-refs a poll', async () => {
  shop = await world.fleet(tinyFiles({ orders: { SIZE: '2' }, mail: {} }));
  await shop.sync({ interval: '5m' });
  const head = await shop.head();
  await expect
    .poll(() => shop.status(head), { timeout: 20_000, interval: 50 })
    .toMatch(/^success: 2 changes/);
  await expect.poll(() => world.running.service.depth, { timeout: 5_000 }).toBe(0);
  const before = world.serviceRequests().length;
  const { requests } = world.sandbox.git.faults;
  requests.splice(0);

  const polls = () => requests.filter(({ path }) => path.endsWith('/git-upload-pack')).length;
  const STEPS = 12;
  for (let step = 1; step <= STEPS; step++) {
    const seen = polls();
    clock.add(5.5 * 60_000);
    // oxlint-disable-next-line no-await-in-loop
    await expect.poll(polls, { timeout: 5_000, interval: 20 }).toBe(seen + 1);
    // oxlint-disable-next-line no-await-in-loop
    await expect.poll(() => world.running.service.depth, { interval: 10 }).toBe(0);
  }

  const calls = requests.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  const lsRefs = /^POST .*\/git-upload-pack$/;
  expect(calls.filter((call) => !lsRefs.test(call))).toEqual([]);
  expect(polls()).toBe(STEPS);
  const asked = world.serviceRequests(0).slice(before);
  expect(asked.filter((line) => !line.startsWith('GET '))).toEqual([]);
});
