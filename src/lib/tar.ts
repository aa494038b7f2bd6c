import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import { Failure, messageOf } from './failure.ts';

/** Bounds on what a tarball may hold. */
export interface TarLimits {
  readonly maxFiles: number;
  /** Of the archive, unpacked. */
  readonly maxBytes: number;
}

const BLOCK = 512;

/**
 * A gzipped ustar archive whose bytes depend on nothing but the files: sorted by name, without times,
 * owners or the packing system's name.
 */
export function packTarball(files: ReadonlyMap<string, Buffer>): Buffer {
  const names = [...files.keys()].toSorted();
  const parts = names.flatMap((name) => {
    const content = files.get(name) ?? Buffer.alloc(0);
    return [header(name, content.length), content, Buffer.alloc(padding(content.length))];
  });
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  // Byte 9 names the system that packed it (RFC 1952).
  packed[9] = 255;
  return packed;
}

/**
 * The regular files of a gzipped tar archive by their paths, `./` in front removed. Directories, links
 * and other kinds are left out.
 *
 * @throws {Failure} `invalid` when it is no such archive, or larger than the limits
 */
export async function unpackTarball(
  packed: Buffer,
  limits: TarLimits,
): Promise<ReadonlyMap<string, Buffer>> {
  const archive = await unzip(packed, limits.maxBytes);
  const files = new Map<string, Buffer>();
  for (const { name, kind, content } of entries(archive)) {
    if (kind !== '0') continue;
    if (files.size >= limits.maxFiles)
      throw new Failure('invalid', `the tarball has more than ${limits.maxFiles} files`);
    files.set(safePath(name), content);
  }
  return files;
}

async function unzip(packed: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: maxBytes });
  } catch (thrown) {
    throw new Failure('invalid', `the tarball cannot be unpacked: ${messageOf(thrown)}`, {
      cause: thrown,
      hint: `it must be a gzipped tar archive of at most ${maxBytes} bytes`,
    });
  }
}

interface TarEntry {
  readonly name: string;
  /** `0` for a regular file. */
  readonly kind: string;
  readonly content: Buffer;
}

function* entries(archive: Buffer): Generator<TarEntry> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const head = archive.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) return;
    const size = sizeOf(head);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw broken('it ends in the middle of a file');
    at += BLOCK + size + padding(size);
    const kind = text(head, 156, 1) || '0';
    if (kind === 'L') longName = text(content, 0, size);
    else if (kind === 'x') longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString())?.[1];
    else {
      yield { name: longName ?? nameOf(head), kind, content };
      longName = undefined;
    }
  }
}

function sizeOf(head: Buffer): number {
  const size = Number.parseInt(text(head, 124, 12).trim(), 8);
  const sum = head.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  const isHeader = Number.parseInt(text(head, 148, 8).trim(), 8) === sum;
  if (!isHeader || !(size >= 0)) throw broken('a header of it is damaged');
  return size;
}

function nameOf(head: Buffer): string {
  const prefix = text(head, 257, 5) === 'ustar' ? text(head, 345, 155) : '';
  const name = text(head, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function safePath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw broken(`it holds a file outside of itself, ${name}`);
  return parts.join('/');
}

function broken(why: string): Failure {
  return new Failure('invalid', `the tarball cannot be read: ${why}`);
}

function text(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function header(name: string, size: number): Buffer {
  const head = Buffer.alloc(BLOCK);
  const [prefix, rest] = splitName(name);
  head.write(rest, 0, 'utf8');
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\u000000', 257);
  head.write(prefix, 345, 'utf8');
  const sum = head.reduce((all, byte) => all + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

/** ustar has 155 bytes for folders and 100 for the rest. */
function splitName(name: string): readonly [string, string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
    const [prefix, rest] = [name.slice(0, slash), name.slice(slash + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100) return [prefix, rest];
  }
  throw new Failure('invalid', `the path ${name} is too long for a tarball`);
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
