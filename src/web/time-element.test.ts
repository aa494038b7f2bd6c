import { expect, test } from 'vitest';
import { durationText, timeElement } from './time-element.ts';

test('a moment is shown in UTC to the second, with the exact one for programs', () => {
  expect(timeElement('2026-11-22T15:00:32.737Z').text).toBe(
    '<time datetime="2026-11-22T15:00:32.737Z">2026-11-22 15:00:32 UTC</time>',
  );
  expect(timeElement(undefined).text).toBe('');
});

test.each([
  { to: '2026-01-01T00:00:00.683Z', expected: '0.7 s' },
  { to: '2026-01-01T00:00:42.000Z', expected: '42 s' },
  { to: '2026-01-01T00:02:05.000Z', expected: '2 min 5 s' },
  { to: '2026-01-01T01:05:00.000Z', expected: '1 h 5 min' },
  { to: '2025-12-31T23:59:59.000Z', expected: '0.0 s' },
])('a plan that ended at $to took $expected', ({ to, expected }) => {
  expect(durationText('2026-01-01T00:00:00Z', to)).toBe(expected);
});
