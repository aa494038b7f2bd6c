import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitLimits } from './git-limits.ts';
import type { ObjectStore } from './object-store.ts';
import { createPacer } from '../lib/pacer.ts';
import { parseTree, type TreeEntry } from './parse-tree.ts';

/** What a comparison carries along. */
interface Comparison {
  readonly store: ObjectStore;
  readonly limits: Pick<GitLimits, 'maxTreeDepth' | 'maxTreeEntries'>;
  readonly pace: () => Promise<void>;
  readonly paths: string[];
}

/**
 * Sorted paths of what differs between two trees, in content or mode; every path of `to` when `from` is
 * undefined. Folders that are the same are not looked into. Throws Failure `invalid` over a limit.
 */
export async function diffTrees(
  store: ObjectStore,
  [from, to]: readonly [string | undefined, string | undefined],
  limits: Comparison['limits'],
  scope: Scope,
): Promise<string[]> {
  const comparison: Comparison = { store, limits, pace: createPacer(scope), paths: [] };
  await compare(comparison, [from, to], '');
  return comparison.paths.toSorted();
}

async function compare(
  comparison: Comparison,
  [from, to]: readonly [string | undefined, string | undefined],
  prefix: string,
): Promise<void> {
  if (prefix.split('/').length > comparison.limits.maxTreeDepth) {
    const { maxTreeDepth } = comparison.limits;
    throw new Failure('invalid', `a commit has folders more than ${maxTreeDepth} deep`);
  }
  const before = entriesByName(comparison.store, from);
  const after = entriesByName(comparison.store, to);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    await comparison.pace();
    await compareEntry(comparison, [before.get(name), after.get(name)], prefix + name);
  }
}

async function compareEntry(
  comparison: Comparison,
  [before, after]: readonly [TreeEntry | undefined, TreeEntry | undefined],
  path: string,
): Promise<void> {
  if (before?.oid === after?.oid && before?.mode === after?.mode) return;
  if (isFile(before) || isFile(after)) addPath(comparison, path);
  const folders = [folderOf(before), folderOf(after)] as const;
  if (folders.some((oid) => oid !== undefined)) await compare(comparison, folders, `${path}/`);
}

function addPath({ paths, limits }: Comparison, path: string): void {
  paths.push(path);
  if (paths.length > limits.maxTreeEntries) {
    throw new Failure(
      'invalid',
      `more than ${limits.maxTreeEntries} files differ between two commits`,
    );
  }
}

const isFile = (entry: TreeEntry | undefined): boolean =>
  entry !== undefined && entry.kind !== 'folder';

const folderOf = (entry: TreeEntry | undefined): string | undefined =>
  entry?.kind === 'folder' ? entry.oid : undefined;

function entriesByName(store: ObjectStore, tree: string | undefined): Map<string, TreeEntry> {
  const entries = tree === undefined ? [] : parseTree(store.read(tree, 'tree'));
  return new Map(entries.map((entry) => [entry.name, entry]));
}
