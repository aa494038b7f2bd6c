import { parametersOf } from '../../src/kudo/find-parameter.ts';
import type { OperatorVersion, Parameter, Plan, Task } from '../../src/kudo/objects.ts';
import type { Chance } from '../fuzz/chance.ts';

/** Parameters that only say something; FLAG and OUTCOME of {@link randomPackage} can end a plan badly. */
export const NAMES = ['A', 'B', 'C', 'D'] as const;
export const VALUES = ['', '1', '2', '3'] as const;
const PLANS = ['deploy', 'update', 'resize', 'upgrade'] as const;

type Versions = readonly [OperatorVersion, OperatorVersion];

/**
 * Two versions of an operator: parameters with triggers, enums, immutable and required ones, and plans
 * some of which fail with a FLAG that is no boolean, or hang with OUTCOME `fail`.
 */
export function randomPackage(name: string, chance: Chance): Versions {
  const first = randomVersion(`${name}-1.0.0`, name, chance);
  const second = randomVersion(`${name}-2.0.0`, name, chance);
  // A new version that has little in common with the old one is rare.
  const parameters = parametersOf(second).map((parameter) => {
    const before = parametersOf(first).find(({ name: known }) => known === parameter.name);
    return before && chance.below(10) < 7 ? before : parameter;
  });
  const plans = chance.below(10) < 5 ? first.spec?.plans : second.spec?.plans;
  const templates = templatesOf(parameters);
  return [first, { ...second, spec: { ...second.spec, parameters, plans, templates } }];
}

function randomVersion(name: string, operator: string, chance: Chance): OperatorVersion {
  const parameters = [
    ...NAMES.filter(() => chance.below(10) < 8).map((one) => randomParameter(one, chance)),
    { name: 'FLAG', default: 'true', ...randomTrigger(chance) },
    { name: 'OUTCOME', default: 'good', ...randomTrigger(chance) },
  ];
  const planNames = PLANS.filter((plan) => plan === 'deploy' || chance.below(10) < 7);
  const plans = Object.fromEntries(planNames.map((plan) => [plan, randomPlan(chance)]));
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'OperatorVersion',
    metadata: { name },
    spec: {
      operator: { name: operator, kind: 'Operator' },
      version: name.slice(operator.length + 1),
      parameters,
      plans,
      tasks: TASKS,
      templates: templatesOf(parameters),
    },
  };
}

function randomParameter(name: string, chance: Chance): Parameter {
  const has = (share: number): boolean => chance.below(100) < share;
  const allowed = VALUES.filter(() => has(60));
  return {
    name,
    ...(has(70) ? { default: chance.of(VALUES) } : {}),
    ...randomTrigger(chance),
    ...(has(20) ? { immutable: true } : {}),
    ...(has(20) ? { required: true } : {}),
    ...(has(25) && allowed.length > 0 ? { enum: allowed } : {}),
  };
}

function randomTrigger(chance: Chance): { trigger?: string } {
  const trigger = chance.of(['', '', 'deploy', 'update', 'resize', 'resize']);
  return trigger === '' ? {} : { trigger };
}

function randomPlan(chance: Chance): Plan {
  const dangers = ['flag', 'server'].filter(() => chance.below(10) < 3);
  const steps = [...dangers, 'values'].map((task) => ({ name: task, tasks: [task] }));
  return { strategy: 'serial', phases: [{ name: 'main', strategy: 'serial', steps }] };
}

const TASKS: readonly Task[] = [
  { name: 'values', kind: 'Apply', spec: { resources: ['values.yaml'] } },
  { name: 'flag', kind: 'Toggle', spec: { resources: ['flag.yaml'], parameter: 'FLAG' } },
  { name: 'server', kind: 'Apply', spec: { resources: ['server.yaml'] } },
];

function templatesOf(parameters: readonly Parameter[]): Readonly<Record<string, string>> {
  const lines = parameters.map(({ name }) => `  ${name}: "{{ .Params.${name} }}"\n`);
  const head = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Name }}-values" }\ndata:\n`;
  return { 'values.yaml': head + lines.join(''), 'flag.yaml': FLAG, 'server.yaml': SERVER };
}

const FLAG = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-flag" }
data: { flag: "on" }
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
