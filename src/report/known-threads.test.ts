import { expect, test } from 'vitest';
import { KnownThreads } from './known-threads.ts';

const thread = (number: number) => ({ commit: `c${number}`, context: 'ours' });

test('a thread is known until a send of it failed, and says what was said last', () => {
  const known = new KnownThreads();
  expect(known.has(thread(1))).toBe(false);
  known.add(thread(1), { state: 'success', description: 'done' }, 'first');
  expect(known.says(thread(1), { state: 'success', description: 'done' })).toBe(true);
  expect(known.says(thread(1), { state: 'failure', description: 'done' })).toBe(false);
  known.doubt(thread(1));
  expect(known.has(thread(1))).toBe(false);
});

test('of very many threads those that were last spoken in are known', () => {
  const known = new KnownThreads();
  for (let number = 0; number < 1_000; number++) known.add(thread(number), undefined, 'first');
  known.add(thread(0), undefined, 'first');
  known.add(thread(1_000), undefined, 'first');
  expect([0, 1, 2, 1_000].map((number) => known.has(thread(number)))).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
