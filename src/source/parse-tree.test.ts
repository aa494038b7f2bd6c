import { expect, test } from 'vitest';
import { nameProblem, parseTree } from './parse-tree.ts';

const entry = (mode: string, name: string, byte: number): Buffer =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, byte)]);

test('reads the kinds of entries', () => {
  const raw = Buffer.concat([
    entry('100755', 'run.sh', 1),
    entry('40000', 'apps', 2),
    entry('120000', 'link', 3),
    entry('160000', 'module', 4),
  ]);
  expect(parseTree(raw).map(({ name, kind }) => [name, kind])).toEqual([
    ['run.sh', 'file'],
    ['apps', 'folder'],
    ['link', 'link'],
    ['module', 'submodule'],
  ]);
  expect(parseTree(raw)[1]?.oid).toBe('02'.repeat(20));
});

test.each([Buffer.from('100644 a'), Buffer.from('100644 a\0short'), Buffer.from('nothing')])(
  'a tree that is cut off is refused',
  (raw) => {
    expect(() => parseTree(raw)).toThrow('not readable');
  },
);

test.each(['', '.', '..', '.git', '.GIT', 'a/b', 'a\\b', 'a\nb', 'a\u0000b', 'a\uFFFDb'])(
  'the name %j is never used in a path',
  (name) => {
    expect(nameProblem(name)).toBeDefined();
  },
);

test.each(['a.yaml', '.github', 'größe', '...', 'a b', '.gitignore'])(
  '%j is a good name',
  (name) => {
    expect(nameProblem(name)).toBeUndefined();
  },
);
