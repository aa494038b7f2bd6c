import { randomUUID } from 'node:crypto';
import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { INSTANCES, pathOf } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { Instance } from '../kudo/objects.ts';
import { formatToken, type ChangeToken } from '../model/change-token.ts';
import { keyOf } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import { ASKED, resultOf, type WriteResult } from './send-change.ts';

/**
 * Asks KUDO to run a plan of an idle Instance: one merge patch, guarded by uid and resourceVersion, with
 * the token of the PlanRun in the same write. Nothing else of the Instance changes, whoever owns it.
 *
 * @throws {Failure} when neither side decided: API server or webhook unreachable, no permission
 */
export async function sendRun(
  { observed, plan, token }: { observed: Instance; plan: string; token: ChangeToken },
  client: KubeClient,
  scope: Scope,
): Promise<WriteResult> {
  const { uid, resourceVersion } = observed.metadata;
  const body = {
    metadata: { uid, resourceVersion, annotations: { [ANNOTATION.change]: formatToken(token) } },
    spec: { planExecution: { planName: plan, uid: `${ASKED}${randomUUID()}` } },
  };
  const path = pathOf(INSTANCES, keyOf(observed));
  const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
  try {
    return { kind: 'admitted', instance: await client.patch<Instance>(path, patch, scope) };
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    return resultOf(thrown, 'change');
  }
}
