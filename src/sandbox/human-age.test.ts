import { expect, test } from 'vitest';
import { humanAge, humanDuration } from './human-age.ts';

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [150_000, '2m30s'],
  [180_000, '3m'],
  [3_600_000, '60m'],
  [4 * 3_600_000, '4h'],
  [30 * 3_600_000, '30h'],
  [3 * 86_400_000 + 7_200_000, '3d2h'],
  [40 * 86_400_000, '40d'],
])('%d ms are %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('an age that is not known is said to be unknown', () => {
  expect(humanAge(undefined, 0)).toBe('<unknown>');
});
