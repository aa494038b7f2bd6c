import { expect, test } from 'vitest';
import { suggest } from './suggest.ts';

const parameters = ['BROKERS', 'RETENTION_HOURS', 'TOPICS', 'CPU'];

test.each([
  { why: 'finds a swapped pair', word: 'BROKRES', expected: 'BROKERS' },
  { why: 'finds a missing letter', word: 'TOPIC', expected: 'TOPICS' },
  {
    why: 'finds the same word in another case',
    word: 'retention_hours',
    expected: 'RETENTION_HOURS',
  },
  { why: 'forgives one slip in a short word', word: 'CPI', expected: 'CPU' },
  { why: 'says nothing when nothing is close', word: 'MEMORY', expected: undefined },
  {
    why: 'says nothing about a short word that shares no letters',
    word: 'RAM',
    expected: undefined,
  },
])('$why', ({ word, expected }) => {
  expect(suggest(word, parameters)).toBe(expected);
});

test.each([
  ['x', ['']],
  ['', ['x']],
  ['x', ['y']],
])('nothing is like %j among %j', (word, candidates) => {
  expect(suggest(word, candidates)).toBeUndefined();
});

test('compares only the beginning of words of any length', () => {
  expect(suggest('A'.repeat(1_000_000), ['A'.repeat(64)])).toBe('A'.repeat(64));
});
