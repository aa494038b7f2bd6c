import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkPack } from './check-pack.ts';
import { DEFAULT_GIT_LIMITS } from './git-limits.ts';

/** The head of an entry: type and size. */
function entryHead(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = size >>> 4; rest > 0; rest >>>= 7) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}

const blob = (data: Buffer, size = data.length): Buffer =>
  Buffer.concat([entryHead(3, size), deflateSync(data)]);

function pack(entries: readonly Buffer[], count = entries.length): Buffer {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** A delta of a few bytes that says it makes `size` bytes. */
function bomb(size: number): Buffer {
  const groups = [size & 0x7f, (size >>> 7) & 0x7f, (size >>> 14) & 0x7f, (size >>> 21) & 0x7f];
  const delta = Buffer.from([1, ...groups.map((group) => group | 0x80), 0, 0x90, 1]);
  const base = Buffer.alloc(20, 7);
  return Buffer.concat([entryHead(7, delta.length), base, deflateSync(delta)]);
}

const limits = { ...DEFAULT_GIT_LIMITS, maxObjectBytes: 1_000, maxInflatedBytes: 2_500 };
const good = blob(Buffer.from('hello'));

test('a pack within the limits passes', () => {
  expect(() => {
    checkPack(pack([good, bomb(900)]), limits);
  }).not.toThrow();
});

test.each([
  { why: 'is cut', given: pack([good]).subarray(0, 25), kind: 'unreachable' },
  { why: 'is empty', given: Buffer.alloc(0), kind: 'unreachable' },
  { why: 'is something else', given: Buffer.alloc(100), kind: 'unreachable' },
  { why: 'promises more objects than it has', given: pack([good], 2), kind: 'invalid' },
  { why: 'has bytes left over', given: pack([good, good], 1), kind: 'invalid' },
  { why: 'has a large object', given: pack([blob(Buffer.alloc(1_001))]), kind: 'invalid' },
  {
    why: 'has an object larger than it says',
    given: pack([blob(Buffer.alloc(1_000_000), 10)]),
    kind: 'invalid',
  },
  {
    why: 'has a delta that makes a large object',
    given: pack([bomb(200_000_000)]),
    kind: 'invalid',
  },
  {
    why: 'has objects that are large together',
    given: pack([bomb(900), bomb(900), bomb(900)]),
    kind: 'invalid',
  },
  {
    why: 'has an unknown type',
    given: pack([Buffer.concat([entryHead(5, 1), deflateSync('x')])]),
    kind: 'invalid',
  },
])('a pack that $why is $kind', ({ given, kind }) => {
  let thrown: unknown;
  try {
    checkPack(given, limits);
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toMatchObject({ name: 'Failure', kind });
});
