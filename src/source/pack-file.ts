import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { DamagedMirror, ObjectTooLarge } from './git-object.ts';
import { ID_BYTES, parseEntryHead, type EntryHead } from './pack-entry.ts';

/** One entry as it lies in the pack: its head, and the bytes that hold it. */
export interface PackEntry {
  readonly head: EntryHead;
  readonly bytes: Buffer;
}

/**
 * One pack with its index, version 2 (gitformat-pack). The index is kept in memory, the pack is
 * read entry by entry. Opening checks that both are whole and belong together; throws DamagedMirror.
 */
export class PackFile {
  readonly name: string;
  readonly bytes: number;
  readonly count: number;
  readonly #index: Buffer;
  readonly #fd: number;
  #ends: Float64Array | undefined;

  constructor(indexPath: string) {
    this.name = indexPath;
    this.#index = readFileSync(indexPath);
    this.#fd = openSync(indexPath.replace(/\.idx$/, '.pack'), 'r');
    try {
      this.bytes = fstatSync(this.#fd).size;
      this.count = this.#check();
    } catch (thrown) {
      this.close();
      throw thrown instanceof DamagedMirror ? thrown : damaged(indexPath, thrown);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Where the object starts in the pack. */
  find(id: Buffer): number | undefined {
    const first = id[0] ?? 0;
    let low = first === 0 ? 0 : this.#fanout(first - 1);
    let high = this.#fanout(first);
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = IDS_AT + middle * ID_BYTES;
      const order = this.#index.compare(id, 0, ID_BYTES, at, at + ID_BYTES);
      if (order === 0) return this.#offset(middle);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** Reads the entry at `offset`; throws ObjectTooLarge instead of reading more than `maxBytes`. */
  readEntry(offset: number, maxBytes: number): PackEntry {
    const length = this.#endOf(offset) - offset;
    if (length > maxBytes + 1024) throw new ObjectTooLarge(`an object has ${length} bytes packed`);
    const bytes = this.#read(offset, length);
    return { head: parseEntryHead(bytes, 0), bytes };
  }

  #check(): number {
    const index = this.#index;
    const count = index.length >= IDS_AT ? this.#fanout(255) : 0;
    const sumAt = index.length - ID_BYTES;
    const packSum = index.subarray(sumAt - ID_BYTES, sumAt);
    const head = this.#read(0, 12);
    const isWhole =
      index.length >= IDS_AT + count * 28 + 2 * ID_BYTES &&
      index.readUInt32BE(0) === INDEX_MAGIC &&
      index.readUInt32BE(4) === 2 &&
      createHash('sha1').update(index.subarray(0, sumAt)).digest().equals(index.subarray(sumAt)) &&
      this.#read(this.bytes - ID_BYTES, ID_BYTES).equals(packSum) &&
      head.toString('latin1', 0, 4) === 'PACK' &&
      head.readUInt32BE(8) === count;
    if (!isWhole) throw damaged(this.name, undefined);
    return count;
  }

  #fanout(byte: number): number {
    return this.#index.readUInt32BE(8 + byte * 4);
  }

  #offset(position: number): number {
    const small = this.#index.readUInt32BE(IDS_AT + this.count * 24 + position * 4);
    if (small < 0x80000000) return small;
    const at = IDS_AT + this.count * 28 + (small - 0x80000000) * 8;
    return Number(this.#index.readBigUInt64BE(at));
  }

  #endOf(offset: number): number {
    const ends = (this.#ends ??= Float64Array.from({ length: this.count + 1 }, (_, position) =>
      position < this.count ? this.#offset(position) : this.bytes - ID_BYTES,
    ).toSorted());
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const end = ends[low];
    if (end === undefined) throw damaged(this.name, undefined);
    return end;
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.#fd, bytes, 0, length, at) !== length) throw damaged(this.name, undefined);
    return bytes;
  }
}

const INDEX_MAGIC = 0xff744f63;
const IDS_AT = 8 + 256 * 4;

const damaged = (name: string, cause: unknown): DamagedMirror =>
  new DamagedMirror(`the pack ${name} is damaged`, { cause });
