import { describe, expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { WorkQueue, type PassResult } from './work-queue.ts';

function queueOf(pass: (key: string) => PassResult | Promise<PassResult>, concurrency = 2) {
  const scope = testScope();
  const seen: string[] = [];
  const queue = new WorkQueue<string>(
    {
      concurrency,
      backoff: { minMs: 100, maxMs: 1_000 },
      random: () => 0.999_999,
      pass: async (key) => {
        seen.push(key);
        return pass(key);
      },
    },
    scope,
  );
  return { scope, seen, queue };
}

const settled: PassResult = { kind: 'settled' };

describe('a key', () => {
  test('added several times while it waits is looked at once', async () => {
    const { queue, seen, scope } = queueOf(() => settled, 1);
    for (const key of ['a', 'b', 'b', 'b']) queue.add(key);
    await scope.clock.advance(0);
    expect(seen).toEqual(['a', 'b']);
  });

  test('added while it is worked on is looked at once more, never twice at a time', async () => {
    let release = (): void => undefined;
    let running = 0;
    const { queue, seen, scope } = queueOf(async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      running -= 1;
      return settled;
    });
    queue.add('a');
    queue.add('a');
    queue.add('a');
    release();
    await scope.clock.advance(0);
    release();
    await scope.clock.advance(0);
    expect(seen).toEqual(['a', 'a']);
    expect(queue.depth).toBe(0);
  });

  test('that asks for it is looked at again later', async () => {
    const { queue, seen, scope } = queueOf(() => ({ kind: 'again', afterMs: 500 }));
    queue.add('a');
    await scope.clock.advance(499);
    expect(seen).toEqual(['a']);
    await scope.clock.advance(1);
    expect(seen).toEqual(['a', 'a']);
  });

  test('that fails is tried again later and later, and at once after an add', async () => {
    const { queue, seen, scope } = queueOf(() => ({ kind: 'failed', reason: 'no' }));
    queue.add('a');
    await scope.clock.advance(0);
    await scope.clock.advance(100);
    expect(seen).toHaveLength(2);
    await scope.clock.advance(100);
    expect(seen).toHaveLength(2);
    await scope.clock.advance(100);
    expect(seen).toHaveLength(3);
    queue.add('a');
    await scope.clock.advance(0);
    expect(seen).toHaveLength(4);
  });

  test('waits as long as the other side asks', async () => {
    const { queue, seen, scope } = queueOf(() => ({
      kind: 'failed',
      reason: 'no',
      afterMs: 5_000,
    }));
    queue.add('a');
    await scope.clock.advance(4_999);
    expect(seen).toHaveLength(1);
    await scope.clock.advance(1);
    expect(seen).toHaveLength(2);
  });
});

test('a pass that throws fails its key and no other', async () => {
  const { queue, seen, scope } = queueOf((key) => {
    if (key === 'a') throw new Error('a bug');
    return settled;
  });
  queue.add('a');
  queue.add('b');
  await scope.clock.advance(0);
  expect(seen).toEqual(['a', 'b']);
  expect(scope.lines.join('')).toContain('a bug');
});

test('after a stop nothing begins, and drained waits for what is under way', async () => {
  let release = (): void => undefined;
  const { queue, seen, scope } = queueOf(async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { kind: 'again', afterMs: 1 };
  });
  queue.add('a');
  scope.stop();
  queue.add('b');
  let isDrained = false;
  const drained = (async () => {
    await queue.drained();
    isDrained = true;
  })();
  await scope.clock.advance(10);
  expect(isDrained).toBe(false);
  release();
  await drained;
  await scope.clock.advance(10);
  expect(seen).toEqual(['a']);
});
