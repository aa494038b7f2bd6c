import { getIfThere } from '../cluster/apply-object.ts';
import { pathOf, SYNCS } from '../cluster/resources.ts';
import { suggestionHint } from '../desired/suggest.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { Sync } from '../model/sync.ts';
import { listAll, type OpenCluster } from './open-cluster.ts';

/** The key that `sync/name`, `namespace/name`, or a name alone, means. */
export function syncKey(text: string, namespace: string): ObjectKey {
  const parts = text.replace(/^syncs?\//, '').split('/');
  const [first = '', second] = parts;
  if (parts.length > 2 || first === '' || second === '') {
    const hint = 'write it as namespace/name';
    throw new Failure('invalid', `${JSON.stringify(text)} does not name a Sync`, { hint });
  }
  return second === undefined ? `${namespace}/${first}` : `${first}/${second}`;
}

/** @throws {Failure} `missing` when there is no such Sync, naming those there are */
export async function readSync(
  text: string,
  { client, namespace }: OpenCluster,
  scope: Scope,
): Promise<Sync> {
  const key = syncKey(text, namespace);
  const found = await getIfThere<Sync>(client, pathOf(SYNCS, key), scope);
  if (found) return found;
  const names = (await listAll<Sync>(client, SYNCS, scope)).map(keyOf);
  const there =
    names.length > 0 ? `there: ${names.slice(0, 5).join(', ')}` : 'there is no Sync yet';
  const hint = suggestionHint(key, names) ?? there;
  throw new Failure('missing', `there is no Sync ${key}`, { hint });
}
