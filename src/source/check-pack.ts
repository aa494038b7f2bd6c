import { createHash } from 'node:crypto';
import { Failure } from '../lib/failure.ts';
import { deltaTargetSize } from './apply-delta.ts';
import type { GitLimits } from './git-limits.ts';
import { DamagedMirror, ObjectTooLarge } from './git-object.ts';
import { ID_BYTES, inflateEntry, parseEntryHead } from './pack-entry.ts';

/**
 * Looks through a downloaded pack before anything else unpacks it: it is complete, its checksum
 * is right, and no object, nor all of them together, is larger than allowed. Throws Failure:
 * `unreachable` (it did not arrive whole), `invalid` (over a limit).
 */
export function checkPack(pack: Buffer, limits: GitLimits): void {
  const end = pack.length - ID_BYTES;
  if (end < HEAD_BYTES || pack.toString('latin1', 0, 4) !== 'PACK') throw cutOff();
  const sum = createHash('sha1').update(pack.subarray(0, end)).digest();
  if (!sum.equals(pack.subarray(end))) throw cutOff();
  const count = pack.readUInt32BE(8);
  if (count > limits.maxPackObjects) {
    throw overLimit(`it has ${count} objects, more than ${limits.maxPackObjects}`);
  }
  try {
    checkEntries(pack.subarray(0, end), count, limits);
  } catch (cause) {
    if (cause instanceof ObjectTooLarge) {
      throw overLimit(`${cause.message}, more than ${limits.maxObjectBytes}`);
    }
    if (cause instanceof DamagedMirror) {
      throw new Failure('invalid', `the Git server sent a broken pack: ${cause.message}`, {
        cause,
      });
    }
    throw cause;
  }
}

const HEAD_BYTES = 12;

function checkEntries(body: Buffer, count: number, limits: GitLimits): void {
  let total = 0;
  let at = HEAD_BYTES;
  for (let entry = 0; entry < count; entry++) {
    const head = parseEntryHead(body, at);
    const { data, next } = inflateEntry(body, head.bodyAt, head.size, limits.maxObjectBytes);
    const isDelta = head.kind === 'ofs' || head.kind === 'ref';
    const size = isDelta ? deltaTargetSize(data) : head.size;
    if (size > limits.maxObjectBytes) throw new ObjectTooLarge(`an object has ${size} bytes`);
    total += size;
    if (total > limits.maxInflatedBytes) {
      throw overLimit(`its objects together have more than ${limits.maxInflatedBytes} bytes`);
    }
    at = next;
  }
  if (at !== body.length) throw new DamagedMirror('bytes are left over after its last object');
}

const cutOff = (): Failure =>
  new Failure('unreachable', 'the pack from the Git server did not arrive whole');

const overLimit = (why: string): Failure =>
  new Failure('invalid', `the repository's history is too large to read: ${why}`, {
    hint: 'Take large files out of the history, or keep what describes the cluster in a repository of its own.',
  });
