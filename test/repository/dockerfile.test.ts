import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const lines = (file: string): readonly string[] =>
  readFileSync(join(ROOT, file), 'utf8').split('\n');

/** Sources of `COPY` that come from the repository. */
const copied = lines('Dockerfile')
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) => line.split(/\s+/).slice(1, -1));

test('the image is built from files that are there', () => {
  expect(copied).toContain('src');
  expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

test('what the image is built from reaches the builder, and nothing else does', () => {
  const allowed = lines('.dockerignore')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  expect(lines('.dockerignore')[0]).toBe('*');
  expect(allowed.toSorted()).toEqual([...new Set(copied)].toSorted());
});

test('every script that the image runs is one of package.json, and the program is where it starts it', () => {
  const { scripts, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
    bin: Record<string, string>;
  };
  const text = lines('Dockerfile').join('\n');
  const used = [...text.matchAll(/^RUN npm run (\S+)$/gm)].map(([, name = '']) => name);
  expect(used).toEqual(['build']);
  expect(used.filter((name) => scripts[name] === undefined)).toEqual([]);
  expect(text).toContain(`/app/${bin['kudo-gitops']?.replace('./', '') ?? ''}`);
});
