import type { Instance } from '../kudo/objects.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';

/** True when the Sync made this very Instance: its owner annotation names both. */
export function ownedBy(syncUid: string, key: ObjectKey, instance: Instance | undefined): boolean {
  return instance?.metadata.annotations?.[ANNOTATION.owner] === `${syncUid}:${key}`;
}
