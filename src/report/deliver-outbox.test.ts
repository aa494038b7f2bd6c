import { describe, expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { Failure } from '../lib/failure.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import { deliverOutbox, type OutboxForge } from './deliver-outbox.ts';
import { KnownThreads } from './known-threads.ts';
import { enqueue } from './outbox.ts';

/** A forge in memory; `trouble` throws before (or, when it says so, after) a status is stored. */
class MemoryForge implements OutboxForge {
  readonly maxDescription = 20;
  readonly statuses: string[] = [];
  readonly newest = new Map<string, CommitStatus>();
  reads = 0;
  trouble: (commit: string) => { failure: Failure; stored: boolean } | undefined = () => undefined;

  setStatus(commit: string, status: CommitStatus): Promise<void> {
    const trouble = this.trouble(commit);
    if (!trouble || trouble.stored) {
      this.statuses.push(`${commit} ${status.state} ${status.description}`);
      this.newest.set(`${commit} ${status.context}`, status);
    }
    return trouble ? Promise.reject(trouble.failure) : Promise.resolve();
  }

  newestStatus(commit: string, context: string): Promise<CommitStatus | undefined> {
    this.reads += 1;
    return Promise.resolve(this.newest.get(`${commit} ${context}`));
  }
}

function start(...statuses: readonly (readonly [commit: string, state: string, text: string])[]) {
  let outbox: readonly OutboxEntry[] = [];
  for (const [commit, state, description] of statuses) {
    const status = { context: 'ours', state: state as CommitStatus['state'], description };
    outbox = enqueue(outbox, commit, status);
  }
  const forge = new MemoryForge();
  const stored: (readonly OutboxEntry[])[] = [];
  const delivery = {
    rollout: 'r1',
    forge,
    known: new KnownThreads(),
    persist: (now: readonly OutboxEntry[]): Promise<void> => {
      stored.push(now);
      return Promise.resolve();
    },
  };
  return { outbox, forge, stored, delivery };
}

describe('a delivery', () => {
  test('sends everything in order, cut to what the forge takes, and stores each arrival', async () => {
    const { outbox, forge, stored, delivery } = start(
      ['c1', 'pending', 'a'],
      ['c1', 'success', 'a very long description'],
    );
    const { failure } = await deliverOutbox(outbox, delivery, testScope());
    expect(failure).toBeUndefined();
    expect(forge.statuses).toEqual(['c1 pending a', 'c1 success a very long descrip…']);
    expect(stored.at(-1)?.every(({ sent }) => sent)).toBe(true);
    expect(stored).toHaveLength(2);
  });

  test('asks the forge once, not before each status', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c1', 'success', 'b']);
    const done = await deliverOutbox(outbox, delivery, testScope());
    const more = enqueue(done.outbox, 'c1', {
      context: 'ours',
      state: 'pending',
      description: 'c',
    });
    await deliverOutbox(more, delivery, testScope());
    expect(forge.reads).toBe(1);
  });

  test('does not repeat what an earlier process sent and could not record', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c1', 'success', 'b']);
    await deliverOutbox(outbox, delivery, testScope());
    const restarted = { ...delivery, known: new KnownThreads() };
    const again = await deliverOutbox(outbox, restarted, testScope());
    expect(forge.statuses).toHaveLength(2);
    expect(again.outbox.every(({ sent }) => sent)).toBe(true);
  });

  test('does not repeat what it sent before to whoever read the outbox before that', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c1', 'failure', 'b']);
    await deliverOutbox(outbox, delivery, testScope());
    const again = await deliverOutbox(outbox, delivery, testScope());
    expect(forge.statuses).toEqual(['c1 pending a', 'c1 failure b']);
    expect(again.outbox.every(({ sent }) => sent)).toBe(true);
  });

  test('tells of another attempt at the same commit that goes and ends as the one before', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c1', 'failure', 'b']);
    await deliverOutbox(outbox, delivery, testScope());
    await deliverOutbox(outbox, { ...delivery, rollout: 'r2' }, testScope());
    expect(forge.statuses.map((line) => line.split(' ')[1])).toEqual([
      'pending',
      'failure',
      'pending',
      'failure',
    ]);
  });

  test('does not repeat what another attempt at the same commit ended with', async () => {
    const first = start(['c1', 'success', 'a very long description that is cut']);
    await deliverOutbox(first.outbox, first.delivery, testScope());
    const done = await deliverOutbox(first.outbox, first.delivery, testScope());
    expect(first.forge.statuses).toHaveLength(1);
    expect(done.outbox.every(({ sent }) => sent)).toBe(true);
  });

  test('does not repeat what arrived although the forge said that it failed', async () => {
    const { outbox, forge, delivery } = start(['c1', 'success', 'b']);
    const failure = new Failure('unreachable', 'the forge is down', { retryAfterMs: 5_000 });
    forge.trouble = () => ({ failure, stored: true });
    const first = await deliverOutbox(outbox, delivery, testScope());
    expect(first.failure?.retryAfterMs).toBe(5_000);
    forge.trouble = () => undefined;
    const second = await deliverOutbox(first.outbox, delivery, testScope());
    expect(second.failure).toBeUndefined();
    expect(forge.statuses).toEqual(['c1 success b']);
  });

  test('leaves everything else for later when the forge is down', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c2', 'pending', 'a']);
    forge.trouble = () => ({ failure: new Failure('unreachable', 'down'), stored: false });
    const { failure } = await deliverOutbox(outbox, delivery, testScope());
    expect(failure?.kind).toBe('unreachable');
    expect(forge.reads).toBe(1);
  });

  test('goes on with other commits when one is gone from the forge', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c2', 'pending', 'a']);
    forge.trouble = (commit) =>
      commit === 'c1'
        ? { failure: new Failure('missing', 'no such commit'), stored: false }
        : undefined;
    const { failure } = await deliverOutbox(outbox, delivery, testScope());
    expect(failure?.kind).toBe('missing');
    expect(forge.statuses).toEqual(['c2 pending a']);
  });

  test('gives up what the forge refuses, and says so in the log', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a'], ['c1', 'success', 'b']);
    const scope = testScope();
    forge.trouble = () => ({ failure: new Failure('invalid', 'bad state'), stored: false });
    const { outbox: left, failure } = await deliverOutbox(outbox, delivery, scope);
    expect(failure).toBeUndefined();
    expect(left.every(({ sent }) => sent)).toBe(true);
    expect(scope.lines.join('')).toContain('commit status refused by the forge');
  });

  test('stops when the service stops', async () => {
    const { outbox, forge, delivery } = start(['c1', 'pending', 'a']);
    const scope = testScope();
    scope.stop();
    await expect(deliverOutbox(outbox, delivery, scope)).rejects.toThrow('aborted');
    expect(forge.statuses).toEqual([]);
  });
});
