import { ALL_VERBS } from './custom-resource.ts';
import { builtinSchema } from './builtin-schema.ts';
import { apiVersionOf, type ResourceDefinition, type ScalePaths } from './resource-registry.ts';
import { BUILTIN_COLUMNS, DEFAULT_COLUMNS } from './builtin-columns.ts';
import { BUILTIN_RULES } from './builtin-rules.ts';

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly short?: readonly string[];
  readonly flags?: string;
  readonly fields?: readonly string[];
}

/**
 * Flags: `c` cluster-scoped, `s` status subresource, `g` has a generation, `a` in category all,
 * `r` scale subresource, `n` create only (a review, never stored).
 */
const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  '/v1': [
    {
      kind: 'Namespace',
      plural: 'namespaces',
      short: ['ns'],
      flags: 'cs',
      fields: ['status.phase'],
    },
    { kind: 'ConfigMap', plural: 'configmaps', short: ['cm'] },
    { kind: 'Secret', plural: 'secrets', fields: ['type'] },
    {
      kind: 'Service',
      plural: 'services',
      short: ['svc'],
      flags: 'sa',
      fields: ['spec.type', 'spec.clusterIP'],
    },
    {
      kind: 'Pod',
      plural: 'pods',
      short: ['po'],
      flags: 'sga',
      fields: [
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
      ],
    },
    { kind: 'ServiceAccount', plural: 'serviceaccounts', short: ['sa'] },
    { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', short: ['pvc'], flags: 's' },
    { kind: 'Endpoints', plural: 'endpoints', short: ['ep'] },
    {
      kind: 'ReplicationController',
      plural: 'replicationcontrollers',
      short: ['rc'],
      flags: 'sgar',
    },
    { kind: 'Node', plural: 'nodes', short: ['no'], flags: 'cs', fields: ['spec.unschedulable'] },
    {
      kind: 'Event',
      plural: 'events',
      short: ['ev'],
      fields: [
        'involvedObject.kind',
        'involvedObject.namespace',
        'involvedObject.name',
        'involvedObject.uid',
        'involvedObject.apiVersion',
        'involvedObject.resourceVersion',
        'involvedObject.fieldPath',
        'reason',
        'reportingComponent',
        'source',
        'type',
      ],
    },
  ],
  'events.k8s.io/v1': [
    {
      kind: 'Event',
      plural: 'events',
      short: ['ev'],
      fields: [
        'regarding.kind',
        'regarding.namespace',
        'regarding.name',
        'regarding.uid',
        'regarding.apiVersion',
        'reason',
        'reportingController',
        'type',
      ],
    },
  ],
  'apps/v1': [
    { kind: 'Deployment', plural: 'deployments', short: ['deploy'], flags: 'sgar' },
    { kind: 'StatefulSet', plural: 'statefulsets', short: ['sts'], flags: 'sgar' },
    { kind: 'DaemonSet', plural: 'daemonsets', short: ['ds'], flags: 'sga' },
    { kind: 'ReplicaSet', plural: 'replicasets', short: ['rs'], flags: 'sgar' },
    { kind: 'ControllerRevision', plural: 'controllerrevisions' },
  ],
  'autoscaling/v2': [
    {
      kind: 'HorizontalPodAutoscaler',
      plural: 'horizontalpodautoscalers',
      short: ['hpa'],
      flags: 'sa',
    },
  ],
  'batch/v1': [
    { kind: 'Job', plural: 'jobs', flags: 'sga', fields: ['status.successful'] },
    { kind: 'CronJob', plural: 'cronjobs', short: ['cj'], flags: 'sga' },
  ],
  'networking.k8s.io/v1': [
    { kind: 'Ingress', plural: 'ingresses', short: ['ing'], flags: 'sg' },
    { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'], flags: 'g' },
  ],
  'policy/v1': [
    { kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', short: ['pdb'], flags: 'sg' },
  ],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'Role', plural: 'roles' },
    { kind: 'RoleBinding', plural: 'rolebindings' },
    { kind: 'ClusterRole', plural: 'clusterroles', flags: 'c' },
    { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', flags: 'c' },
  ],
  'storage.k8s.io/v1': [
    { kind: 'StorageClass', plural: 'storageclasses', short: ['sc'], flags: 'c' },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease', plural: 'leases' }],
  'apiextensions.k8s.io/v1': [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      short: ['crd', 'crds'],
      flags: 'csg',
    },
  ],
  'admissionregistration.k8s.io/v1': [
    { kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations', flags: 'cg' },
  ],
  'authentication.k8s.io/v1': [
    { kind: 'TokenReview', plural: 'tokenreviews', flags: 'cn' },
    { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', flags: 'cn' },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', flags: 'cn' },
    { kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', flags: 'cn' },
    { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', flags: 'cn' },
  ],
};

const REPLICAS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: undefined,
};

/** The resources that are there without any CRD; no API version that Kubernetes 1.36 has removed. */
export function builtInResources(): ResourceDefinition[] {
  return Object.entries(GROUPS).flatMap(([groupVersion, rows]) => {
    const [group = '', version = ''] = groupVersion.split('/');
    return rows.map((row) => builtIn({ group, version }, row));
  });
}

function builtIn(
  id: { readonly group: string; readonly version: string },
  { kind, plural, short = [], flags = '', fields = [] }: Row,
): ResourceDefinition {
  return {
    ...id,
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    shortNames: short,
    storage: plural === 'events' || id.group === '' ? plural : `${id.group}/${plural}`,
    custom: false,
    fieldLabels: ['metadata.name', 'metadata.namespace', ...fields],
    columns: BUILTIN_COLUMNS[kind] ?? DEFAULT_COLUMNS,
    // Events of both groups are stored as those of the core group.
    schema: builtinSchema(kind === 'Event' ? 'v1' : apiVersionOf(id), kind),
    rules: BUILTIN_RULES[`${id.group}/${kind}`] ?? {},
    ...traitsOf(flags),
  };
}

type Traits = Pick<
  ResourceDefinition,
  'namespaced' | 'categories' | 'verbs' | 'hasStatus' | 'scale' | 'hasGeneration'
>;

function traitsOf(flags: string): Traits {
  return {
    namespaced: !flags.includes('c'),
    categories: flags.includes('a') ? ['all'] : [],
    verbs: flags.includes('n') ? ['create'] : ALL_VERBS,
    hasStatus: flags.includes('s'),
    scale: flags.includes('r') ? REPLICAS : undefined,
    hasGeneration: flags.includes('g'),
  };
}
