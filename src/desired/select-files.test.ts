import { expect, test } from 'vitest';
import { selectFiles } from './select-files.ts';

const select = (paths: readonly string[], ...files: readonly string[]): readonly string[] =>
  selectFiles(
    files.map((path) => ({ path, text: '' })),
    paths,
  ).map(({ path, layer }) => `${layer} ${path}`);

test('a folder is the one of that very name', () => {
  expect(select(['shop'], 'shop/a.yaml', 'shopping/b.yaml', 'shop.yaml')).toEqual([
    '0 shop/a.yaml',
  ]);
});

test('a file below several paths belongs to the last of them', () => {
  const files = ['shop/a.yaml', 'shop/prod/b.yaml'];
  expect(select(['.', './shop/', 'shop/prod'], ...files)).toEqual([
    '1 shop/a.yaml',
    '2 shop/prod/b.yaml',
  ]);
  expect(select(['shop/prod', 'shop'], ...files)).toEqual(['1 shop/a.yaml', '1 shop/prod/b.yaml']);
});

test('hidden files are left out, but not those below a path that is hidden itself', () => {
  const files = ['.github/ci.yaml', 'a/.b/c.yaml', 'd.yml', 'e.json'];
  expect(select(['.'], ...files)).toEqual(['0 d.yml']);
  expect(select(['.github'], ...files)).toEqual(['0 .github/ci.yaml']);
});
