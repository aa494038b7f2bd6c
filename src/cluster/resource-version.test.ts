import { expect, test } from 'vitest';
import { isOlder } from './resource-version.ts';

test.each([
  { first: '9', second: '10', expected: true },
  { first: '10', second: '9', expected: false },
  { first: '10', second: '10', expected: false },
  { first: '123456789012345678901', second: '123456789012345678902', expected: true },
  { first: undefined, second: '1', expected: false },
  { first: '1', second: undefined, expected: false },
  { first: 'a', second: 'b', expected: false },
])('$first is older than $second: $expected', ({ first, second, expected }) => {
  expect(isOlder(first, second)).toBe(expected);
});
