import { expect, test } from 'vitest';
import { WorkStream } from './work-stream.ts';

test('begins the next piece when one ends, and never more than the limit', async () => {
  const stream = new WorkStream<string>(2);
  const works = started(stream, ['a', 'b', 'c']);
  expect([...works.keys()]).toEqual(['a', 'b']);
  works.get('a')?.(undefined);
  await stream.shrunkTo(2);
  expect([...works.keys()]).toEqual(['a', 'b', 'c']);
  expect(['a', 'b', 'c'].map((key) => stream.has(key))).toEqual([false, true, true]);
});

test('tells once what has ended and what was in the way', async () => {
  const stream = new WorkStream<string>(2);
  const works = started(stream, ['a', 'b']);
  works.get('a')?.('no permission');
  works.get('b')?.('later trouble');
  await stream.shrunkTo(0);
  expect(stream.takeResults()).toEqual({ ended: 2, trouble: 'no permission' });
  expect(stream.takeResults()).toEqual({ ended: 0, trouble: undefined });
});

test('hands on what a piece threw, and goes on with the others', async () => {
  const stream = new WorkStream<string>(1);
  stream.add('a', () => Promise.reject(new Error('a bug')));
  const works = started(stream, ['b']);
  await stream.shrunkTo(1);
  expect([...works.keys()]).toEqual(['b']);
  expect(() => stream.takeResults()).toThrow('a bug');
});

test('forgets what was not begun', async () => {
  const stream = new WorkStream<string>(1);
  const works = started(stream, ['a', 'b', 'c']);
  stream.dropWaiting();
  await stream.shrunkTo(1);
  works.get('a')?.(undefined);
  await stream.shrunkTo(0);
  expect([...works.keys()]).toEqual(['a']);
});

type End = (trouble: string | undefined) => void;

/** The pieces that have begun, each with the way to end it. */
function started(stream: WorkStream<string>, keys: readonly string[]): ReadonlyMap<string, End> {
  const begun = new Map<string, End>();
  for (const key of keys) {
    stream.add(key, () => new Promise((resolve) => begun.set(key, resolve)));
  }
  return begun;
}
