import { DamagedMirror, ObjectTooLarge } from './git-object.ts';
import { parseSize } from './pack-entry.ts';

/** The size of the object that `delta` makes. */
export function deltaTargetSize(delta: Buffer): number {
  return parseSize(delta, parseSize(delta, 0).next).value;
}

/**
 * Makes an object from its base (gitformat-pack, "deltified representation"). Throws
 * DamagedMirror when the delta does not fit the base, ObjectTooLarge above `maxBytes`.
 */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  const source = parseSize(delta, 0);
  const target = parseSize(delta, source.next);
  if (source.value !== base.length) throw new DamagedMirror('a delta does not fit its base');
  if (target.value > maxBytes) throw new ObjectTooLarge(`an object has ${target.value} bytes`);
  const out = Buffer.allocUnsafe(target.value);
  let filled = 0;
  for (let at = target.next; at < delta.length;) {
    const step = readStep(base, delta, at);
    if (filled + step.bytes.length > out.length) throw new DamagedMirror('a delta is too long');
    step.bytes.copy(out, filled);
    filled += step.bytes.length;
    at = step.next;
  }
  if (filled !== out.length) throw new DamagedMirror('a delta is too short');
  return out;
}

function readStep(base: Buffer, delta: Buffer, at: number): { bytes: Buffer; next: number } {
  const code = delta[at] ?? 0;
  if (code & 0x80) return readCopy(base, delta, at);
  const next = at + 1 + code;
  if (code === 0 || next > delta.length) throw new DamagedMirror('a delta has an unknown step');
  return { bytes: delta.subarray(at + 1, next), next };
}

function readCopy(base: Buffer, delta: Buffer, at: number): { bytes: Buffer; next: number } {
  const code = delta[at] ?? 0;
  let next = at + 1;
  const fields = [0, 0, 0, 0, 0, 0, 0].map((_, bit) =>
    code & (1 << bit) ? (delta[next++] ?? 0) * 2 ** (8 * (bit % 4)) : 0,
  );
  const from = sum(fields.slice(0, 4));
  const size = sum(fields.slice(4)) || 0x10000;
  if (next > delta.length || from + size > base.length) {
    throw new DamagedMirror('a delta copies from outside its base');
  }
  return { bytes: base.subarray(from, from + size), next };
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
