import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitLimits } from './git-limits.ts';
import { DamagedMirror } from './git-object.ts';
import { ObjectStore } from './object-store.ts';
import type { Transport } from './transport.ts';

/** The tip to make available, and the connection to get it by. */
export interface Tip {
  /** Undefined for a commit that is asked for by its id alone. */
  readonly ref: string | undefined;
  readonly oid: string;
  readonly transport: Transport;
}

/**
 * A bare copy of one repository in one folder, which anyone may delete at any time. It comes into
 * being complete (made beside its place, then renamed) and only grows by complete packs; whatever
 * is damaged is thrown away and cloned again. Several processes may share the folder; within one
 * process the calls of `fetch` must not overlap.
 */
export class Mirror {
  readonly #folder: string;
  readonly #limits: GitLimits;
  #opened: { store: ObjectStore; stamp: Stamp } | undefined;

  constructor(folder: string, limits: GitLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** The objects that are there; undefined when nothing is. */
  async open(scope: Scope): Promise<ObjectStore | undefined> {
    const stamp = stampOf(this.#folder);
    if (this.#opened?.stamp.folder !== stamp?.folder) this.#close();
    if (!stamp || this.#opened?.stamp.changedAt === stamp.changedAt) return this.#opened?.store;
    try {
      this.#opened = { store: this.#currentStore(), stamp };
    } catch (thrown) {
      await this.dropIfDamaged(thrown, scope);
    }
    return this.#opened?.store;
  }

  /** A pack more makes nothing wrong of what was read from the others. */
  #currentStore(): ObjectStore {
    if (!this.#opened) return new ObjectStore(this.#folder, this.#limits);
    this.#opened.store.refresh();
    return this.#opened.store;
  }

  /** Makes `tip` and its history available. Throws Failure `missing` when the server has no such commit. */
  async fetch(tip: Tip, scope: Scope): Promise<void> {
    const store = await this.open(scope);
    if (store?.has(tip.oid)) return;
    const { maxPacks, maxMirrorBytes } = this.#limits;
    const isFull = store && (store.packCount >= maxPacks || store.bytes > maxMirrorBytes);
    if (store && !isFull) {
      await this.#download(this.#folder, tip);
      if ((await this.open(scope))?.has(tip.oid)) return;
      scope.log.warn('a Git mirror did not take up a fetch and is cloned again', {
        url: tip.transport.url,
      });
    }
    await this.#clone(tip, scope);
  }

  /** Throws the mirror away when `thrown` says that it is damaged; throws everything else again. */
  async dropIfDamaged(thrown: unknown, scope: Scope): Promise<void> {
    if (!isDamage(thrown)) throw thrown;
    scope.log.warn('a Git mirror was damaged and is thrown away', { error: thrown });
    this.#close();
    await this.#remove(this.#folder);
  }

  #close(): void {
    this.#opened?.store.close();
    this.#opened = undefined;
  }

  async #clone(tip: Tip, scope: Scope): Promise<void> {
    await this.#sweep(scope);
    const fresh = `${this.#folder}.new-${randomUUID()}`;
    try {
      await createBareRepository(fresh);
      await this.#download(fresh, tip);
      const store = new ObjectStore(fresh, this.#limits);
      const isThere = store.has(tip.oid);
      store.close();
      if (!isThere) throw movedOn(tip);
      this.#close();
      await this.#remove(this.#folder);
      // Another process that shares the folder may have put its own copy there first.
      await rename(fresh, this.#folder).catch((thrown: unknown) => {
        if (!existsSync(this.#folder)) throw thrown;
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** By the ref and, when that has moved on in between, by the commit's own id. */
  async #download(folder: string, tip: Tip): Promise<void> {
    const { ref, oid, transport } = tip;
    const have = bestLocalRef(folder, ref);
    if (ref !== undefined) await transport.download(folder, { what: ref, oid, have });
    if (ref === undefined || !holds(folder, oid, this.#limits)) {
      await transport.download(folder, { what: oid, have }).catch((cause: unknown) => {
        if (cause instanceof Failure && cause.kind !== 'missing') throw cause;
        throw movedOn(tip, cause);
      });
    }
    if (!holds(folder, oid, this.#limits)) return;
    for (const name of [localRef(ref ?? oid), LATEST]) await writeRef(folder, name, oid);
  }

  async #remove(folder: string): Promise<void> {
    const trash = `${folder}.old-${randomUUID()}`;
    try {
      await rename(folder, trash);
    } catch {
      if (existsSync(folder)) throw new Error(`${folder} cannot be moved away`);
      return;
    }
    await rm(trash, { recursive: true, force: true });
  }

  /** Removes what a killed process left half-done an hour ago or longer. */
  async #sweep(scope: Scope): Promise<void> {
    const parent = dirname(this.#folder);
    mkdirSync(parent, { recursive: true });
    for (const name of readdirSync(parent)) {
      if (!name.startsWith(`${basename(this.#folder)}.`)) continue;
      const path = join(parent, name);
      const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (changedAt === undefined || scope.clock.now() - changedAt < LEFT_OVER_MS) continue;
      await rm(path, { recursive: true, force: true });
    }
  }
}

const LEFT_OVER_MS = 3_600_000;
const LATEST = 'refs/kudo-gitops/latest';

interface Stamp {
  /** Another one for another folder under the same name. */
  readonly folder: bigint;
  /** Another one when a pack comes. */
  readonly changedAt: bigint;
}

function stampOf(folder: string): Stamp | undefined {
  const stat = statSync(join(folder, 'objects/pack'), { throwIfNoEntry: false, bigint: true });
  return stat && { folder: stat.ino, changedAt: stat.mtimeNs };
}

const isDamage = (thrown: unknown): boolean =>
  thrown instanceof DamagedMirror ||
  (thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'ENOENT');

function holds(folder: string, oid: string, limits: GitLimits): boolean {
  const store = new ObjectStore(folder, limits);
  try {
    return store.has(oid);
  } finally {
    store.close();
  }
}

async function createBareRepository(folder: string): Promise<void> {
  await mkdir(join(folder, 'objects/pack'), { recursive: true });
  await mkdir(join(folder, 'refs'));
  await writeFile(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  await writeFile(join(folder, 'config'), CONFIG);
}

const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
[remote "origin"]
\tfetch = +refs/heads/*:refs/remotes/origin/*
`;

/** Refs of our own: isomorphic-git writes its refs before it has stored the pack. */
function localRef(ref: string): string {
  return `refs/kudo-gitops/${createHash('sha1').update(ref).digest('hex')}`;
}

function bestLocalRef(folder: string, ref: string | undefined): string {
  if (ref === undefined) return LATEST;
  const own = localRef(ref);
  return existsSync(join(folder, own)) ? own : LATEST;
}

async function writeRef(folder: string, name: string, oid: string): Promise<void> {
  const path = join(folder, name);
  if (existsSync(path) && (await readFile(path, 'utf8')) === `${oid}\n`) return;
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, `${oid}\n`);
  await rename(fresh, path);
}

function movedOn({ ref, oid, transport: { url } }: Tip, cause?: unknown): Failure {
  if (ref === undefined) {
    return new Failure('missing', `${url} does not give out commit ${oid}`, {
      cause,
      hint: 'Push a branch or tag that has it, and name that too: many servers give out nothing else.',
    });
  }
  return new Failure('missing', `${url} no longer has commit ${oid} at ${ref}`, {
    cause,
    hint: 'Someone moved the branch in the meantime; the next look follows it.',
  });
}
