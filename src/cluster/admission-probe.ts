import { messageOf } from '../lib/failure.ts';
import type { Instance } from '../kudo/objects.ts';
import type { Scope } from '../lib/scope.ts';
import { type KubeClient, KubeError } from './kube-client.ts';
import { INSTANCES } from './resources.ts';

/**
 * Why nobody judges Instances; undefined when somebody does. An Instance of an OperatorVersion that
 * is not there is sent as a dry run: whoever serves admission refuses it, and nothing is stored.
 */
export async function admissionTrouble(
  client: KubeClient,
  scope: Scope,
): Promise<string | undefined> {
  const path = { ...INSTANCES, namespace: 'default' };
  const body = {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name: PROBE, namespace: 'default' },
    spec: { operatorVersion: { name: PROBE } },
  };
  try {
    const { spec } = await client.create<Instance>(path, body, { dryRun: true }, scope);
    return spec?.planExecution?.planName === undefined ? 'it schedules no plan' : undefined;
  } catch (thrown) {
    scope.signal.throwIfAborted();
    const message = messageOf(thrown);
    const isAnswer = thrown instanceof KubeError && message.includes(DENIED);
    return isAnswer ? undefined : message;
  }
}

const PROBE = 'kudo-gitops-status-probe';
/** How API servers begin what a webhook refuses; a webhook that does not answer is told otherwise. */
const DENIED = 'denied the request';
