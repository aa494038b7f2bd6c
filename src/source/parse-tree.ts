import { Failure } from '../lib/failure.ts';
import { ID_BYTES } from './pack-entry.ts';

export type EntryKind = 'folder' | 'file' | 'link' | 'submodule';

/** One entry of a tree. Its name is whatever the committer wrote: see `nameProblem`. */
export interface TreeEntry {
  readonly name: string;
  readonly mode: string;
  readonly kind: EntryKind;
  readonly oid: string;
}

/** The entries of a raw tree object, in its order; throws Failure `invalid` when it is none. */
export function parseTree(raw: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < raw.length;) {
    const space = raw.indexOf(32, at);
    const zero = raw.indexOf(0, space);
    const end = zero + 1 + ID_BYTES;
    if (space < 0 || zero < 0 || end > raw.length) throw broken();
    const mode = raw.toString('latin1', at, space);
    entries.push({
      name: raw.toString('utf8', space + 1, zero),
      mode,
      kind: kindOf(mode),
      oid: raw.toString('hex', zero + 1, end),
    });
    at = end;
  }
  return entries;
}

const broken = (): Failure => new Failure('invalid', 'a folder of the commit is not readable');

function kindOf(mode: string): EntryKind {
  if (mode === '40000' || mode === '040000') return 'folder';
  if (mode === '120000') return 'link';
  return mode === '160000' ? 'submodule' : 'file';
}

/** Why a name must not be used in a path, if so. */
export function nameProblem(name: string): string | undefined {
  if (name.includes(REPLACED)) return 'its name is not UTF-8';
  if (name === '' || name === '.' || name === '..') return 'its name leads out of its folder';
  if (/^\.git$/i.test(name)) return 'its name is reserved for Git';
  if (/[/\\]/.test(name)) return 'its name has a slash or backslash in it';
  if (/\p{Cc}/u.test(name)) return 'its name has control characters in it';
  return undefined;
}

/** What a decoder puts in place of bytes that are not UTF-8. */
const REPLACED = '\uFFFD';
