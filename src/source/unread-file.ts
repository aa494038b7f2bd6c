/** What a commit has below the paths asked for and is not read. */
export interface UnreadFile {
  readonly path: string;
  /** Why not, as the end of "not read: …". */
  readonly reason: string;
  readonly hint?: string | undefined;
  /** Where Git says what it is, when that is not the file itself. Counts from 1. */
  readonly place?: { readonly file: string; readonly line: number } | undefined;
  /** True when any number of files may be in it. */
  readonly isFolder?: boolean | undefined;
}

/** A submodule: its files are in another repository, which is never fetched. */
export function unreadSubmodule(path: string, modules: ReadonlyMap<string, number>): UnreadFile {
  const line = modules.get(path);
  return {
    path,
    reason: `${path} is a submodule, whose files are in another repository`,
    hint: 'give that repository a Sync of its own, or leave the folder out of spec.paths',
    place: line === undefined ? undefined : { file: GITMODULES, line },
    isFolder: true,
  };
}

/** The file in the root of a repository that lists its submodules (gitmodules(5)). */
export const GITMODULES = '.gitmodules';

/** The line of each submodule's path in a `.gitmodules` file. */
export function parseGitmodules(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    const [, path] = /^\s*path\s*=\s*"?([^"]*?)"?\s*$/.exec(line) ?? [];
    if (path !== undefined) found.set(path.replace(/\/+$/, ''), index + 1);
  }
  return found;
}

/** The first line of a pointer file (git-lfs docs/spec.md). */
const LFS_MARK = 'version https://git-lfs.github.com/spec/';

/** True for the few lines that Git LFS commits in place of a file. */
export function isLfsPointer(text: string): boolean {
  return text.startsWith(LFS_MARK);
}

/** A file that Git LFS keeps elsewhere. */
export function unreadLfsFile(path: string): UnreadFile {
  return {
    path,
    reason: 'it is a Git LFS pointer, and what it points to is not in the repository',
    hint: 'commit the file itself: git lfs untrack it, then git add --renormalize',
  };
}
