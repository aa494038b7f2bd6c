import { expect, test } from 'vitest';
import { mergePatch } from './patch-merge.ts';

test.each([
  { why: 'keys are added', given: { a: 1 }, patch: { b: 2 }, expected: { a: 1, b: 2 } },
  { why: 'null removes a key', given: { a: 1, b: 2 }, patch: { a: null }, expected: { b: 2 } },
  {
    why: 'objects are merged at any depth',
    given: { a: { b: { c: 1, d: 2 } } },
    patch: { a: { b: { c: 3 } } },
    expected: { a: { b: { c: 3, d: 2 } } },
  },
  { why: 'lists are replaced', given: { a: [1, 2] }, patch: { a: [3] }, expected: { a: [3] } },
  {
    why: 'nulls inside a new object are dropped',
    given: {},
    patch: { a: { b: null, c: 1 } },
    expected: { a: { c: 1 } },
  },
  {
    why: 'an object replaces a text',
    given: { a: 'x' },
    patch: { a: { b: 1 } },
    expected: { a: { b: 1 } },
  },
])('merge patch: $why', ({ given, patch, expected }) => {
  expect(mergePatch(given, patch)).toEqual(expected);
});

test('a key called __proto__ is a key like any other', () => {
  const patch: unknown = JSON.parse('{"__proto__":{"admin":true}}');
  const merged = mergePatch({}, patch);
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"admin":true}}');
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});
