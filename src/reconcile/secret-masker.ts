import type { ObjectKey } from '../model/kube-object.ts';
import { maskSecrets, secretValues } from '../plan/mask-secrets.ts';
import type { Caches } from './cluster-view.ts';

/** Takes the secret values of these Instances, as the cluster has them, out of any text. */
export function secretMasker(
  instances: Iterable<ObjectKey>,
  caches: Pick<Caches, 'instances' | 'operatorVersions'>,
): (text: string) => string {
  const values = [...new Set(instances)].flatMap((key) => {
    const instance = caches.instances.get(key);
    const { name = '', namespace = '' } = instance?.spec?.operatorVersion ?? {};
    const home = namespace === '' ? (instance?.metadata.namespace ?? '') : namespace;
    return secretValues(undefined, instance, caches.operatorVersions.get(`${home}/${name}`));
  });
  if (values.length === 0) return (text) => text;
  return (text) => maskSecrets(text, values);
}
