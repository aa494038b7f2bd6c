import { Discovery, type ServedKind } from '../cluster/discovery.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import type { Scope } from '../lib/scope.ts';

/** How the API server serves a kind, or undefined when it does not. */
export type FindKind = (
  apiVersion: string,
  kind: string,
  scope: Scope,
) => Promise<ServedKind | undefined>;

/**
 * Finds kinds and remembers them. One that is not known is always asked for anew, because the step
 * before may have created its definition (resource/object_key.go:70-95): "not there" ends a plan.
 */
export function kindFinder(client: KubeClient): FindKind {
  const known = new Discovery(client);
  return async (apiVersion, kind, scope) => {
    if (!/^[A-Za-z0-9.-]+(\/[A-Za-z0-9-]+)?$/.test(apiVersion)) return undefined;
    return (
      (await known.find(apiVersion, kind, scope)) ??
      (await new Discovery(client).find(apiVersion, kind, scope))
    );
  };
}
