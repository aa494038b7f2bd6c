import { expect, test } from 'vitest';
import { checkAnnotations } from './check-annotations.ts';
import { ProblemList } from './problem-list.ts';

/** What is wrong with one annotation; undefined when nothing is. */
function wrong(name: string, value: string): string | undefined {
  const problems = new ProblemList(10);
  const at = { file: 'orders.yaml', line: 4, column: 5 };
  const isRight = checkAnnotations({ [name]: value }, () => at, problems);
  const [problem] = problems.sorted();
  expect(isRight).toBe(problem === undefined);
  return problem && `${problem.message} (${problem.hint ?? ''})`;
}

test.each([
  ['of others', 'example.org/prune', 'maybe'],
  ['without a group', 'prune', 'maybe'],
  ['that is a decision', 'gitops.kudo.dev/prune', 'disabled'],
  ['that may say anything', 'gitops.kudo.dev/abandon', 'u1'],
])('an annotation %s is right', (_why, name, value) => {
  expect(wrong(name, value)).toBeUndefined();
});

test.each([
  [
    'gitops.kudo.dev/prun',
    'disabled',
    'gitops.kudo.dev/prun is no annotation that is known (did you mean gitops.kudo.dev/prune?)',
  ],
  [
    'gitops.kudo.dev/prune',
    'disable',
    'gitops.kudo.dev/prune cannot be "disable" (did you mean disabled?)',
  ],
  [
    'gitops.kudo.dev/adopt',
    'yes',
    'gitops.kudo.dev/adopt cannot be "yes" (write one of: overwrite)',
  ],
])('%s: %s is told with the cure', (name, value, expected) => {
  expect(wrong(name, value)).toBe(expected);
});
