import { createHash } from 'node:crypto';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly data: Buffer;
}

/**
 * What a mirror holds is not what it should hold: a cut file, a wrong checksum, an object that is
 * not there. The answer is always the same: throw the mirror away and clone again.
 */
export class DamagedMirror extends Error {
  override readonly name: string = 'DamagedMirror';
}

/** An object that would need more memory than is allowed. */
export class ObjectTooLarge extends Error {
  override readonly name: string = 'ObjectTooLarge';
}

/** The SHA-1 that Git gives an object: of its type, its size and its bytes. */
export function objectId(object: GitObject): string {
  return createHash('sha1')
    .update(`${object.type} ${object.data.length}\0`)
    .update(object.data)
    .digest('hex');
}
