/** A rule of RBAC. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** What `kudo-gitops run --lease` may do in the namespace of the Lease. `deploy/kustomize/role.yaml` says the same. */
export const LEASE_RULES: readonly PolicyRule[] = [
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['get', 'create', 'patch'],
  },
];

/** What `kudo-gitops run` may do, and nothing else. `deploy/kustomize/cluster-role.yaml` says the same. */
export const REQUIRED_RULES: readonly PolicyRule[] = [
  // Syncs are people's; here only their status is written.
  { apiGroups: ['gitops.kudo.dev'], resources: ['syncs'], verbs: ['list', 'watch'] },
  {
    apiGroups: ['gitops.kudo.dev'],
    resources: ['rollouts', 'rolloutparts'],
    verbs: ['get', 'list', 'watch', 'create'],
  },
  // History beyond `spec.historyLimit`; RolloutParts go with their Rollout.
  { apiGroups: ['gitops.kudo.dev'], resources: ['rollouts'], verbs: ['delete'] },
  {
    apiGroups: ['gitops.kudo.dev'],
    resources: ['planruns', 'planschedules'],
    verbs: ['list', 'watch', 'create', 'patch'],
  },
  // Those of a PlanSchedule beyond its history limits.
  { apiGroups: ['gitops.kudo.dev'], resources: ['planruns'], verbs: ['delete'] },
  {
    apiGroups: ['gitops.kudo.dev'],
    resources: ['planruns/status', 'planschedules/status'],
    verbs: ['patch'],
  },
  {
    apiGroups: ['gitops.kudo.dev'],
    resources: ['syncs/status', 'rollouts/status', 'rolloutparts/status'],
    verbs: ['patch'],
  },
  {
    apiGroups: ['kudo.dev'],
    resources: ['instances'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  {
    apiGroups: ['kudo.dev'],
    resources: ['operators', 'operatorversions'],
    verbs: ['get', 'list', 'watch', 'create'],
  },
  // Only where a Sync says `replaceOperatorVersions`.
  { apiGroups: ['kudo.dev'], resources: ['operatorversions'], verbs: ['patch'] },
  // Values that others changed.
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  // Credentials named by Syncs, one at a time: never listed, never watched.
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  // The certificate of KUDO's webhook.
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['kudo-webhook-server-secret'],
    verbs: ['patch'],
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    resourceNames: ['kudo-manager-instance-admission-webhook-config'],
    verbs: ['get', 'patch'],
  },
];
