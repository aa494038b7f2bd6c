import { suggest } from '../desired/suggest.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { DependencyContext } from '../plan/dependency-problems.ts';
import { orderOf } from '../plan/instance-order.ts';
import type { Caches } from './cluster-view.ts';

type Known = Pick<Caches['instances'], 'get' | 'list'>;

/**
 * By what the names of `gitops.kudo.dev/depends-on` are judged: the Instances of a revision, and those of
 * the cluster where it may be asked.
 */
export function dependencyContext(
  instances: ReadonlyMap<ObjectKey, DesiredInstance>,
  observed: Known | undefined,
): DependencyContext {
  const has = (key: ObjectKey): boolean => instances.has(key) || observed?.get(key) !== undefined;
  return {
    order: orderOf(instances),
    has,
    suggest: (key) => meant(key, [...instances.keys(), ...(observed?.list() ?? []).map(keyOf)]),
    isOffline: observed === undefined,
  };
}

/** The Instance of that name in another namespace, else one of a similar name. */
function meant(key: ObjectKey, known: readonly ObjectKey[]): string | undefined {
  const name = key.slice(key.indexOf('/'));
  return known.find((other) => other.endsWith(name)) ?? suggest(key, known);
}
