import { createHash } from 'node:crypto';
import { deflateSync, gzipSync, gunzipSync } from 'node:zlib';
import { Failure } from '../../src/lib/failure.ts';
import { packTarball, unpackTarball } from '../../src/lib/tar.ts';
import { applyDelta } from '../../src/source/apply-delta.ts';
import { checkPack } from '../../src/source/check-pack.ts';
import { DEFAULT_GIT_LIMITS } from '../../src/source/git-limits.ts';
import { DamagedMirror, ObjectTooLarge } from '../../src/source/git-object.ts';
import { parseCommit } from '../../src/source/parse-commit.ts';
import { parseTree } from '../../src/source/parse-tree.ts';
import { parsePackets } from '../../src/source/pkt-line.ts';
import { corpusFiles } from './fuzz-corpus.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutateBytes } from './mutate-bytes.ts';

const files = corpusFiles('fleet');
const LIMITS = { ...DEFAULT_GIT_LIMITS, maxObjectBytes: 1 << 20, maxInflatedBytes: 4 << 20 };

/** Runs it; what readers of foreign bytes say they throw is fine. */
function tolerate(
  read: () => void,
  expected: readonly (new (...args: never[]) => Error)[] = [Failure, DamagedMirror, ObjectTooLarge],
): void {
  try {
    read();
  } catch (thrown) {
    if (!expected.some((kind) => thrown instanceof kind)) throw thrown;
  }
}

const TREE = Buffer.concat(
  ['100644 orders.yaml', '40000 shop', '120000 link', '160000 module'].map((head, index) =>
    Buffer.concat([Buffer.from(`${head}\0`), Buffer.alloc(20, index + 1)]),
  ),
);
const COMMIT = Buffer.from(
  `tree ${'1'.repeat(40)}\nparent ${'2'.repeat(40)}\nauthor Ada <ada@example.org> 1700000000 +0100\n` +
    `committer Ada <ada@example.org> 1700000000 +0100\ngpgsig -----BEGIN\n abc\n -----END\n\norders: more\n`,
);
const BASE = Buffer.from(files[0]?.text ?? '');
// Source size, target size, one copy of 16 bytes from 0, one insert of 4 bytes.
const DELTA = Buffer.concat([
  size(BASE.length),
  size(20),
  Buffer.from([0x90, 16, 4]),
  Buffer.from('more'),
]);

function size(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

function entry(type: number, data: Buffer): Buffer {
  const low = (type << 4) | (data.length & 15);
  const rest = data.length >> 4;
  const head =
    rest === 0 ? Buffer.from([low]) : Buffer.concat([Buffer.from([low | 128]), size(rest)]);
  return Buffer.concat([head, deflateSync(data)]);
}

const PACK_BODY = Buffer.concat([
  Buffer.from('PACK'),
  Buffer.from([0, 0, 0, 2, 0, 0, 0, 3]),
  entry(1, COMMIT),
  entry(2, TREE),
  entry(3, BASE.subarray(0, 600)),
]);

const packs: FuzzTarget = {
  name: 'packs',
  share: 10,
  run(chance) {
    const body = mutateBytes(PACK_BODY, chance);
    const sum = createHash('sha1').update(body).digest();
    tolerate(() => {
      checkPack(Buffer.concat([body, sum]), LIMITS);
    });
    tolerate(() => parseTree(mutateBytes(TREE, chance)));
    tolerate(() => parseCommit('3'.repeat(40), mutateBytes(COMMIT, chance)));
    tolerate(() => applyDelta(BASE, mutateBytes(DELTA, chance), LIMITS.maxObjectBytes));
  },
};

const PACKETS = Buffer.from(
  `001e# service=git-upload-pack\n00000032${'4'.repeat(40)} HEAD\n00010009done\n0000`,
);

const packets: FuzzTarget = {
  name: 'packets',
  share: 2,
  run(chance) {
    tolerate(() => [...parsePackets(mutateBytes(PACKETS, chance))], [RangeError]);
  },
};

const TAR = gunzipSync(
  packTarball(new Map(files.slice(0, 4).map(({ path, text }) => [path, Buffer.from(text)]))),
);

const tarballs: FuzzTarget = {
  name: 'tarballs',
  share: 3,
  async run(chance) {
    const packed = gzipSync(mutateBytes(TAR, chance), { level: 1 });
    const broken = chance.below(4) === 0 ? mutateBytes(packed, chance) : packed;
    await unpackTarball(broken, { maxFiles: 100, maxBytes: 1 << 20 }).catch((thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown;
    });
  },
};

/** What servers send: packs, objects, packets, tarballs. */
export const BYTE_TARGETS: readonly FuzzTarget[] = [packs, packets, tarballs];
