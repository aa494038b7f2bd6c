import { expect, test } from 'vitest';
import { editDiff } from './edit-diff.ts';

const edit = {
  name: 'SIZE',
  from: '2',
  to: '1',
  secret: false,
  isDrift: true,
  setBy: { manager: 'kubectl-edit', at: '2026-11-22T20:15:03Z' },
};

test('a value that others set is shown with who set it and when', () => {
  expect(editDiff(edit, false)).toEqual([
    '! SIZE: set by kubectl-edit at 2026-11-22T20:15:03Z',
    '- SIZE: 2',
    '+ SIZE: 1',
  ]);
});

test('whoever must not see the value is not told who set it either', () => {
  expect(editDiff(edit, true)).toEqual(['+ SIZE: 1']);
  expect(editDiff({ ...edit, secret: true }, false)).toEqual(['! SIZE (secret, not shown)']);
});
