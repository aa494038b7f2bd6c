import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { PODS } from '../../src/cluster/resources.ts';
import type { Scope } from '../../src/lib/scope.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

type Pod = KubeObject & { readonly status?: { readonly phase?: string } };

/** Lets the pod of a Deployment become ready that never would, as if its trouble had passed; false while there is none. */
export async function endHanging(
  { namespace, deployment }: { readonly namespace: string; readonly deployment: string },
  client: KubeClient,
  scope: Scope,
): Promise<boolean> {
  const path = { ...PODS, namespace };
  const { items } = await client.list<Pod>(path, {}, scope);
  const pod = items.find(({ metadata }) => metadata.name.startsWith(`${deployment}-`));
  if (pod?.status?.phase !== 'Running') return false;
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  const at = { ...path, name: pod.metadata.name, subresource: 'status' };
  await client.patch(at, { type: 'merge', body: { status } }, scope);
  return true;
}
