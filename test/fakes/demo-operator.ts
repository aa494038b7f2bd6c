import type { Instance, OperatorVersionSpec, Plan, Task } from '../../src/kudo/objects.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

/** An operator version 1.0.0 with a parameter COLOUR, as it is installed in a cluster. */
export interface DemoOperator {
  readonly name: string;
  readonly spec: OperatorVersionSpec;
}

/** What a demo operator is to do. */
export interface DemoWish {
  readonly name?: string;
  /** What every plan runs in its only step. */
  readonly tasks: readonly Task[];
  /** Only `deploy` unless told; one called `remove` runs `removal` instead of the tasks. */
  readonly plans?: readonly string[];
  readonly templates?: Readonly<Record<string, string>>;
  readonly removal?: Task;
}

export const CONFIG_TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Name }}-config"
data:
  colour: "{{ .Params.COLOUR }}"
`;
export const JOB_TEMPLATE = `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Name }}-job"
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "example.org/job:{{ .Params.COLOUR }}"}]
`;
export const OLD_BUDGET_TEMPLATE = `apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata:
  name: budget
`;

/** An operator whose plans run its tasks in phase `main`, step `all`. */
export function demoOperator(wish: DemoWish): DemoOperator {
  const name = wish.name ?? 'demo';
  const removal = wish.removal ? [wish.removal] : [];
  const plans = (wish.plans ?? ['deploy']).map((plan): [string, Plan] => [
    plan,
    planOf(plan === 'remove' ? removal : wish.tasks),
  ]);
  return {
    name,
    spec: {
      operator: { name },
      version: '1.0.0',
      templates: {
        'config.yaml': CONFIG_TEMPLATE,
        'job.yaml': JOB_TEMPLATE,
        'budget.yaml': OLD_BUDGET_TEMPLATE,
        ...wish.templates,
      },
      tasks: [...wish.tasks, ...removal],
      parameters: [{ name: 'COLOUR', default: 'none' }],
      plans: Object.fromEntries(plans),
    },
  };
}

function planOf(tasks: readonly Task[]): Plan {
  const step = { name: 'all', tasks: tasks.map(({ name }) => name) };
  return { strategy: 'serial', phases: [{ name: 'main', strategy: 'serial', steps: [step] }] };
}

/** A task that applies templates. */
export function applyTask(name: string, ...resources: string[]): Task {
  return { name, kind: 'Apply', spec: { resources } };
}

/** The Operator and OperatorVersion to create. */
export function installedObjects(
  { name, spec }: DemoOperator,
  namespace = 'default',
): {
  readonly operator: KubeObject;
  readonly operatorVersion: KubeObject;
} {
  const of = { apiVersion: 'kudo.dev/v1beta1' };
  const operator = { ...of, kind: 'Operator', metadata: { name, namespace }, spec: {} };
  const metadata = { name: `${name}-1.0.0`, namespace };
  return {
    operator,
    operatorVersion: { ...of, kind: 'OperatorVersion', metadata, spec } as KubeObject,
  };
}

/** An Instance `demo` of the operator `demo`. */
export function demoInstance(parameters: Readonly<Record<string, string>> = {}): Instance {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name: 'demo', namespace: 'default' },
    spec: { operatorVersion: { name: 'demo-1.0.0' }, parameters },
  };
}

/** How the last run of a plan is doing, with what stands at its only step. */
export interface PlanState {
  readonly status: string | undefined;
  readonly uid: string | undefined;
  readonly message: string | undefined;
}

export function planState({ status }: Instance, plan = 'deploy'): PlanState {
  const run = status?.planStatus?.[plan];
  if (run === undefined) return { status: undefined, uid: undefined, message: undefined };
  const [step] = (run.phases ?? []).flatMap(({ steps = [] }) => steps);
  return { status: run.status, uid: run.uid, message: step?.message };
}
