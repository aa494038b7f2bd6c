/** An API version that Kubernetes served once. */
export interface RemovedApiVersion {
  /** The first Kubernetes 1.x without it. */
  readonly removedIn: number;
  /** The apiVersion that took its place; undefined when nothing did. */
  readonly replacement: string | undefined;
}

/**
 * What became of `kind` in `apiVersion`, when Kubernetes 1.`minor` no longer serves it; undefined when it
 * does, and for API versions that are not Kubernetes' own.
 */
export function findRemovedApiVersion(
  apiVersion: string,
  kind: string,
  minor: number,
): RemovedApiVersion | undefined {
  const row = REMOVED.find(
    ([removedIn, from, kinds]) =>
      removedIn <= minor && from === apiVersion && kinds.split(' ').includes(kind),
  );
  return row && { removedIn: row[0], replacement: row[3] };
}

/** The newest Kubernetes 1.x that {@link findRemovedApiVersion} knows. */
export const NEWEST_KNOWN_MINOR = 36;

const ADMISSION = 'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding';
const FLOW = 'FlowSchema PriorityLevelConfiguration';
const ROLES = 'ClusterRole ClusterRoleBinding Role RoleBinding';
const WEBHOOKS = 'MutatingWebhookConfiguration ValidatingWebhookConfiguration';

/**
 * Removed in 1.x, apiVersion, kinds, replacement. From the lifecycle marks of k8s.io/api v0.36 and, for
 * types that it no longer has, https://kubernetes.io/docs/reference/using-api/deprecation-guide/.
 */
const REMOVED: readonly (readonly [number, string, string, string | undefined])[] = [
  [16, 'apps/v1beta1', 'ControllerRevision Deployment StatefulSet', 'apps/v1'],
  [16, 'apps/v1beta2', 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet', 'apps/v1'],
  [16, 'extensions/v1beta1', 'DaemonSet Deployment ReplicaSet', 'apps/v1'],
  [16, 'extensions/v1beta1', 'NetworkPolicy', 'networking.k8s.io/v1'],
  [16, 'extensions/v1beta1', 'PodSecurityPolicy', undefined],
  [20, 'settings.k8s.io/v1alpha1', 'PodPreset', undefined],
  [21, 'batch/v2alpha1', 'CronJob', 'batch/v1'],
  [22, 'admissionregistration.k8s.io/v1beta1', WEBHOOKS, 'admissionregistration.k8s.io/v1'],
  [22, 'apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', 'apiextensions.k8s.io/v1'],
  [22, 'apiregistration.k8s.io/v1beta1', 'APIService', 'apiregistration.k8s.io/v1'],
  [22, 'authentication.k8s.io/v1beta1', 'TokenReview', 'authentication.k8s.io/v1'],
  [
    22,
    'authorization.k8s.io/v1beta1',
    'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
    'authorization.k8s.io/v1',
  ],
  [22, 'certificates.k8s.io/v1beta1', 'CertificateSigningRequest', 'certificates.k8s.io/v1'],
  [22, 'coordination.k8s.io/v1beta1', 'Lease', 'coordination.k8s.io/v1'],
  [22, 'extensions/v1beta1', 'Ingress', 'networking.k8s.io/v1'],
  [22, 'networking.k8s.io/v1beta1', 'Ingress IngressClass', 'networking.k8s.io/v1'],
  [22, 'rbac.authorization.k8s.io/v1beta1', ROLES, 'rbac.authorization.k8s.io/v1'],
  [22, 'scheduling.k8s.io/v1beta1', 'PriorityClass', 'scheduling.k8s.io/v1'],
  [
    22,
    'storage.k8s.io/v1beta1',
    'CSIDriver CSINode StorageClass VolumeAttachment',
    'storage.k8s.io/v1',
  ],
  [23, 'rbac.authorization.k8s.io/v1alpha1', ROLES, 'rbac.authorization.k8s.io/v1'],
  [23, 'scheduling.k8s.io/v1alpha1', 'PriorityClass', 'scheduling.k8s.io/v1'],
  [24, 'storage.k8s.io/v1alpha1', 'CSIStorageCapacity VolumeAttachment', 'storage.k8s.io/v1'],
  [25, 'autoscaling/v2beta1', 'HorizontalPodAutoscaler', 'autoscaling/v2'],
  [25, 'batch/v1beta1', 'CronJob', 'batch/v1'],
  [25, 'discovery.k8s.io/v1beta1', 'EndpointSlice', 'discovery.k8s.io/v1'],
  [25, 'events.k8s.io/v1beta1', 'Event', 'events.k8s.io/v1'],
  [25, 'node.k8s.io/v1beta1', 'RuntimeClass', 'node.k8s.io/v1'],
  [25, 'policy/v1beta1', 'Eviction PodDisruptionBudget', 'policy/v1'],
  [25, 'policy/v1beta1', 'PodSecurityPolicy', undefined],
  [26, 'autoscaling/v2beta2', 'HorizontalPodAutoscaler', 'autoscaling/v2'],
  [26, 'flowcontrol.apiserver.k8s.io/v1beta1', FLOW, 'flowcontrol.apiserver.k8s.io/v1'],
  [27, 'storage.k8s.io/v1beta1', 'CSIStorageCapacity', 'storage.k8s.io/v1'],
  [29, 'flowcontrol.apiserver.k8s.io/v1beta2', FLOW, 'flowcontrol.apiserver.k8s.io/v1'],
  [32, 'flowcontrol.apiserver.k8s.io/v1beta3', FLOW, 'flowcontrol.apiserver.k8s.io/v1'],
  [32, 'admissionregistration.k8s.io/v1alpha1', ADMISSION, 'admissionregistration.k8s.io/v1'],
  [32, 'authentication.k8s.io/v1alpha1', 'SelfSubjectReview', 'authentication.k8s.io/v1'],
  [33, 'authentication.k8s.io/v1beta1', 'SelfSubjectReview', 'authentication.k8s.io/v1'],
  [34, 'admissionregistration.k8s.io/v1beta1', ADMISSION, 'admissionregistration.k8s.io/v1'],
  [35, 'storage.k8s.io/v1alpha1', 'VolumeAttributesClass', 'storage.k8s.io/v1'],
];
