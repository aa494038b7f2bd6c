import { keyOf, type KubeObject, type ObjectKey, splitKey } from '../model/kube-object.ts';
import type { Resource, ResourcePath } from './kube-client.ts';

const kudo = (plural: string): Resource => ({ group: 'kudo.dev', version: 'v1beta1', plural });
const ours = (plural: string): Resource => ({
  group: 'gitops.kudo.dev',
  version: 'v1alpha1',
  plural,
});
const core = (plural: string): Resource => ({ group: '', version: 'v1', plural });

export const OPERATORS = kudo('operators');
export const OPERATOR_VERSIONS = kudo('operatorversions');
export const INSTANCES = kudo('instances');

export const SYNCS = ours('syncs');
export const ROLLOUTS = ours('rollouts');
export const ROLLOUT_PARTS = ours('rolloutparts');
export const PLAN_RUNS = ours('planruns');
export const PLAN_SCHEDULES = ours('planschedules');

export const NAMESPACES = core('namespaces');
export const SECRETS = core('secrets');
export const CONFIG_MAPS = core('configmaps');
export const SERVICES = core('services');
export const SERVICE_ACCOUNTS = core('serviceaccounts');
export const PODS = core('pods');
export const EVENTS = core('events');

export const LEASES: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
};
export const DEPLOYMENTS: Resource = { group: 'apps', version: 'v1', plural: 'deployments' };
export const STATEFUL_SETS: Resource = { group: 'apps', version: 'v1', plural: 'statefulsets' };
export const CLUSTER_ROLE_BINDINGS: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
};
export const MUTATING_WEBHOOKS: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
};
export const CUSTOM_RESOURCE_DEFINITIONS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
};

export const SELF_SUBJECT_REVIEWS: Resource = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
};

/** The path of the object of `resource` that `key` names; a key with an empty namespace is cluster-scoped. */
export function pathOf(resource: Resource, key: ObjectKey): ResourcePath & { name: string } {
  const { namespace, name } = splitKey(key);
  return namespace === '' ? { ...resource, name } : { ...resource, namespace, name };
}

/** The path of `object`, which is one of `resource`. */
export function pathOfObject(
  resource: Resource,
  object: KubeObject,
): ResourcePath & { name: string } {
  return pathOf(resource, keyOf(object));
}
