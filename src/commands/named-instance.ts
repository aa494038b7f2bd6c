import { getIfThere } from '../cluster/apply-object.ts';
import { INSTANCES, pathOf } from '../cluster/resources.ts';
import { suggestionHint } from '../desired/suggest.ts';
import type { Instance } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { listAll, type OpenCluster } from './open-cluster.ts';

/** The key that `instance/name`, `namespace/name`, or a name alone, means. */
export function instanceKey(text: string, namespace: string): ObjectKey {
  const parts = text.replace(/^instances?\//, '').split('/');
  const [first = '', second] = parts;
  if (parts.length > 2 || first === '' || second === '') {
    const hint = 'write it as namespace/name';
    throw new Failure('invalid', `${JSON.stringify(text)} does not name an Instance`, { hint });
  }
  return second === undefined ? `${namespace}/${first}` : `${first}/${second}`;
}

/** @throws {Failure} `missing` when there is no such Instance, naming one that may be meant */
export async function readInstance(
  text: string,
  cluster: OpenCluster,
  scope: Scope,
): Promise<Instance> {
  const key = instanceKey(text, cluster.namespace);
  const found = await getIfThere<Instance>(cluster.client, pathOf(INSTANCES, key), scope);
  if (found) return found;
  throw await noInstance(key, cluster, scope);
}

/** That there is no such Instance, and which may be meant: of the same name elsewhere, or of a like one. */
export async function noInstance(
  key: ObjectKey,
  { client }: OpenCluster,
  scope: Scope,
): Promise<Failure> {
  const keys = (await listAll<Instance>(client, INSTANCES, scope)).map((one) => keyOf(one));
  const name = key.slice(key.indexOf('/'));
  const same = keys.find((other) => other.endsWith(name));
  const hint = same === undefined ? suggestionHint(key, keys) : `did you mean ${same}?`;
  return new Failure('missing', `there is no Instance ${key}`, {
    hint: hint ?? 'kudo-gitops get instances -A lists them',
  });
}
