import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Failure, messageOf } from '../lib/failure.ts';

/**
 * Every file below `folder` by its path in it, without Git's own. Symbolic links are left out.
 *
 * @throws {Failure} `missing` when there is no such folder, `invalid` when a file is not text
 */
export async function readFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (thrown: unknown) => {
      throw new Failure('missing', `cannot read the folder ${folder}: ${messageOf(thrown)}`);
    },
  );
  const files: Record<string, string> = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (name.split('/').includes('.git')) continue;
    files[name] = await readText(path);
  }
  return files;
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failure('invalid', `${path} is not UTF-8 text`, {
      hint: 'leave it out of the folder, or push it with git',
    });
  }
}
