import type { OperatorVersion, Plan, Task } from '../../src/kudo/objects.ts';

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-config" }
data: { colour: "{{ .Params.COLOUR }}", size: "{{ .Params.SIZE }}" }
`;
const SERVER = `apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Name }}-server" }
spec:
  replicas: 1
  selector: { matchLabels: { app: "{{ .Name }}" } }
  template:
    metadata:
      labels: { app: "{{ .Name }}" }
      annotations: { sandbox.kudo-gitops.dev/outcome: "{{ .Params.OUTCOME }}" }
    spec: { containers: [{ name: main, image: "example.org/server:1" }] }
`;
const FLAG = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-flag" }
data: { flag: "on" }
`;
const CHILD = `FLAG: "{{ .Params.CHILD_FLAG }}"
`;

const TASKS: readonly Task[] = [
  { name: 'config', kind: 'Apply', spec: { resources: ['config.yaml'] } },
  { name: 'server', kind: 'Apply', spec: { resources: ['server.yaml'] } },
  { name: 'flag', kind: 'Toggle', spec: { resources: ['flag.yaml'], parameter: 'FLAG' } },
];

/** A plan of one phase with one step a task. */
export function plan(...tasks: readonly string[]): Plan {
  const steps = tasks.map((task) => ({ name: task, tasks: [task] }));
  return { strategy: 'serial', phases: [{ name: 'main', strategy: 'serial', steps }] };
}

/**
 * An operator whose plans are over in a moment. A FLAG that is no boolean ends plan `update` in
 * FATAL_ERROR; OUTCOME `fail` lets plan `serve` hang; SIZE has a plan of its own.
 */
export const TINY: OperatorVersion = {
  apiVersion: 'kudo.dev/v1beta1',
  kind: 'OperatorVersion',
  metadata: {
    name: 'tiny-1.0.0',
    annotations: { 'gitops.kudo.dev/secret-parameters': 'PASSWORD' },
  },
  spec: {
    operator: { name: 'tiny', kind: 'Operator' },
    version: '1.0.0',
    templates: { 'config.yaml': CONFIG, 'server.yaml': SERVER, 'flag.yaml': FLAG },
    tasks: TASKS,
    parameters: [
      { name: 'COLOUR', default: 'none' },
      { name: 'FLAG', default: 'true' },
      { name: 'OUTCOME', default: 'good', trigger: 'serve' },
      { name: 'PASSWORD', default: '', enum: ['', 'correct-horse', 'battery-staple'] },
      { name: 'SIZE', default: '1', trigger: 'resize' },
    ],
    plans: {
      deploy: plan('config'),
      resize: plan('config'),
      serve: plan('server'),
      update: plan('config', 'flag'),
    },
  },
};

/** An operator whose only step is a child Instance of {@link TINY}. */
export const PARENT: OperatorVersion = {
  apiVersion: 'kudo.dev/v1beta1',
  kind: 'OperatorVersion',
  metadata: { name: 'parent-1.0.0' },
  spec: {
    operator: { name: 'parent', kind: 'Operator' },
    version: '1.0.0',
    templates: { 'child.yaml': CHILD },
    tasks: [
      {
        name: 'child',
        kind: 'KudoOperator',
        spec: { package: 'tiny', operatorVersion: '1.0.0', parameterFile: 'child.yaml' },
      },
    ],
    parameters: [{ name: 'CHILD_FLAG', default: 'true' }],
    plans: { deploy: plan('child') },
  },
};

/** Files of a repository with the operators and Instances given as `name: parameters`. */
export function tinyFiles(
  instances: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> {
  const files = Object.entries(instances).map(([name, parameters]) => [
    `${name}.yaml`,
    instanceFile(name, parameters),
  ]);
  return {
    'operators/tiny.yaml': operatorFile(TINY),
    ...(Object.fromEntries(files) as Record<string, string>),
  };
}

/** An OperatorVersion and its Operator in one file. */
export function operatorFile(version: OperatorVersion): string {
  const { apiVersion } = version;
  const metadata = { name: version.spec?.operator?.name };
  const operator = { apiVersion, kind: 'Operator', metadata, spec: {} };
  return `${JSON.stringify(operator)}\n---\n${JSON.stringify(version)}\n`;
}

/** Parameters stand from line 8 on. */
export function instanceFile(
  name: string,
  parameters: Readonly<Record<string, string>> = {},
  version = 'tiny-1.0.0',
): string {
  const lines = Object.entries(parameters).map(([key, value]) => `    ${key}: "${value}"`);
  return `apiVersion: kudo.dev/v1beta1
kind: Instance
metadata:
  name: ${name}
spec:
  operatorVersion: { name: ${version} }
  parameters:${lines.length === 0 ? ' {}' : `\n${lines.join('\n')}`}
`;
}

/** An Instance, of {@link TINY} unless told otherwise, with annotations of ours, given without their group; they stand from line 6 on. */
export function annotatedFile(
  name: string,
  annotations: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>> = {},
  version = 'tiny-1.0.0',
): string {
  const lines = Object.entries(annotations).map(
    ([key, value]) => `    gitops.kudo.dev/${key}: "${value}"`,
  );
  return instanceFile(name, parameters, version).replace(
    `  name: ${name}\n`,
    `  name: ${name}\n  annotations:\n${lines.join('\n')}\n`,
  );
}
