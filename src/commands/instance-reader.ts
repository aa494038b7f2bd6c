import type { ReadInstance } from '../audit/instance-history.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { OPERATOR_VERSIONS } from '../cluster/resources.ts';
import type { OperatorVersion } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import { readRevision } from '../reconcile/revision-reader.ts';
import type { SyncSettings } from '../reconcile/sync-settings.ts';
import type { GitRemote, GitSource } from '../source/git-source.ts';
import { listAll } from './open-cluster.ts';

/** Whose Instance, and where its commits are. */
export interface InstanceAt {
  readonly key: ObjectKey;
  readonly settings: SyncSettings;
  readonly remote: GitRemote;
}

/**
 * Reads one Instance from any fetched commit. A parameter counts as secret when any OperatorVersion
 * says so that the commit or the cluster has under the name it refers to.
 */
export async function instanceReader(
  { key, settings, remote }: InstanceAt,
  client: KubeClient,
  source: GitSource,
  scope: Scope,
): Promise<ReadInstance> {
  const listed = await listAll<OperatorVersion>(client, OPERATOR_VERSIONS, scope);
  const versions = new Map(listed.map((version) => [keyOf(version), version]));
  return async (oid, inner) => {
    const { desired } = await readRevision(source, { remote, oid }, settings, inner);
    const instance = desired.instances.get(key);
    if (!instance) {
      if (desired.incomplete) throw new Failure('invalid', `${oid} cannot be read whole`);
      return undefined;
    }
    const { namespace, name } = referenceOf(instance);
    const inGit = desired.operatorVersions.get(`${namespace}/${name}`)?.object;
    const inCluster = versions.get(`${namespace}/${name}`);
    return {
      operatorVersion: instance.operatorVersion.name,
      parameters: instance.parameters,
      secretParameters: [...secretNames(instance, inGit), ...secretNames(instance, inCluster)],
    };
  };
}
