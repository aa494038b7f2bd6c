import { expect, test } from 'vitest';
import { Cleanup } from './cleanup.ts';

test('what was started last ends first, and one that fails does not keep the others running', async () => {
  const cleanup = new Cleanup();
  const ended: string[] = [];
  cleanup.add(async () => ended.push('first'));
  cleanup.add(async () => {
    throw new Error('stuck');
  });
  cleanup.add(async () => ended.push('last'));

  await expect(cleanup.run()).rejects.toThrow('stuck');
  expect(ended).toEqual(['last', 'first']);
  await cleanup.run();
  expect(ended).toEqual(['last', 'first']);
});

test('a start that fails half way undoes its first half and says why it failed', async () => {
  const cleanup = new Cleanup();
  const ended: string[] = [];
  const start = cleanup.guard(async () => {
    cleanup.add(async () => ended.push('first half'));
    throw new Error('no second half');
  });

  await expect(start).rejects.toThrow('no second half');
  expect(ended).toEqual(['first half']);
});
