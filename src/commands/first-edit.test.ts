import { expect, test } from 'vitest';
import { firstEdit } from './first-edit.ts';
import type { Edit, Expectation, ScenarioStep } from './scenario.ts';

const expected: Expectation = { state: 'success', description: '', plans: [] };
const commit = (...edits: Edit[]): ScenarioStep => ({
  say: 'a commit',
  commit: { author: 'Ann', message: 'more', edits },
  expect: expected,
});

test('the line to change is where the text stands in the first commit', () => {
  const files = { 'a.yaml': '# a\nspec:\n  SIZE: 3\n' };
  const steps = [
    { say: 'a first look', expect: expected },
    commit({ file: 'new.yaml', to: 'new' }),
    commit({ file: 'a.yaml', from: 'spec:', to: 'spec:\n  x: 1' }),
    commit({ file: 'a.yaml', from: 'SIZE: 3', to: 'SIZE: 5' }),
  ];
  expect(firstEdit({ steps, files })).toEqual({
    file: 'a.yaml',
    line: 3,
    from: 'SIZE: 3',
    to: 'SIZE: 5',
    message: 'more',
  });
});

test('a story that changes no line of its first commit gives nothing to try', () => {
  const steps = [commit({ file: 'a.yaml', from: 'SIZE: 5', to: 'SIZE: 6' })];
  expect(firstEdit({ steps, files: { 'a.yaml': 'SIZE: 3\n' } })).toBeUndefined();
});
