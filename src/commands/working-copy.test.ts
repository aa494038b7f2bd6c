import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWorkingCopy, WORKING_COPY_LIMITS } from './working-copy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kudo-gitops-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string | Buffer = 'a: 1\n'): void {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

test('reads YAML files below the paths, and nothing else', async () => {
  for (const path of ['shop/a.yaml', 'shop/deep/b.yml', 'other/c.yaml']) write(path);
  for (const path of ['shop/README.md', 'shop/.git/d.yaml']) write(path);
  const { files, missingPaths } = await readWorkingCopy(folder, ['./shop/', 'nowhere']);
  expect(files).toEqual([
    { path: 'shop/a.yaml', text: 'a: 1\n' },
    { path: 'shop/deep/b.yml', text: 'a: 1\n' },
  ]);
  expect(missingPaths).toEqual(['nowhere']);
});

test('leaves out installed packages and checkouts of other repositories', async () => {
  for (const path of ['.git/config', 'a.yaml', 'node_modules/x/b.yaml', 'web/node_modules/c.yaml'])
    write(path);
  for (const path of ['checkout/.git/config', 'checkout/d.yaml', 'submodule/e.yaml']) write(path);
  write('submodule/.git', 'gitdir: ../.git/modules/submodule\n');
  const { files } = await readWorkingCopy(folder, ['.']);
  expect(files.map(({ path }) => path)).toEqual(['a.yaml']);
});

test('names submodules and Git LFS pointers as a commit of them would', async () => {
  write('.gitmodules', '[submodule "m"]\n\tpath = shop/m\n\turl = ../m.git\n');
  write('shop/m/a.yaml');
  write('shop/big.yaml', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
  const { files, skipped } = await readWorkingCopy(folder, ['shop']);
  expect(files).toEqual([]);
  expect(skipped).toEqual([
    expect.objectContaining({ path: 'shop/big.yaml', reason: expect.stringContaining('LFS') }),
    expect.objectContaining({
      path: 'shop/m',
      isFolder: true,
      place: { file: '.gitmodules', line: 2 },
    }),
  ]);
});

test('names what it does not read: links, large files, what is not text', async () => {
  write('secret.txt');
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'link.yaml'));
  write('large.yaml', 'x'.repeat(101));
  write('binary.yaml', Buffer.from([0xff, 0xfe]));
  const limits = { ...WORKING_COPY_LIMITS, maxFileBytes: 100 };
  const { files, skipped } = await readWorkingCopy(folder, ['.'], limits);
  expect(files).toEqual([]);
  expect(skipped).toEqual([
    { path: 'binary.yaml', reason: 'not UTF-8' },
    { path: 'large.yaml', reason: 'larger than 100 bytes' },
    { path: 'link.yaml', reason: 'a symbolic link' },
  ]);
});

test.each([
  { why: 'files', limits: { maxFiles: 1 }, message: 'more than 1 YAML files' },
  { why: 'bytes', limits: { maxTotalBytes: 8 }, message: 'more than 8 bytes' },
  { why: 'entries', limits: { maxEntries: 2 }, message: 'more than 2 files and folders' },
])('refuses a folder with too many $why', async ({ limits, message }) => {
  write('a.yaml');
  write('b.yaml');
  const read = readWorkingCopy(folder, ['.'], { ...WORKING_COPY_LIMITS, ...limits });
  await expect(read).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining(message) as string,
  });
});

test.each(['../elsewhere', '/etc', 'a/../../b'])('refuses the path %s', async (path) => {
  await expect(readWorkingCopy(folder, [path])).rejects.toMatchObject({ kind: 'invalid' });
});

test('says that a folder is not there', async () => {
  await expect(readWorkingCopy(join(folder, 'no'), ['.'])).rejects.toMatchObject({
    kind: 'missing',
  });
});
