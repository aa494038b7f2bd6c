import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizePath, type DesiredFile } from '../desired/select-files.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import {
  GITMODULES,
  isLfsPointer,
  parseGitmodules,
  unreadLfsFile,
  unreadSubmodule,
  type UnreadFile,
} from '../source/unread-file.ts';

/** Bounds on what is read; the same as for a commit. */
export interface WorkingCopyLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  /** Files and folders that are looked at. */
  readonly maxEntries: number;
}

const MIB = 1 << 20;

export const WORKING_COPY_LIMITS: WorkingCopyLimits = {
  maxFiles: 20_000,
  maxFileBytes: 2 * MIB,
  maxTotalBytes: 128 * MIB,
  maxEntries: 200_000,
};

/** What a folder has below the paths asked for; the shape is that of a commit's files. */
export interface WorkingCopy {
  readonly files: readonly DesiredFile[];
  readonly skipped: readonly UnreadFile[];
  readonly missingPaths: readonly string[];
}

/**
 * Reads the YAML files and templates of a folder as they are on disk, committed or not. Symbolic links
 * are never followed. Folders that begin with a dot are left out, and so is what belongs to somebody
 * else: `node_modules`, and folders below with a `.git` of their own. Submodules are named as not read.
 *
 * @throws {Failure} `missing` when there is no such folder, `invalid` when a limit is passed or a path
 *   leads out of it
 */
export async function readWorkingCopy(
  folder: string,
  paths: readonly string[],
  limits: WorkingCopyLimits = WORKING_COPY_LIMITS,
): Promise<WorkingCopy> {
  await checkFolder(folder);
  const modules = await readFile(join(folder, GITMODULES), 'utf8').catch(() => '');
  const search = new Search(folder, limits, parseGitmodules(modules));
  const missingPaths: string[] = [];
  for (const path of paths) {
    if (!(await search.visit(checkedPath(path)))) missingPaths.push(path);
  }
  return { files: [...search.files.values()], skipped: [...search.skipped.values()], missingPaths };
}

async function checkFolder(folder: string): Promise<void> {
  const found = await lstat(`${folder}/`).catch((thrown: unknown) => {
    throw new Failure('missing', `cannot read the folder ${folder}: ${messageOf(thrown)}`);
  });
  if (!found.isDirectory()) throw new Failure('invalid', `${folder} is not a folder`);
}

function checkedPath(path: string): string {
  if (!path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..')) {
    return normalizePath(path);
  }
  throw new Failure('invalid', `--path ${path} leads out of the folder`, {
    hint: 'paths are relative to the folder, as spec.paths of a Sync are to the repository',
  });
}

class Search {
  readonly files = new Map<string, DesiredFile>();
  readonly skipped = new Map<string, UnreadFile>();
  readonly #folder: string;
  readonly #limits: WorkingCopyLimits;
  readonly #submodules: ReadonlyMap<string, number>;
  readonly #visited = new Set<string>();
  #bytes = 0;

  constructor(folder: string, limits: WorkingCopyLimits, submodules: ReadonlyMap<string, number>) {
    this.#folder = folder;
    this.#limits = limits;
    this.#submodules = submodules;
  }

  /** False when there is nothing at `path`. */
  async visit(path: string, isAskedFor = true): Promise<boolean> {
    const entry = await lstat(join(this.#folder, path)).catch(() => undefined);
    if (!entry) return false;
    if (this.#visited.has(path)) return true;
    this.#visited.add(path);
    if (this.#visited.size > this.#limits.maxEntries) {
      throw tooMuch(`more than ${this.#limits.maxEntries} files and folders`);
    }
    if (this.#submodules.has(path)) this.#skip(unreadSubmodule(path, this.#submodules));
    else if (entry.isDirectory()) await this.#visitFolder(path, isAskedFor);
    else if (!mayMatter(path)) return true;
    else if (entry.isFile()) await this.#readFile(path, entry.size);
    else
      this.#skip({
        path,
        reason: entry.isSymbolicLink() ? 'a symbolic link' : 'not a regular file',
      });
    return true;
  }

  async #visitFolder(path: string, isAskedFor: boolean): Promise<void> {
    const names = await readdir(join(this.#folder, path), { withFileTypes: true });
    if (!isAskedFor && names.some(({ name }) => name === '.git')) return;
    for (const entry of names.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory() && isLeftOut(entry.name)) continue;
      await this.visit(path === '' ? entry.name : `${path}/${entry.name}`, false);
    }
  }

  async #readFile(path: string, size: number): Promise<void> {
    const { maxFileBytes, maxFiles, maxTotalBytes } = this.#limits;
    if (size > maxFileBytes) {
      this.#skip({ path, reason: `larger than ${maxFileBytes} bytes` });
      return;
    }
    this.#bytes += size;
    if (this.files.size >= maxFiles) throw tooMuch(`more than ${maxFiles} YAML files`);
    if (this.#bytes > maxTotalBytes)
      throw tooMuch(`more than ${maxTotalBytes} bytes of YAML files`);
    try {
      const bytes = await readFile(join(this.#folder, path));
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (isLfsPointer(text)) this.#skip(unreadLfsFile(path));
      else this.files.set(path, { path, text });
    } catch (thrown) {
      const reason = thrown instanceof TypeError ? 'not UTF-8' : messageOf(thrown);
      this.#skip({ path, reason });
    }
  }

  #skip(file: UnreadFile): void {
    this.skipped.set(file.path, file);
  }
}

function isLeftOut(folderName: string): boolean {
  return folderName.startsWith('.') || folderName === 'node_modules';
}

/** YAML files, and templates of packages, which may have an ending after `.yaml`. */
function mayMatter(path: string): boolean {
  return /\.ya?ml/.test(path);
}

function tooMuch(what: string): Failure {
  return new Failure('invalid', `the folder has ${what}`, {
    hint: 'name the folders that matter with --path',
  });
}
