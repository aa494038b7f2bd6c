import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import { throttled } from './throttled.ts';

test('passes the first on at once, and what comes during the rest as one after it', async () => {
  const scope = testScope();
  const passed: string[] = [];
  const take = throttled<string>(
    (key) => passed.push(key),
    () => 100,
    scope,
  );
  for (const key of ['a', 'a', 'b', 'a']) take(key);
  expect(passed).toEqual(['a', 'b']);
  await scope.clock.advance(100);
  expect(passed).toEqual(['a', 'b', 'a']);
});

test('does not rest without a gap', () => {
  const passed: string[] = [];
  const take = throttled<string>(
    (key) => passed.push(key),
    () => 0,
    testScope(),
  );
  take('a');
  take('a');
  expect(passed).toEqual(['a', 'a']);
});
