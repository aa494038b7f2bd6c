import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitFile, GitFiles, ReadLimits } from './git-source.ts';
import { ObjectTooLarge } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';
import { createPacer } from '../lib/pacer.ts';
import { nameProblem, parseTree, type TreeEntry } from './parse-tree.ts';
import {
  GITMODULES,
  isLfsPointer,
  parseGitmodules,
  unreadLfsFile,
  unreadSubmodule,
  type UnreadFile,
} from './unread-file.ts';

/** What a search for files carries along. */
interface Search {
  readonly store: ObjectStore;
  readonly limits: ReadLimits & Pick<GitLimits, 'maxTreeDepth' | 'maxTreeEntries'>;
  readonly pace: () => Promise<void>;
  readonly files: Map<string, GitFile>;
  readonly skipped: Map<string, UnreadFile>;
  readonly submodules: Set<string>;
  readonly trees: Map<string, string>;
  bytes: number;
  entries: number;
}

/**
 * The files of the tree `root` below `paths`, in the order of the tree. What must not or cannot be
 * read as text is named in `skipped`; links, submodules and Git LFS are never followed. Throws
 * Failure `invalid` when a limit is passed or a path leads out of the repository.
 */
export async function readTreeFiles(
  store: ObjectStore,
  root: string,
  request: { paths: readonly string[]; limits: Search['limits'] },
  scope: Scope,
): Promise<GitFiles> {
  const search: Search = {
    store,
    limits: request.limits,
    pace: createPacer(scope),
    files: new Map(),
    skipped: new Map(),
    submodules: new Set(),
    trees: new Map(),
    bytes: 0,
    entries: 0,
  };
  const missingPaths: string[] = [];
  for (const path of request.paths) {
    const entry = resolvePath(store, root, partsOf(path));
    if (entry) await visit(search, partsOf(path).join('/'), entry);
    else missingPaths.push(path);
  }
  return {
    files: [...search.files.values()],
    skipped: [...search.skipped.values(), ...unreadSubmodules(search, root)],
    missingPaths,
    trees: search.trees,
  };
}

function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || path.includes('\\') || parts.includes('..')) {
    throw new Failure('invalid', `the path ${JSON.stringify(path)} leads out of the repository`, {
      hint: 'Write paths relative to the root of the repository, such as clusters/prod.',
    });
  }
  return parts;
}

type Found = Pick<TreeEntry, 'name' | 'kind' | 'oid'>;

function resolvePath(
  store: ObjectStore,
  root: string,
  parts: readonly string[],
): Found | undefined {
  let found: Found = { name: 'root', kind: 'folder', oid: root };
  for (const part of parts) {
    if (found.kind !== 'folder') return undefined;
    const entry = parseTree(store.read(found.oid, 'tree')).find(({ name }) => name === part);
    if (!entry) return undefined;
    found = entry;
  }
  return found;
}

async function visit(search: Search, path: string, entry: Found): Promise<void> {
  await search.pace();
  if (++search.entries > search.limits.maxTreeEntries) {
    throw tooMany(`more than ${search.limits.maxTreeEntries} files and folders`);
  }
  const reason = nameProblem(entry.name) ?? UNREADABLE[entry.kind];
  if (reason !== undefined) skip(search, { path: printable(path), reason });
  else if (entry.kind === 'submodule') search.submodules.add(path);
  else if (entry.kind === 'folder') await visitFolder(search, path, entry.oid);
  else readFile(search, path, entry.oid);
}

async function visitFolder(search: Search, path: string, oid: string): Promise<void> {
  if (search.trees.has(path)) return;
  if (path.split('/').length > search.limits.maxTreeDepth) {
    throw tooMany(`folders more than ${search.limits.maxTreeDepth} deep`);
  }
  search.trees.set(path, oid);
  for (const entry of parseTree(search.store.read(oid, 'tree'))) {
    if (isDotFolder(entry)) continue;
    await visit(search, path === '' ? entry.name : `${path}/${entry.name}`, entry);
  }
}

/** A folder such as .github; what only looks like one (`..`, `.git`) is named as a problem. */
const isDotFolder = ({ kind, name }: TreeEntry): boolean =>
  kind === 'folder' && name.startsWith('.') && nameProblem(name) === undefined;

function readFile(search: Search, path: string, oid: string): void {
  if (search.files.has(path) || search.skipped.has(path)) return;
  const { maxFileBytes, maxFiles, maxTotalBytes } = search.limits;
  const read = readText(search.store, { path, oid }, maxFileBytes);
  if ('problem' in read) {
    skip(search, read.problem);
    return;
  }
  search.files.set(path, { path, oid, text: read.text });
  search.bytes += read.bytes;
  if (search.files.size > maxFiles) throw tooMany(`more than ${maxFiles} files`);
  if (search.bytes > maxTotalBytes) throw tooMany(`more than ${maxTotalBytes} bytes of files`);
}

function readText(
  store: ObjectStore,
  { path, oid }: { readonly path: string; readonly oid: string },
  maxBytes: number,
): { text: string; bytes: number } | { problem: UnreadFile } {
  try {
    const raw = store.read(oid, 'blob', maxBytes);
    const text = utf8.decode(raw);
    if (isLfsPointer(text)) return { problem: unreadLfsFile(path) };
    return { text, bytes: raw.length };
  } catch (thrown) {
    const reason = unreadableText(thrown, maxBytes);
    if (reason === undefined) throw thrown;
    return { problem: { path, reason } };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function unreadableText(thrown: unknown, maxBytes: number): string | undefined {
  if (thrown instanceof ObjectTooLarge) return `it is larger than ${maxBytes} bytes`;
  return thrown instanceof TypeError ? 'it is not UTF-8 text' : undefined;
}

function skip({ skipped }: Search, file: UnreadFile): void {
  skipped.set(file.path, file);
}

function unreadSubmodules({ store, submodules, limits }: Search, root: string): UnreadFile[] {
  if (submodules.size === 0) return [];
  const listed = resolvePath(store, root, [GITMODULES]);
  const read =
    listed?.kind === 'file'
      ? readText(store, { path: GITMODULES, oid: listed.oid }, limits.maxFileBytes)
      : undefined;
  const modules = parseGitmodules(read && 'text' in read ? read.text : '');
  return [...submodules].map((path) => unreadSubmodule(printable(path), modules));
}

const UNREADABLE = {
  link: 'it is a symbolic link',
  submodule: undefined,
  folder: undefined,
  file: undefined,
} satisfies Record<TreeEntry['kind'], string | undefined>;

/** A path that may be shown: what could break a line or a terminal is written as \xNN. */
function printable(path: string): string {
  return path.replace(
    /\p{Cc}/gu,
    (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}

const tooMany = (what: string): Failure =>
  new Failure('invalid', `the paths have ${what}`, {
    hint: 'Point spec.paths at the folders that describe this cluster.',
  });
