import { always, optional, type GoShape } from './go-shape.ts';

const TEXT: GoShape = { kind: 'scalar', type: 'string' };
const RAW_TEXT: GoShape = { kind: 'scalar', type: 'string', coerced: false };
const BOOLEAN: GoShape = { kind: 'scalar', type: 'boolean' };
const ANY: GoShape = { kind: 'any' };

const MAINTAINER: GoShape = {
  kind: 'struct',
  fields: { name: optional(TEXT), email: optional(TEXT) },
};

const PIPE: GoShape = {
  kind: 'struct',
  fields: {
    file: always(RAW_TEXT),
    envFile: always(RAW_TEXT),
    kind: always(RAW_TEXT),
    key: always(RAW_TEXT),
  },
};

const TASK_SPEC: GoShape = {
  kind: 'struct',
  fields: {
    resources: optional({ kind: 'list', of: RAW_TEXT }),
    wantErr: optional(BOOLEAN),
    fatal: optional(BOOLEAN),
    done: optional(BOOLEAN),
    pod: optional(RAW_TEXT),
    pipe: optional({ kind: 'list', of: PIPE }),
    parameter: optional(RAW_TEXT),
    package: optional(RAW_TEXT),
    instanceName: optional(RAW_TEXT),
    appVersion: optional(RAW_TEXT),
    operatorVersion: optional(RAW_TEXT),
    parameterFile: optional(RAW_TEXT),
  },
};

/** A task of operator.yaml and of an OperatorVersion. */
const TASK: GoShape = {
  kind: 'struct',
  fields: { name: always(TEXT), kind: always(TEXT), spec: always(TASK_SPEC) },
};

const STEP: GoShape = {
  kind: 'struct',
  fields: { name: always(TEXT), tasks: always({ kind: 'list', of: TEXT }) },
};

const PHASE: GoShape = {
  kind: 'struct',
  fields: {
    name: always(TEXT),
    strategy: always(TEXT),
    steps: always({ kind: 'list', of: STEP }),
  },
};

const PLAN: GoShape = {
  kind: 'struct',
  fields: { strategy: always(TEXT), phases: always({ kind: 'list', of: PHASE }) },
};

/** operator.yaml (packages/types.go:162). */
export const OPERATOR_FILE: GoShape = {
  kind: 'struct',
  fields: {
    apiVersion: optional(TEXT),
    name: always(TEXT),
    description: optional(TEXT),
    operatorVersion: always(TEXT),
    appVersion: optional(TEXT),
    kudoVersion: optional(TEXT),
    kubernetesVersion: optional(TEXT),
    maintainers: optional({ kind: 'list', of: { kind: 'pointer', to: MAINTAINER } }),
    url: optional(TEXT),
    tasks: always({ kind: 'list', of: TASK }),
    plans: always({ kind: 'map', of: PLAN }),
    namespaceManifest: optional(TEXT),
  },
};

const GROUP: GoShape = {
  kind: 'struct',
  fields: {
    name: optional(TEXT),
    displayName: optional(TEXT),
    description: optional(TEXT),
    prio: optional({ kind: 'scalar', type: 'integer' }),
  },
};

const PARAMETER: GoShape = {
  kind: 'struct',
  fields: {
    displayName: optional(TEXT),
    name: optional(TEXT),
    description: optional(TEXT),
    required: optional({ kind: 'pointer', to: BOOLEAN }),
    default: optional(ANY),
    trigger: optional(TEXT),
    type: optional(TEXT),
    immutable: optional({ kind: 'pointer', to: BOOLEAN }),
    enum: optional({ kind: 'pointer', to: { kind: 'list', of: ANY } }),
    group: optional(TEXT),
    advanced: optional({ kind: 'pointer', to: BOOLEAN }),
    hint: optional(TEXT),
  },
};

/** params.yaml (packages/types.go:58, 137). */
export const PARAMS_FILE: GoShape = {
  kind: 'struct',
  fields: {
    apiVersion: optional(TEXT),
    groups: optional({ kind: 'list', of: GROUP }),
    parameters: always({ kind: 'list', of: PARAMETER }),
  },
};

/** `spec` of an Operator (operator_types.go:23). */
export const OPERATOR_SPEC: GoShape = {
  kind: 'struct',
  fields: {
    description: optional(TEXT),
    kudoVersion: optional(TEXT),
    kubernetesVersion: optional(TEXT),
    maintainers: optional({ kind: 'list', of: { kind: 'pointer', to: MAINTAINER } }),
    url: optional(TEXT),
    namespaceManifest: optional(TEXT),
  },
};

const STORED_PARAMETER: GoShape = {
  kind: 'struct',
  fields: {
    displayName: optional(TEXT),
    name: optional(TEXT),
    description: optional(TEXT),
    required: optional({ kind: 'pointer', to: BOOLEAN }),
    default: optional({ kind: 'pointer', to: TEXT }),
    trigger: optional(TEXT),
    'value-type': optional(TEXT),
    immutable: optional({ kind: 'pointer', to: BOOLEAN }),
    enum: optional({ kind: 'pointer', to: { kind: 'list', of: TEXT } }),
  },
};

/** `spec` of an OperatorVersion (operatorversion_types.go:24). */
export const OPERATOR_VERSION_SPEC: GoShape = {
  kind: 'struct',
  fields: {
    operator: always({
      kind: 'struct',
      fields: { kind: optional(TEXT), name: optional(TEXT) },
    }),
    version: optional(TEXT),
    appVersion: optional(TEXT),
    templates: optional({ kind: 'map', of: TEXT }),
    tasks: optional({ kind: 'list', of: TASK }),
    parameters: optional({ kind: 'list', of: STORED_PARAMETER }),
    plans: optional({ kind: 'map', of: PLAN }),
  },
};
