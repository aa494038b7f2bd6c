import { expect, test } from 'vitest';
import { testScope } from '../../test/fakes/scope.ts';
import type { PullChanges, PullRequest } from '../forge/forge.ts';
import { Failure } from '../lib/failure.ts';
import { isUntouched } from './untouched-pull.ts';

const PULL: PullRequest = {
  number: 5,
  title: 'Say who is on call',
  author: 'ada',
  url: 'https://forge.invalid/5',
  headSha: 'a'.repeat(40),
  headRef: 'on-call',
  baseRef: 'main',
  fromFork: false,
  fetchRef: 'refs/pull/5/head',
};

const ask = async (
  paths: readonly string[],
  answer: Partial<PullChanges> | Failure,
): Promise<boolean> => {
  const changesOf = async (): Promise<PullChanges> => {
    if (answer instanceof Failure) throw answer;
    return { mergeBase: undefined, files: [], isComplete: true, ...answer };
  };
  return isUntouched(PULL, { paths, forge: { changesOf } }, testScope());
};

test.each([
  ['beside the paths', ['./shop/', 'operators'], ['README.md', 'shop-old/orders.yaml'], true],
  ['below one of the paths', ['shop', 'operators'], ['README.md', 'shop/orders.yaml'], false],
  ['that is one of the paths', ['shop/orders.yaml'], ['shop/orders.yaml'], false],
  ['in a repository that is read whole', ['.'], ['README.md'], false],
])(
  'a pull request that changes a file %s is judged by it',
  async (_why, paths, files, expected) => {
    expect(await ask(paths, { files })).toBe(expected);
  },
);

test('what the forge does not know, or not all of, is read from Git', async () => {
  expect(await ask(['shop'], { files: [] })).toBe(false);
  expect(await ask(['shop'], { files: ['README.md'], isComplete: false })).toBe(false);
  expect(await ask(['shop'], new Failure('unreachable', 'no answer'))).toBe(false);
});
