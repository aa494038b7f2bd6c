import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { OPERATOR_VERSIONS } from '../cluster/resources.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { secretValues } from '../plan/mask-secrets.ts';
import { listAll } from './open-cluster.ts';
import { requireLists } from './require-lists.ts';

/** The values of an Instance that may not be shown. */
export type SecretValues = (instance: Instance) => readonly string[];

/** Reads what tells the secret values of Instances that are in the cluster. */
export async function secretValuesReader(client: KubeClient, scope: Scope): Promise<SecretValues> {
  const listed = await listAll<OperatorVersion>(client, OPERATOR_VERSIONS, scope);
  const versions = new Map(listed.map((version) => [keyOf(version), version]));
  return (instance) => valuesOf(instance, (key) => versions.get(key));
}

/** The same of whatever comes later, until the scope stops. */
export async function followSecretValues(client: KubeClient, scope: Scope): Promise<SecretValues> {
  await requireLists([OPERATOR_VERSIONS], undefined, client, scope);
  const versions = new ObjectCache<OperatorVersion>({ client, path: OPERATOR_VERSIONS });
  versions.start(scope);
  await versions.synced;
  return (instance) => valuesOf(instance, (key) => versions.get(key));
}

/** All of them while nothing is known of its OperatorVersion, which is where most secrets are named. */
function valuesOf(
  instance: Instance,
  find: (key: ObjectKey) => OperatorVersion | undefined,
): readonly string[] {
  const { namespace, name } = versionReference(instance);
  const version = find(`${namespace}/${name}`);
  if (version) return secretValues({ observed: instance, versions: [version] });
  return Object.values(instance.spec?.parameters ?? {}).filter((value) => value.trim() !== '');
}
