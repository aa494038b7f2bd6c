import type { ObjectCache } from '../cluster/object-cache.ts';
import type { Instance } from '../kudo/objects.ts';

/** Instances that `instance` owns, directly or through others; bounded against cycles. */
export function descendantsOf(
  instance: Instance,
  instances: Pick<ObjectCache<Instance>, 'indexed'>,
): readonly Instance[] {
  const found = new Map<string, Instance>();
  const open = [instance.metadata.uid];
  for (let uid = open.pop(); uid !== undefined; uid = open.pop()) {
    for (const child of instances.indexed('owner', uid)) {
      const childUid = child.metadata.uid ?? '';
      if (found.has(childUid)) continue;
      found.set(childUid, child);
      open.push(childUid);
    }
  }
  return [...found.values()];
}
