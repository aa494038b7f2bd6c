import type { Instance } from '../kudo/objects.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { isJsonObject, valueAt } from './json-object.ts';
import { groupVersionOf } from './manifest.ts';

/** Whether an object does what it is for; `failed` never becomes healthy again. `error` is one of the check itself. */
export type Health =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy' | 'failed' | 'error'; readonly message: string };

const HEALTHY: Health = { kind: 'healthy' };

/** The health of any object by KUDO's rules; kinds without a rule are healthy once they exist (pkg/kubernetes/status/health.go:82-194). */
export function healthOf(object: KubeObject): Health {
  const { group } = groupVersionOf(object.apiVersion);
  const kind = `${group}/${object.kind}`;
  const rule = Object.hasOwn(RULES, kind) ? RULES[kind] : undefined;
  return rule?.(object) ?? HEALTHY;
}

const RULES: Readonly<Record<string, (object: KubeObject) => Health>> = {
  'apiextensions.k8s.io/CustomResourceDefinition': definitionHealth,
  'apps/StatefulSet': statefulSetHealth,
  'apps/Deployment': deploymentHealth,
  'batch/Job': jobHealth,
  'kudo.dev/Instance': instanceHealth,
  '/Pod': podHealth,
  '/Namespace': namespaceHealth,
  '/Service': serviceHealth,
};

function unhealthy(message: string): Health {
  return { kind: 'unhealthy', message };
}

function definitionHealth(object: KubeObject): Health {
  if (hasCondition(object, 'Established')) return HEALTHY;
  return unhealthy(`CRD ${object.metadata.name} is not healthy: it is not Established yet`);
}

/** `kubectl rollout status` (k8s.io/kubectl polymorphichelpers/rollout_status.go). */
function statefulSetHealth(object: KubeObject): Health {
  const name = JSON.stringify(object.metadata.name);
  const wait = (why: string): Health =>
    unhealthy(`statefulset ${name} is not healthy: ${why}...\n`);
  if (textAt(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate')
    return { kind: 'error', message: ROLLING_ONLY };
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (observed === 0 || generationOf(object) > observed)
    return wait('Waiting for statefulset spec update to be observed');
  const replicas = valueAt(object, ['spec', 'replicas']);
  const ready = numberAt(object, 'status', 'readyReplicas');
  if (typeof replicas === 'number' && ready < replicas)
    return wait(`Waiting for ${replicas - ready} pods to be ready`);
  return rolledOut(object, wait);
}

const ROLLING_ONLY = 'rollout status is only available for RollingUpdate strategy type';

function rolledOut(object: KubeObject, wait: (why: string) => Health): Health {
  const updated = numberAt(object, 'status', 'updatedReplicas');
  if (isJsonObject(valueAt(object, ['spec', 'updateStrategy', 'rollingUpdate']))) {
    const replicas = numberAt(object, 'spec', 'replicas');
    const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
    const wanted = replicas - partition;
    if (updated >= wanted) return HEALTHY;
    return wait(
      `Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated`,
    );
  }
  const revision = textAt(object, 'status', 'updateRevision');
  if (revision === textAt(object, 'status', 'currentRevision')) return HEALTHY;
  return wait(
    `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}`,
  );
}

/** `kubectl rollout status`; a deployment past its progress deadline is an error of the check, so KUDO waits on. */
function deploymentHealth(object: KubeObject): Health {
  const name = JSON.stringify(object.metadata.name);
  const wait = (why: string): Health => unhealthy(`deployment ${name} is not healthy: ${why}...\n`);
  if (generationOf(object) > numberAt(object, 'status', 'observedGeneration'))
    return wait('Waiting for deployment spec update to be observed');
  if (conditionReason(object, 'Progressing') === 'ProgressDeadlineExceeded')
    return { kind: 'error', message: `deployment ${name} exceeded its progress deadline` };
  const wanted = numberAt(object, 'spec', 'replicas');
  const updated = numberAt(object, 'status', 'updatedReplicas');
  const total = numberAt(object, 'status', 'replicas');
  const available = numberAt(object, 'status', 'availableReplicas');
  const waiting = (what: string): Health =>
    wait(`Waiting for deployment ${name} rollout to finish: ${what}`);
  if (updated < wanted)
    return waiting(`${updated} out of ${wanted} new replicas have been updated`);
  if (total > updated) return waiting(`${total - updated} old replicas are pending termination`);
  if (available < updated)
    return waiting(`${available} of ${updated} updated replicas are available`);
  return HEALTHY;
}

function jobHealth(object: KubeObject): Health {
  const name = JSON.stringify(object.metadata.name);
  if (numberAt(object, 'status', 'succeeded') === 1) return HEALTHY;
  if (!hasCondition(object, 'Failed')) return unhealthy(`job ${name} still running or failed`);
  const message = valueAt(conditionOf(object, 'Failed'), ['message']);
  const why = typeof message === 'string' ? message : '';
  return { kind: 'failed', message: `job ${name} has failed terminally: ${why}` };
}

/** A child is healthy when no plan is scheduled, also after a plan that failed (health.go:139-144). */
function instanceHealth(object: KubeObject): Health {
  const { planName, status } = (object as Instance).spec?.planExecution ?? {};
  if (!planName) return HEALTHY;
  const { namespace, name } = object.metadata;
  return unhealthy(`instance ${namespace}/${name} active plan is in state ${status ?? ''}`);
}

function podHealth(object: KubeObject): Health {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Running' && hasCondition(object, 'Ready')) return HEALTHY;
  const { namespace, name } = object.metadata;
  return unhealthy(`pod ${namespace}/${name} is not running yet: ${phase}`);
}

function namespaceHealth(object: KubeObject): Health {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Active') return HEALTHY;
  return unhealthy(`namespace ${object.metadata.name} is not active: ${phase}`);
}

function serviceHealth(object: KubeObject): Health {
  const { namespace, name } = object.metadata;
  const type = textAt(object, 'spec', 'type');
  if (type === 'ExternalName') return HEALTHY;
  if (textAt(object, 'spec', 'clusterIP') === '')
    return unhealthy(`service ${namespace}/${name} does not have cluster IP address`);
  if (type !== 'LoadBalancer') return HEALTHY;
  const externalIps = valueAt(object, ['spec', 'externalIPs']);
  if (Array.isArray(externalIps) && externalIps.length > 0) return HEALTHY;
  if (Array.isArray(valueAt(object, ['status', 'loadBalancer', 'ingress']))) return HEALTHY;
  return unhealthy(`service ${namespace}/${name} does not have load balancer ingress IP address`);
}

function generationOf(object: KubeObject): number {
  return object.metadata.generation ?? 0;
}

function numberAt(object: KubeObject, ...path: readonly string[]): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function textAt(object: KubeObject, ...path: readonly string[]): string {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : '';
}

function conditionOf(object: KubeObject, type: string): unknown {
  const conditions = valueAt(object, ['status', 'conditions']);
  if (!Array.isArray(conditions)) return undefined;
  return conditions.find((condition: unknown) => valueAt(condition, ['type']) === type);
}

function hasCondition(object: KubeObject, type: string): boolean {
  return valueAt(conditionOf(object, type), ['status']) === 'True';
}

function conditionReason(object: KubeObject, type: string): unknown {
  return valueAt(conditionOf(object, type), ['reason']);
}
