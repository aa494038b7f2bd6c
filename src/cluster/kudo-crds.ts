import {
  type CustomResourceDefinition,
  customResource,
  fields,
  flag,
  listOf,
  mapOf,
  type Schema,
  text,
  whole,
} from './crd-schema.ts';

const KUDO = { group: 'kudo.dev', version: 'v1beta1', isSpecRequired: false };

const reference = (description: string): Schema =>
  fields(
    {
      apiVersion: text(),
      fieldPath: text(),
      kind: text(),
      name: text(),
      namespace: text(),
      resourceVersion: text(),
      uid: text(),
    },
    description,
  );

const OPERATOR = customResource({
  ...KUDO,
  kind: 'Operator',
  plural: 'operators',
  description: 'A kind of software that KUDO can run, of which there are versions.',
  hasStatusSubresource: false,
  spec: fields({
    description: text('What the software is.'),
    kubernetesVersion: text('Oldest Kubernetes it works with.'),
    kudoVersion: text('Oldest KUDO it works with.'),
    maintainers: listOf(fields({ email: text(), name: text() }), 'Who looks after the package.'),
    namespaceManifest: text('Template of the namespace that the CLI creates for an Instance.'),
    url: text('Home of the package.'),
  }),
  status: { type: 'object', description: 'Not used.' },
});

const PARAMETER = fields({
  default: text('Value when the Instance gives none.'),
  description: text(),
  displayName: text(),
  enum: listOf(text(), 'The only values allowed.'),
  immutable: flag('Whether it can be set at creation alone.'),
  name: text('Templates read it as .Params.<name>.'),
  required: flag('Whether there must be a value.'),
  trigger: text('Plan that a change of it runs; update or deploy when absent.'),
  'value-type': text('string, integer, number, boolean, array or map.'),
});

const PLAN = fields({
  phases: listOf(
    fields({
      name: text(),
      steps: listOf(fields({ name: text(), tasks: listOf(text()) })),
      strategy: text('serial or parallel.'),
    }),
    undefined,
    { nullable: true },
  ),
  strategy: text('serial or parallel.'),
});

const TASK = fields({
  kind: text('Apply, Delete, Toggle, Pipe, Dummy or KudoOperator.'),
  name: text(),
  spec: fields(
    {
      appVersion: text(),
      done: flag(),
      fatal: flag(),
      instanceName: text(),
      operatorVersion: text(),
      package: text(),
      parameter: text(),
      parameterFile: text(),
      pipe: listOf(
        fields({ envFile: text(), file: text(), key: text(), kind: text() }),
        undefined,
        { nullable: true },
      ),
      pod: text(),
      resources: listOf(text(), undefined, { nullable: true }),
      wantErr: flag(),
    },
    'The fields of all kinds of tasks in one.',
  ),
});

const OPERATOR_VERSION = customResource({
  ...KUDO,
  kind: 'OperatorVersion',
  plural: 'operatorversions',
  description: 'One version of an Operator: templates, parameters and plans.',
  hasStatusSubresource: false,
  spec: fields({
    appVersion: text('Version of the software.'),
    connectionString: text('Template of how to connect to an Instance.'),
    operator: reference('The Operator this is a version of.'),
    parameters: listOf(PARAMETER),
    plans: mapOf(PLAN, 'The plans by name.', { nullable: true }),
    tasks: listOf(TASK),
    templates: mapOf(text(), 'The templates by file name.'),
    upgradableFrom: listOf(
      reference('An older version.'),
      'Versions that can be upgraded to this.',
    ),
    version: text('Version of the package.'),
  }),
  status: { type: 'object', description: 'Not used.' },
});

const CONDITION = fields(
  {
    lastTransitionTime: text(undefined, { format: 'date-time' }),
    message: text(undefined, { maxLength: 32_768 }),
    observedGeneration: { ...whole(undefined, { format: 'int64', minimum: 0 }) },
    reason: text(undefined, {
      maxLength: 1024,
      minLength: 1,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    }),
    status: text(undefined, { enum: ['True', 'False', 'Unknown'] }),
    type: text(undefined, {
      maxLength: 316,
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    }),
  },
  undefined,
  { required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'] },
);

const STEP_STATUS = fields({ message: text(), name: text(), status: text() });
const PHASE_STATUS = fields({
  message: text(),
  name: text(),
  status: text(),
  steps: listOf(STEP_STATUS),
});
const PLAN_STATUS = fields({
  lastUpdatedTimestamp: text(undefined, { format: 'date-time', nullable: true }),
  message: text(),
  name: text(),
  phases: listOf(PHASE_STATUS),
  status: text(),
  uid: text('Identifies the run.'),
});

const INSTANCE = customResource({
  ...KUDO,
  kind: 'Instance',
  plural: 'instances',
  description: 'One running copy of the software, with its parameter values.',
  hasStatusSubresource: true,
  spec: fields({
    operatorVersion: reference('The OperatorVersion it runs.'),
    parameters: mapOf(text()),
    planExecution: fields(
      { planName: text(), status: text(), uid: text() },
      'The plan that is scheduled or runs; empty when none is. KUDO fills it in when a parameter changes.',
    ),
  }),
  status: fields({
    conditions: listOf(CONDITION),
    planStatus: mapOf(PLAN_STATUS, 'The last run of each plan.'),
  }),
});

/** KUDO's CRDs; the structure is that of v0.19.0 (config/crds), the words are ours. */
export const KUDO_CRDS: readonly CustomResourceDefinition[] = [
  OPERATOR,
  OPERATOR_VERSION,
  INSTANCE,
];
