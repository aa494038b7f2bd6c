import type { KubeClient } from '../cluster/kube-client.ts';
import { OPERATOR_VERSIONS } from '../cluster/resources.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { secretValues } from '../plan/mask-secrets.ts';
import { listAll } from './open-cluster.ts';

/** Reads what tells the secret values of Instances that are in the cluster. */
export async function secretValuesReader(
  client: KubeClient,
  scope: Scope,
): Promise<(instance: Instance) => readonly string[]> {
  const listed = await listAll<OperatorVersion>(client, OPERATOR_VERSIONS, scope);
  const versions = new Map(listed.map((version) => [keyOf(version), version]));
  return (instance) => {
    const { namespace, name } = versionReference(instance);
    return secretValues({ observed: instance, versions: [versions.get(`${namespace}/${name}`)] });
  };
}
