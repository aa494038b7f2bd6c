import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { shorten } from './shorten.ts';

test.each([
  { why: 'keeps what fits', text: 'done', max: 4, expected: 'done' },
  { why: 'cuts what does not', text: 'done well', max: 6, expected: 'done…' },
  { why: 'keeps characters whole', text: 'ab🐘cd', max: 4, expected: 'ab…' },
  { why: 'puts everything on one line', text: 'a\n\tb\u0000c', max: 9, expected: 'a b c' },
])('$why', ({ text, max, expected }) => {
  expect(shorten(text, max)).toBe(expected);
});

test('never gives more than a forge takes, nor half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, max) => {
      const short = shorten(text, max);
      expect(short.length).toBeLessThanOrEqual(max);
      expect(short).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});
