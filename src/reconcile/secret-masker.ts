import type { ObjectKey } from '../model/kube-object.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import type { Caches } from './cluster-view.ts';
import { observedSecrets } from './plan-revision.ts';

/** Takes the secret values of these Instances, as the cluster has them, out of any text. */
export function secretMasker(
  instances: Iterable<ObjectKey>,
  caches: Pick<Caches, 'instances' | 'operatorVersions'>,
): (text: string) => string {
  const values = [...new Set(instances)].flatMap((key) =>
    observedSecrets(caches.instances.get(key), caches),
  );
  if (values.length === 0) return (text) => text;
  return (text) => maskSecrets(text, values);
}
