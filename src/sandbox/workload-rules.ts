import type { FieldCause } from './api-error.ts';
import {
  fieldsOf,
  isSame,
  listOf,
  valueAt,
  withMeta,
  withValueAt,
  withoutFields,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import type { ResourceRules } from './resource-registry.ts';
import { labelSelectorMatches } from './selectors.ts';

/** Deployments and ReplicaSets. */
export const deploymentRules: ResourceRules = {
  complete: (object) =>
    withSpecDefaults(object, {
      replicas: 1,
      ...(object.kind === 'Deployment'
        ? {
            progressDeadlineSeconds: 600,
            revisionHistoryLimit: 10,
            strategy: {
              type: 'RollingUpdate',
              rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
            },
          }
        : {}),
    }),
  validate: (object, previous) => [
    ...selectorCauses(object),
    ...immutableCauses(object, previous, ['selector']),
  ],
};

export const statefulSetRules: ResourceRules = {
  complete: (object) =>
    withSpecDefaults(object, {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      serviceName: '',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    }),
  validate: (object, previous) => [
    ...selectorCauses(object),
    ...(previous === undefined ? [] : statefulSetUpdateCauses(object, previous)),
  ],
};

export const daemonSetRules: ResourceRules = {
  complete: (object) =>
    withSpecDefaults(object, {
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    }),
  validate: deploymentRules.validate ?? (() => []),
};

export const jobRules: ResourceRules = {
  complete: (object, previous) => (previous === undefined ? completeJob(object) : object),
  validate: (object, previous) =>
    immutableCauses(object, previous, ['template', 'selector', 'completions', 'completionMode']),
};

export const cronJobRules: ResourceRules = {
  complete: (object) => {
    const spec: Fields = {
      concurrencyPolicy: 'Allow',
      failedJobsHistoryLimit: 1,
      successfulJobsHistoryLimit: 3,
      suspend: false,
      ...fieldsOf(object['spec']),
    };
    return { ...object, spec };
  },
};

export const podRules: ResourceRules = {
  complete: (object, previous) => ({
    ...object,
    spec: withPodDefaults(fieldsOf(object['spec'])),
    status: object['status'] ?? previous?.['status'] ?? { phase: 'Pending' },
  }),
};

function completeJob(object: ApiObject): ApiObject {
  const uid = object.metadata.uid ?? '';
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': object.metadata.name,
    'controller-uid': uid,
    'job-name': object.metadata.name,
  };
  const spec = fieldsOf(object['spec']);
  const isManual = spec['manualSelector'] === true;
  const own = fieldsOf(valueAt(spec, 'template', 'metadata', 'labels'));
  const labelled = isManual
    ? spec
    : withValueAt(spec, ['template', 'metadata', 'labels'], { ...own, ...labels });
  const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  const complete = withSpecDefaults(
    { ...object, spec: isManual ? labelled : { ...labelled, selector } },
    {
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      completions: 1,
      parallelism: 1,
      suspend: false,
      manualSelector: undefined,
    },
  );
  return isManual
    ? complete
    : withMeta(complete, { labels: { ...labels, ...object.metadata.labels } });
}

function withSpecDefaults(object: ApiObject, defaults: Fields): ApiObject {
  const spec: Record<string, unknown> = { ...defaults, ...fieldsOf(object['spec']) };
  for (const [name, value] of Object.entries(spec)) if (value === undefined) delete spec[name];
  const template = fieldsOf(spec['template']);
  return {
    ...object,
    spec: { ...spec, template: { ...template, spec: withPodDefaults(fieldsOf(template['spec'])) } },
  };
}

function withPodDefaults(spec: Fields): Fields {
  return {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...lists(spec, 'containers'),
    ...lists(spec, 'initContainers'),
  };
}

function lists(spec: Fields, name: string): Fields {
  return spec[name] === undefined ? {} : { [name]: listOf(spec[name]).map(completeContainer) };
}

function completeContainer(container: unknown): Fields {
  const fields = fieldsOf(container);
  return {
    imagePullPolicy: 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...fields,
    ...(fields['ports'] === undefined
      ? {}
      : { ports: listOf(fields['ports']).map((port) => ({ protocol: 'TCP', ...fieldsOf(port) })) }),
  };
}

function selectorCauses(object: ApiObject): FieldCause[] {
  const selector = valueAt(object, 'spec', 'selector');
  if (selector === undefined) {
    return [{ reason: 'FieldValueRequired', field: 'spec.selector', message: 'Required value' }];
  }
  const labels = fieldsOf(valueAt(object, 'spec', 'template', 'metadata', 'labels'));
  if (labelSelectorMatches(selector, labels as Readonly<Record<string, string>>)) return [];
  return [
    {
      reason: 'FieldValueInvalid',
      field: 'spec.template.metadata.labels',
      message: `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
    },
  ];
}

function immutableCauses(
  object: ApiObject,
  previous: ApiObject | undefined,
  fields: readonly string[],
): FieldCause[] {
  if (previous === undefined) return [];
  return fields
    .filter((name) => !isSame(valueAt(object, 'spec', name), valueAt(previous, 'spec', name)))
    .map((name) => ({
      reason: 'FieldValueInvalid',
      field: `spec.${name}`,
      message: `Invalid value: ${JSON.stringify(valueAt(object, 'spec', name))}: field is immutable`,
    }));
}

const STATEFUL_SET_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function statefulSetUpdateCauses(object: ApiObject, previous: ApiObject): FieldCause[] {
  const rest = ({ spec }: ApiObject): Fields =>
    withoutFields(fieldsOf(spec), ...STATEFUL_SET_MUTABLE);
  if (isSame(rest(object), rest(previous))) return [];
  const names = STATEFUL_SET_MUTABLE.map((name) => `'${name}'`);
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'spec',
      message: `Forbidden: updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} are forbidden`,
    },
  ];
}
