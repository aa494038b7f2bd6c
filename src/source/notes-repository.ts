import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backoffMs } from '../lib/backoff.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { addNoteLine, MAX_NOTE_BYTES } from './add-note-line.ts';
import { DamagedMirror, ObjectTooLarge } from './git-object.ts';
import type { GitNoteLine, GitRemote } from './git-source.ts';
import { openNativeGit, type NativeGit } from './native-git.ts';
import { ObjectStore } from './object-store.ts';
import type { TransportOptions } from './open-transport.ts';
import { parseCommit } from './parse-commit.ts';
import { parseTree } from './parse-tree.ts';
import type { Transport } from './transport.ts';

/** One notes ref of one repository. */
export interface NotesPlace {
  readonly remote: GitRemote;
  readonly ref: string;
  readonly transport: Transport;
  readonly options: TransportOptions;
}

const MAX_NOTES = 10_000;
/** Of all notes that are read together. */
const MAX_READ_BYTES = 128 << 20;
const MAX_TRIES = 8;
const PAUSE = { minMs: 100, maxMs: 5_000 };

/** Who the notes' own commits are by. */
const AUTHOR = ['-c', 'user.name=kudo-gitops', '-c', 'user.email=kudo-gitops@noreply.invalid'];

/** See `GitSource.readNotes`. */
export async function readNotes(
  place: NotesPlace,
  scope: Scope,
): Promise<ReadonlyMap<string, string>> {
  const head = await headOf(place);
  if (head === undefined) return new Map();
  return inRepository(place, scope, async (copy) => {
    await copy.fetch();
    const notes = new Map<string, string>();
    let bytes = 0;
    for (const [commit, oid] of copy.list().slice(0, MAX_NOTES)) {
      const note = copy.read(oid);
      bytes += note?.length ?? 0;
      if (bytes > MAX_READ_BYTES) return notes;
      if (note) notes.set(commit, note.toString('utf8'));
    }
    return notes;
  });
}

/** See `GitSource.addNoteLines`. */
export async function addNoteLines(
  place: NotesPlace,
  lines: readonly GitNoteLine[],
  scope: Scope,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await addOnce(place, lines, scope);
      return;
    } catch (thrown) {
      const isOvertaken = thrown instanceof Failure && thrown.kind === 'conflict';
      if (!isOvertaken || tries >= MAX_TRIES) throw thrown;
    }
    await scope.clock.sleep(
      backoffMs(tries, PAUSE, () => Math.random()),
      scope.signal,
    );
  }
}

async function addOnce(
  place: NotesPlace,
  lines: readonly GitNoteLine[],
  scope: Scope,
): Promise<void> {
  const head = await headOf(place);
  await inRepository(place, scope, async (copy) => {
    if (head !== undefined) await copy.fetch();
    const notes = new Map(head === undefined ? [] : copy.list());
    const changed = new Map<string, Buffer>();
    for (const { commit, key, line } of lines) {
      const oid = notes.get(commit);
      const before = changed.get(commit) ?? (oid === undefined ? Buffer.alloc(0) : copy.read(oid));
      if (!before) throw new Failure('invalid', `the Git note of ${commit} is too large to add to`);
      const after = addNoteLine(before, key, line);
      if (after !== before) changed.set(commit, after);
    }
    if (changed.size === 0) return;
    for (const [commit, note] of changed) await copy.write(commit, note);
    await copy.push();
  });
}

async function headOf({ ref, transport }: NotesPlace): Promise<string | undefined> {
  return (await transport.listRefs([ref])).get(ref);
}

/** A throw-away repository that has the newest state of one notes ref and nothing else. */
class NotesCopy {
  readonly #git: NativeGit;
  readonly #folder: string;
  readonly #place: NotesPlace;
  #store: ObjectStore | undefined;
  #head = '';

  constructor(git: NativeGit, folder: string, place: NotesPlace) {
    this.#git = git;
    this.#folder = folder;
    this.#place = place;
  }

  async fetch(): Promise<void> {
    const { ref, options } = this.#place;
    const what = `+${ref}:${ref}`;
    await this.#run(['fetch', '--quiet', '--no-tags', '--depth=1', '--', this.#git.url.href, what]);
    this.#head = (await this.#run(['rev-parse', '--verify', ref])).trim();
    this.#store = new ObjectStore(this.#folder, options.limits);
  }

  /** Blob by commit. Git spreads many notes over folders named by the first digits (git-notes(1)). */
  list(): [commit: string, blob: string][] {
    const store = this.#store;
    if (!store) return [];
    const found: [string, string][] = [];
    let left = this.#place.options.limits.maxTreeEntries;
    const walk = (tree: string, digits: string): void => {
      for (const { name, kind, oid } of parseTree(store.read(tree, 'tree'))) {
        left -= 1;
        if (left < 0) throw new Failure('invalid', `${this.#place.ref} has too many notes`);
        const path = digits + name;
        if (!/^([0-9a-f]{2}){1,20}$/.test(path)) continue;
        if (kind === 'folder' && path.length < 40) walk(oid, path);
        else if (kind === 'file' && path.length === 40) found.push([path, oid]);
      }
    };
    const commit = parseCommit(this.#head, store.read(this.#head, 'commit'));
    if (commit) walk(commit.tree, '');
    return found;
  }

  /** Undefined when it is too large. */
  read(blob: string): Buffer | undefined {
    try {
      return this.#store?.read(blob, 'blob', MAX_NOTE_BYTES);
    } catch (thrown) {
      if (thrown instanceof ObjectTooLarge) return undefined;
      throw thrown;
    }
  }

  async write(commit: string, note: Buffer): Promise<void> {
    const file = join(this.#folder, 'note');
    await writeFile(file, note);
    const blob = (await this.#run(['hash-object', '-w', '--', file])).trim();
    const { ref } = this.#place;
    await this.#run([...AUTHOR, 'notes', `--ref=${ref}`, 'add', '-f', '-C', blob, commit]);
  }

  async push(): Promise<void> {
    const { ref } = this.#place;
    try {
      await this.#run(['push', '--quiet', '--', this.#git.url.href, `${ref}:${ref}`]);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind !== 'denied') throw thrown;
      const hint = `The credentials in the Secret of spec.secretRef must be allowed to push ${ref}, or set spec.notes to false.`;
      throw new Failure('denied', thrown.message, { cause: thrown, hint });
    }
  }

  async #run(args: readonly string[]): Promise<string> {
    return this.#git.run(args, this.#folder);
  }

  close(): void {
    this.#store?.close();
  }
}

async function inRepository<T>(
  place: NotesPlace,
  scope: Scope,
  work: (copy: NotesCopy) => Promise<T>,
): Promise<T> {
  const { remote, ref, transport, options } = place;
  if (options.native === 'never') {
    throw new Failure(
      'invalid',
      `${ref} is read and pushed by the program git, which is not to run`,
    );
  }
  // Where its redirects led to.
  const at = { ...remote, url: transport.url };
  const git = openNativeGit(at, { env: options.env ?? {}, limits: options.limits }, scope);
  const folder = await mkdtemp(join(tmpdir(), 'kudo-gitops-notes-'));
  const copy = new NotesCopy(git, folder, place);
  try {
    await git.run(['init', '--quiet', '--bare', '--', folder]);
    return await work(copy);
  } catch (thrown) {
    const isBad = thrown instanceof DamagedMirror || thrown instanceof ObjectTooLarge;
    if (!isBad) throw thrown;
    throw new Failure('invalid', `the Git notes in ${ref} cannot be read`, { cause: thrown });
  } finally {
    copy.close();
    await git.close();
    await rm(folder, { recursive: true, force: true });
  }
}
