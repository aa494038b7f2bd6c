import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Packages to try KUDO's rules on: the examples, and community operators where a copy lies beside the checkout. */
export async function readPackages(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const packages = new Map<string, ReadonlyMap<string, string>>();
  for (const root of ['examples/fleet/operators', '../shared/operators'])
    for (const name of await foldersIn(root))
      packages.set(name, await readFolder(join(root, name)));
  return packages;
}

async function foldersIn(root: string): Promise<string[]> {
  const isThere = await stat(root).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function readFolder(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = new Map<string, string>();
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path, 'utf8'));
  }
  return files;
}
