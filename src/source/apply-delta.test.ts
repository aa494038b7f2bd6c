import { expect, test } from 'vitest';
import { applyDelta } from './apply-delta.ts';

const base = Buffer.from('0123456789');
const delta = (...bytes: number[]): Buffer => Buffer.from(bytes);

test('copies from the base and inserts', () => {
  const steps = delta(10, 5, 0x91, 2, 3, 2, 0x41, 0x42);
  expect(applyDelta(base, steps, 100).toString()).toBe('234AB');
});

test.each([
  { why: 'is for another base', bytes: delta(9, 1, 1, 0x41) },
  { why: 'copies from outside the base', bytes: delta(10, 5, 0x91, 8, 5) },
  { why: 'makes too much', bytes: delta(10, 1, 2, 0x41, 0x42) },
  { why: 'makes too little', bytes: delta(10, 3, 1, 0x41) },
  { why: 'ends inside an insert', bytes: delta(10, 3, 3, 0x41) },
  { why: 'ends inside a copy', bytes: delta(10, 3, 0x91, 0) },
  { why: 'has the reserved step', bytes: delta(10, 3, 0) },
  { why: 'ends inside a size', bytes: delta(10, 0x80) },
])('a delta that $why is refused', ({ bytes }) => {
  expect(() => applyDelta(base, bytes, 100)).toThrow(/delta|pack/);
});

test('a delta that would make more than allowed is refused before it makes anything', () => {
  expect(() => applyDelta(base, delta(10, 0xff, 0xff, 0x7f, 1, 0x41), 100)).toThrow(
    '2097151 bytes',
  );
});
