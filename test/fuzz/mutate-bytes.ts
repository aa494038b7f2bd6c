import type { Chance } from './chance.ts';

type Edit = (bytes: Buffer, chance: Chance) => Buffer;

const EDITS: readonly Edit[] = [
  (bytes, chance) => put(bytes, chance, Buffer.from([chance.below(256)])),
  (bytes, chance) => put(bytes, chance, Buffer.from([chance.of([0, 1, 0x7f, 0x80, 0xfe, 0xff])])),
  (bytes, chance) => put(bytes, chance, Buffer.alloc(1 + chance.below(8), 0xff)),
  (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1)),
  (bytes, chance) => {
    const at = chance.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(16))]);
  },
  (bytes, chance) => {
    const [from, at] = [chance.below(bytes.length), chance.below(bytes.length)];
    const part = bytes.subarray(from, from + 1 + chance.below(64));
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
];

/** The bytes with one to four things wrong with them. */
export function mutateBytes(bytes: Buffer, chance: Chance): Buffer {
  let mutated = bytes;
  for (let left = 1 + chance.below(4); left > 0 && mutated.length > 0; left -= 1) {
    mutated = chance.of(EDITS)(mutated, chance);
  }
  return mutated;
}

function put(bytes: Buffer, chance: Chance, piece: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  piece.copy(copy, chance.below(bytes.length));
  return copy;
}
