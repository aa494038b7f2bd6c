import { expect, test } from 'vitest';
import { createdNote, replacedNote, withCreated } from './created-note.ts';

test('later passes keep what was done, once, and drop what was merely so', () => {
  const done = [createdNote('shop/queue-1.0.0'), replacedNote('shop/mail-1.0.0')];
  const before = [...done, 'shop/orders: NODES 9 → 5 differs from Git and is left alone'];
  const now = 'shop/mail was removed from Git, not deleted';
  expect(withCreated(before, [now, createdNote('shop/queue-1.0.0')])).toEqual([...done, now]);
});
