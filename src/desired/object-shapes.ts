import * as z from 'zod';
import { PlanRunSpec } from '../model/plan-run.ts';
import { PlanScheduleSpec } from '../model/plan-schedule.ts';

/** Fields that only the cluster writes; `kubectl create --dry-run -o yaml` prints some of them empty. */
const FromCluster = z.unknown().refine(isEmpty, 'only the cluster writes this field').optional();

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const TextByName = z.record(z.string(), z.string()).nullish();

const Metadata = z.strictObject({
  name: z.string(),
  namespace: z.string().optional(),
  labels: TextByName,
  annotations: TextByName,
  uid: FromCluster,
  resourceVersion: FromCluster,
  generation: FromCluster,
  creationTimestamp: FromCluster,
  deletionTimestamp: FromCluster,
  deletionGracePeriodSeconds: FromCluster,
  managedFields: FromCluster,
  selfLink: FromCluster,
  ownerReferences: FromCluster,
  finalizers: FromCluster,
  generateName: FromCluster,
});

/** What every object says around its spec. */
export const Envelope = {
  apiVersion: z.string(),
  kind: z.string(),
  metadata: Metadata,
  status: FromCluster,
};

/** `kudo.dev/v1beta1 Instance` as people write it; parameter values of any type. */
export const InstanceShape = z.strictObject({
  ...Envelope,
  spec: z
    .strictObject({
      operatorVersion: z
        .strictObject({
          name: z.string(),
          namespace: z.string().optional(),
          kind: z.literal('OperatorVersion').optional(),
          apiVersion: z.literal('kudo.dev/v1beta1').optional(),
        })
        .optional(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
      planExecution: z
        .unknown()
        .refine(isEmpty, 'a plan run is no state: every look at Git would run it again')
        .optional(),
    })
    .nullish(),
});

export const OperatorShape = z.strictObject({
  ...Envelope,
  spec: z
    .strictObject({
      description: z.string().optional(),
      kudoVersion: z.string().optional(),
      kubernetesVersion: z.string().optional(),
      maintainers: z
        .array(z.strictObject({ name: z.string().optional(), email: z.string().optional() }))
        .nullish(),
      url: z.string().optional(),
      namespaceManifest: z.string().optional(),
    })
    .optional(),
});

const Texts = z.array(z.string()).nullish();

const Plan = z.strictObject({
  strategy: z.enum(['serial', 'parallel']).optional(),
  phases: z
    .array(
      z.strictObject({
        name: z.string(),
        strategy: z.enum(['serial', 'parallel']).optional(),
        steps: z.array(z.strictObject({ name: z.string(), tasks: Texts })).nullish(),
      }),
    )
    .nullish(),
});

/** All kinds' fields in one object, as in KUDO's CRD (operatorversion_types.go:128-134). */
const TaskSpec = z.strictObject({
  resources: Texts,
  wantErr: z.boolean().optional(),
  fatal: z.boolean().optional(),
  done: z.boolean().optional(),
  pod: z.string().optional(),
  pipe: z
    .array(
      z.strictObject({
        file: z.string().optional(),
        envFile: z.string().optional(),
        kind: z.string().optional(),
        key: z.string().optional(),
      }),
    )
    .nullish(),
  parameter: z.string().optional(),
  package: z.string().optional(),
  instanceName: z.string().optional(),
  appVersion: z.string().optional(),
  operatorVersion: z.string().optional(),
  parameterFile: z.string().optional(),
});

const TASK_KINDS = ['Apply', 'Delete', 'Toggle', 'Pipe', 'KudoOperator', 'Dummy'] as const;

const Parameter = z.strictObject({
  name: z.string(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().nullish(),
  default: z.string().nullish(),
  trigger: z.string().optional(),
  'value-type': z.enum(['', 'string', 'integer', 'number', 'boolean', 'array', 'map']).optional(),
  immutable: z.boolean().nullish(),
  enum: Texts,
});

export const OperatorVersionShape = z.strictObject({
  ...Envelope,
  spec: z.strictObject({
    operator: z.strictObject({
      name: z.string(),
      namespace: z.string().optional(),
      kind: z.string().optional(),
      apiVersion: z.string().optional(),
    }),
    version: z.string(),
    appVersion: z.string().optional(),
    templates: TextByName,
    tasks: z
      .array(z.strictObject({ name: z.string(), kind: z.enum(TASK_KINDS), spec: TaskSpec }))
      .nullish(),
    parameters: z.array(Parameter).nullish(),
    plans: z.record(z.string(), Plan.nullable()).nullish(),
    connectionString: z.string().optional(),
    upgradableFrom: z.array(z.unknown()).nullish(),
  }),
});

export const PlanRunShape = z.strictObject({ ...Envelope, spec: PlanRunSpec });
export const PlanScheduleShape = z.strictObject({ ...Envelope, spec: PlanScheduleSpec });
