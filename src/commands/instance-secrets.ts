import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { OPERATOR_VERSIONS } from '../cluster/resources.ts';
import type { Instance, OperatorVersion, PlanStatus } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { withoutFormerTexts } from '../plan/former-secrets.ts';
import { maskPlanStatus, secretValues } from '../plan/mask-secrets.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { listAll } from './open-cluster.ts';
import { requireLists } from './require-lists.ts';

/** What of an Instance may not be shown. */
export interface InstanceSecrets {
  readonly values: readonly string[];
  /** False when no parameter of it is secret. */
  readonly areThere: boolean;
}

export type SecretsOf = (instance: Instance) => InstanceSecrets;

/** The status of a plan of the Instance as it may be shown. */
export function shownRun(
  instance: Instance,
  run: PlanStatus,
  { values, areThere }: InstanceSecrets,
): PlanStatus {
  return maskPlanStatus(areThere ? withoutFormerTexts(instance, run) : run, values);
}

/** Reads what tells the secret values of Instances that are in the cluster. */
export async function secretValuesReader(client: KubeClient, scope: Scope): Promise<SecretsOf> {
  const listed = await listAll<OperatorVersion>(client, OPERATOR_VERSIONS, scope);
  const versions = new Map(listed.map((version) => [keyOf(version), version]));
  return (instance) => secretsIn(instance, (key) => versions.get(key));
}

/** The same of whatever comes later, until the scope stops. */
export async function followSecretValues(client: KubeClient, scope: Scope): Promise<SecretsOf> {
  await requireLists([OPERATOR_VERSIONS], undefined, client, scope);
  const versions = new ObjectCache<OperatorVersion>({ client, path: OPERATOR_VERSIONS });
  versions.start(scope);
  await versions.synced;
  return (instance) => secretsIn(instance, (key) => versions.get(key));
}

/** All of them while nothing is known of its OperatorVersion, which is where most secrets are named. */
function secretsIn(
  instance: Instance,
  find: (key: ObjectKey) => OperatorVersion | undefined,
): InstanceSecrets {
  const { namespace, name } = versionReference(instance);
  const version = find(`${namespace}/${name}`);
  if (version) {
    const names = secretNames({ annotations: instance.metadata.annotations ?? {} }, version);
    const values = secretValues({ observed: instance, versions: [version] });
    return { values, areThere: names.size > 0 };
  }
  const all = Object.values(instance.spec?.parameters ?? {});
  return { values: all.filter((value) => value.trim() !== ''), areThere: true };
}
