import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sendingOrder } from './sending-order.ts';

const names = (outboxes: readonly string[]): string =>
  sendingOrder(outboxes.map((commits) => ({ commits: commits.split(''), name: commits })))
    .map(({ name }) => name)
    .join(' ');

test.each([
  { why: 'the newest commit is answered first', given: ['a', 'b', 'c'], order: 'c b a' },
  {
    why: 'attempts at one commit stay in their order',
    given: ['a', 'b', 'a'],
    order: 'a a b',
  },
  {
    why: 'what a later commit said about one that was pushed again comes before its own',
    given: ['x', 'bc', 'd', 'c'],
    order: 'bc c d x',
  },
  {
    why: 'so does what is before that',
    given: ['b', 'bc', 'd', 'c'],
    order: 'b bc c d',
  },
])('$why', ({ given, order }) => {
  expect(names(given)).toBe(order);
});

test('nothing is left out and no commit is told the newer before the older, whatever there is', () => {
  const outbox = fc.record({ commits: fc.uniqueArray(fc.integer({ max: 6, min: 0 }).map(String)) });
  fc.assert(
    fc.property(fc.array(outbox, { maxLength: 12 }), (outboxes) => {
      const numbered = outboxes.map(({ commits }, index) => ({ commits, index }));
      const order = sendingOrder(numbered);
      expect(order.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
        numbered.map(({ index }) => index),
      );
      for (const commit of new Set(outboxes.flatMap(({ commits }) => commits))) {
        const told = order.filter(({ commits }) => commits.includes(commit));
        expect(told).toEqual(told.toSorted((a, b) => a.index - b.index));
      }
    }),
  );
});
