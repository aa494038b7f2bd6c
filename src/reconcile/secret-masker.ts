import type { ObjectKey } from '../model/kube-object.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import { descendantsOf } from './descendants-of.ts';
import type { Caches } from './cluster-view.ts';
import { observedSecrets } from './plan-revision.ts';

/** Takes the secret values of these Instances and their children, as the cluster has them, out of any text. */
export function secretMasker(
  instances: Iterable<ObjectKey>,
  caches: Pick<Caches, 'instances' | 'operatorVersions'>,
): (text: string) => string {
  const values = [...new Set(instances)].flatMap((key) => {
    const instance = caches.instances.get(key);
    if (!instance) return [];
    const all = [instance, ...descendantsOf(instance, caches.instances)];
    return all.flatMap((one) => observedSecrets(one, caches));
  });
  if (values.length === 0) return (text) => text;
  return (text) => maskSecrets(text, values);
}
