import type { ObjectMeta } from './kube-object.ts';
import { ANNOTATION } from './names.ts';

/** uid of the Sync that an object belongs to by its annotation; undefined for an object of nobody. */
export function ownerUid(
  object: { readonly metadata: ObjectMeta } | undefined,
): string | undefined {
  const owner = object?.metadata.annotations?.[ANNOTATION.owner];
  return owner?.slice(0, Math.max(0, owner.indexOf(':')));
}
