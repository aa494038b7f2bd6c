import { inflateSync } from 'node:zlib';
import { DamagedMirror, ObjectTooLarge, type ObjectType } from './git-object.ts';

/**
 * The head of one entry of a pack: a whole object, or a delta against an object that is named by
 * how far before it lies (`ofs`) or by its id (`ref`). `size` is what the entry inflates to.
 */
export type EntryHead = { readonly size: number; readonly bodyAt: number } & (
  | { readonly kind: ObjectType }
  | { readonly kind: 'ofs'; readonly distance: number }
  | { readonly kind: 'ref'; readonly base: Buffer }
);

/** Reads the head of the entry that starts at `at` (gitformat-pack, "pack entry"). */
export function parseEntryHead(bytes: Buffer, at: number): EntryHead {
  const first = byteAt(bytes, at);
  const rest = first & 0x80 ? parseSize(bytes, at + 1) : { value: 0, next: at + 1 };
  const size = (first & 15) + rest.value * 16;
  const type = (first >> 4) & 7;
  if (type === 6) {
    const { value, next } = parseDistance(bytes, rest.next);
    return { kind: 'ofs', size, distance: value, bodyAt: next };
  }
  if (type === 7) {
    const bodyAt = rest.next + ID_BYTES;
    return { kind: 'ref', size, base: bytes.subarray(rest.next, bodyAt), bodyAt };
  }
  const kind = OBJECT_TYPES[type];
  if (!kind) throw new DamagedMirror(`a pack entry has the unknown type ${type}`);
  return { kind, size, bodyAt: rest.next };
}

/**
 * Inflates exactly `size` bytes from the zlib stream that starts at `at`; tells where the stream
 * ends. Never makes more than `size` bytes, whatever the stream says.
 */
export function inflateEntry(
  bytes: Buffer,
  at: number,
  size: number,
  maxBytes: number,
): { data: Buffer; next: number } {
  if (size > maxBytes) throw new ObjectTooLarge(`an object has ${size} bytes`);
  let inflated: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    inflated = inflateSync(bytes.subarray(at), {
      maxOutputLength: Math.max(size, 1),
      chunkSize: Math.max(64, size + 1),
      info: true,
    }) as unknown as typeof inflated;
  } catch (cause) {
    throw new DamagedMirror('a pack entry cannot be inflated', { cause });
  }
  if (inflated.buffer.length !== size) {
    throw new DamagedMirror(`a pack entry has ${inflated.buffer.length} bytes instead of ${size}`);
  }
  return { data: inflated.buffer, next: at + inflated.engine.bytesWritten };
}

/** A number in groups of seven bits, lowest first, as in entry heads and deltas. */
export function parseSize(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  let unit = 1;
  for (let next = at; ; next++) {
    const byte = byteAt(bytes, next);
    value += (byte & 0x7f) * unit;
    if (value > Number.MAX_SAFE_INTEGER) throw new DamagedMirror('a size in a pack is too large');
    if (!(byte & 0x80)) return { value, next: next + 1 };
    unit *= 128;
  }
}

export const ID_BYTES = 20;

const OBJECT_TYPES: readonly (ObjectType | undefined)[] = [
  undefined,
  'commit',
  'tree',
  'blob',
  'tag',
];

function parseDistance(bytes: Buffer, at: number): { value: number; next: number } {
  let byte = byteAt(bytes, at);
  let value = byte & 0x7f;
  let next = at + 1;
  while (byte & 0x80) {
    byte = byteAt(bytes, next++);
    value = (value + 1) * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw new DamagedMirror('an offset in a pack is wrong');
  }
  return { value, next };
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new DamagedMirror('a pack is cut off');
  return byte;
}
