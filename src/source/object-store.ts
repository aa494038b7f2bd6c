import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { Failure } from '../lib/failure.ts';
import { applyDelta } from './apply-delta.ts';
import type { GitLimits } from './git-limits.ts';
import {
  DamagedMirror,
  objectId,
  ObjectTooLarge,
  type GitObject,
  type ObjectType,
} from './git-object.ts';
import { inflateEntry } from './pack-entry.ts';
import { PackFile, type PackEntry } from './pack-file.ts';

/**
 * The objects of one bare repository, from its packs and its loose files. Reading checks each
 * object against its id. Synchronous: use it in a worker only.
 */
export class ObjectStore {
  readonly #gitDir: string;
  readonly #limits: GitLimits;
  readonly #packs = new Map<string, PackFile>();
  readonly #cache = new Map<string, GitObject>();
  #cachedBytes = 0;

  /** Throws DamagedMirror when a pack is not whole. */
  constructor(gitDir: string, limits: GitLimits) {
    this.#gitDir = gitDir;
    this.#limits = limits;
    this.refresh();
  }

  get packCount(): number {
    return this.#packs.size;
  }

  get bytes(): number {
    return [...this.#packs.values()].reduce((total, pack) => total + pack.bytes, 0);
  }

  /** Opens the packs that came since, and closes those that are gone. */
  refresh(): void {
    const folder = join(this.#gitDir, 'objects/pack');
    const names = new Set(readdirSync(folder));
    for (const [name, pack] of this.#packs) {
      if (names.has(name)) continue;
      pack.close();
      this.#packs.delete(name);
      this.#forget();
    }
    for (const name of names) {
      if (!name.endsWith('.idx') || this.#packs.has(name)) continue;
      this.#packs.set(name, new PackFile(join(folder, name)));
    }
  }

  close(): void {
    for (const pack of this.#packs.values()) pack.close();
    this.#packs.clear();
    this.#forget();
  }

  has(oid: string): boolean {
    return this.#find(Buffer.from(oid, 'hex')) !== undefined || existsSync(this.#loosePath(oid));
  }

  /**
   * Reads an object of the type `type`. Throws DamagedMirror when it is not there or not what its
   * id says, ObjectTooLarge above `maxBytes`, Failure `invalid` when it is of another type.
   */
  read(oid: string, type: ObjectType, maxBytes: number = this.#limits.maxObjectBytes): Buffer {
    const found = this.#find(Buffer.from(oid, 'hex'));
    const object = found ? this.#readPacked(found.pack, found.offset, 0) : this.#readLoose(oid);
    if (object.data.length > maxBytes) {
      throw new ObjectTooLarge(`object ${oid} has ${object.data.length} bytes`);
    }
    if (objectId(object) !== oid) throw new DamagedMirror(`object ${oid} is damaged`);
    if (object.type !== type) {
      throw new Failure('invalid', `object ${oid} is a ${object.type}, not a ${type}`);
    }
    return object.data;
  }

  #find(id: Buffer): { pack: PackFile; offset: number } | undefined {
    for (const pack of this.#packs.values()) {
      const offset = pack.find(id);
      if (offset !== undefined) return { pack, offset };
    }
    return undefined;
  }

  #readPacked(pack: PackFile, offset: number, basesAbove: number): GitObject {
    const key = `${pack.name}:${offset}`;
    const deltas: PackEntry[] = [];
    let object: GitObject | undefined;
    for (let at = offset; !object;) {
      if (deltas.length + basesAbove > MAX_DELTAS) {
        throw new DamagedMirror('an object is a delta of itself');
      }
      object = this.#cache.get(`${pack.name}:${at}`);
      if (object) break;
      const entry = pack.readEntry(at, this.#limits.maxObjectBytes);
      const { head } = entry;
      if (head.kind === 'ofs') at -= head.distance;
      else if (head.kind === 'ref') object = this.#readBase(head.base, deltas.length + basesAbove);
      else object = { type: head.kind, data: this.#inflate(entry) };
      if (head.kind === 'ofs' || head.kind === 'ref') deltas.push(entry);
    }
    for (const entry of deltas.toReversed()) {
      const data = applyDelta(object.data, this.#inflate(entry), this.#limits.maxObjectBytes);
      object = { type: object.type, data };
    }
    this.#remember(key, object);
    return object;
  }

  #readBase(id: Buffer, basesAbove: number): GitObject {
    const found = this.#find(id);
    if (!found) throw new DamagedMirror(`the base ${id.toString('hex')} of a delta is missing`);
    return this.#readPacked(found.pack, found.offset, basesAbove + 1);
  }

  #inflate({ head, bytes }: PackEntry): Buffer {
    return inflateEntry(bytes, head.bodyAt, head.size, this.#limits.maxObjectBytes).data;
  }

  #remember(key: string, object: GitObject): void {
    if (this.#cache.has(key) || object.data.length > this.#limits.cacheBytes / 4) return;
    this.#cache.set(key, object);
    this.#cachedBytes += object.data.length;
    for (const [oldest, { data }] of this.#cache) {
      if (this.#cachedBytes <= this.#limits.cacheBytes) return;
      this.#cache.delete(oldest);
      this.#cachedBytes -= data.length;
    }
  }

  #forget(): void {
    this.#cache.clear();
    this.#cachedBytes = 0;
  }

  #loosePath(oid: string): string {
    return join(this.#gitDir, 'objects', oid.slice(0, 2), oid.slice(2));
  }

  #readLoose(oid: string): GitObject {
    const path = this.#loosePath(oid);
    if (!existsSync(path)) throw new DamagedMirror(`object ${oid} is missing`);
    const { maxObjectBytes } = this.#limits;
    if (statSync(path).size > maxObjectBytes)
      throw new ObjectTooLarge(`object ${oid} is too large`);
    let raw: Buffer;
    try {
      raw = inflateSync(readFileSync(path), { maxOutputLength: maxObjectBytes + 64 });
    } catch (cause) {
      throw new DamagedMirror(`object ${oid} is damaged`, { cause });
    }
    const [, type] = /^(commit|tree|blob|tag) \d+\0/.exec(raw.toString('latin1', 0, 32)) ?? [];
    if (!type) throw new DamagedMirror(`object ${oid} is damaged`);
    return { type: type as ObjectType, data: raw.subarray(raw.indexOf(0) + 1) };
  }
}

const MAX_DELTAS = 4_096;
