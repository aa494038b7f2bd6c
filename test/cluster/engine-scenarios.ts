import type { WatchEvent } from '../../src/cluster/kube-client.ts';
import type { Instance, Task } from '../../src/kudo/objects.ts';
import { applyTask, planState, type DemoWish } from '../fakes/demo-operator.ts';
import { OUTCOME_ANNOTATION } from './workloads.ts';

/** What happens in a namespace of a cluster with some engine; the same for KUDO’s and for ours. */
export interface EngineStage {
  install(wish: DemoWish): Promise<void>;
  create(parameters?: Readonly<Record<string, string>>): Promise<void>;
  patch(spec: object): Promise<void>;
  /** Creates a ConfigMap as somebody else would. */
  addConfigMap(metadata: { readonly name: string; readonly annotations?: object }): Promise<void>;
  /** Deletes the Instance. */
  remove(): Promise<void>;
  until(holds: (event: WatchEvent<Instance>) => boolean): Promise<Instance>;
  ended(plan: string, status: string, times?: number): Promise<Instance>;
}

const config = applyTask('config', 'config.yaml');
const dummy = (spec: Task['spec']): Task => ({ name: 'dummy', kind: 'Dummy', spec });
const manifest = (apiVersion: string, kind: string, rest: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\n${rest}`;

const POD = `metadata: {labels: {app: demo}}
    spec:
      containers: [{name: main, image: "example.org/main:{{ .Params.COLOUR }}", ports: [{containerPort: 80}]}]
      volumes: [{name: config, configMap: {name: "{{ .Name }}-config"}}]`;
const SPEC = `spec:
  replicas: 2
  selector: {matchLabels: {app: demo}}
  serviceName: demo
  template:
    ${POD}
`;
const NAME = 'metadata: {name: "{{ .Name }}", labels: {own: label}}\n';
const DEPLOYMENT = manifest(
  'apps/v1',
  'Deployment',
  NAME + SPEC.replace('  serviceName: demo\n', ''),
);
const STATEFUL_SET = manifest('apps/v1', 'StatefulSet', NAME + SPEC);
const SERVICE = manifest(
  'v1',
  'Service',
  `${NAME}spec: {ports: [{port: 80}], selector: {app: demo}}\n`,
);
const NAMED = manifest('v1', 'ConfigMap', 'metadata: {name: "{{ .Params.COLOUR }}"}\n');
const FAILING_JOB = manifest(
  'batch/v1',
  'Job',
  `metadata: {name: job}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {${OUTCOME_ANNOTATION}: fail}}
    spec: {restartPolicy: Never, containers: [{name: main, image: example.org/job}]}
`,
);

/** Stories that end; whatever a watcher of the Instance sees on the way must be the same with both engines. */
export const SCENARIOS: Readonly<Record<string, (stage: EngineStage) => Promise<void>>> = {
  'a deploy and an update': async (stage) => {
    await stage.install({ tasks: [config], plans: ['deploy', 'update'] });
    await stage.create({ COLOUR: 'red' });
    await stage.ended('deploy', 'COMPLETE');
    await stage.patch({ parameters: { COLOUR: 'blue' } });
    await stage.ended('update', 'COMPLETE');
  },
  'workloads that become ready': async (stage) => {
    const templates = { 'd.yaml': DEPLOYMENT, 's.yaml': STATEFUL_SET, 'v.yaml': SERVICE };
    const tasks = [config, applyTask('apps', 'd.yaml', 's.yaml', 'v.yaml')];
    await stage.install({ tasks, templates });
    await stage.create({ COLOUR: 'one' });
    await stage.ended('deploy', 'COMPLETE');
  },
  'workloads that change': async (stage) => {
    const tasks = [config, applyTask('apps', 'd.yaml')];
    await stage.install({
      tasks,
      templates: { 'd.yaml': DEPLOYMENT },
      plans: ['deploy', 'update'],
    });
    await stage.create({ COLOUR: 'one' });
    await stage.ended('deploy', 'COMPLETE');
    await stage.patch({ parameters: { COLOUR: 'two' } });
    await stage.ended('update', 'COMPLETE');
  },
  'a job that completes': async (stage) => {
    await stage.install({ tasks: [applyTask('job', 'job.yaml')] });
    await stage.create({ COLOUR: 'one' });
    await stage.ended('deploy', 'COMPLETE');
  },
  'a job that fails': async (stage) => {
    await stage.install({
      tasks: [applyTask('job', 'j.yaml')],
      templates: { 'j.yaml': FAILING_JOB },
    });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a kind that is no longer served': async (stage) => {
    await stage.install({ tasks: [applyTask('budget', 'budget.yaml')] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
    await stage.until(isReadyAgain);
  },
  'a kind that never was': async (stage) => {
    const templates = { 'x.yaml': manifest('example.org/v1', 'Thing', 'metadata: {name: x}\n') };
    await stage.install({ tasks: [applyTask('thing', 'x.yaml')], templates });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a name that the API server refuses, then a better one': async (stage) => {
    await stage.install({ tasks: [applyTask('n', 'n.yaml')], templates: { 'n.yaml': NAMED } });
    await stage.create({ COLOUR: 'Not_A_Name' });
    await stage.until(({ object }) => planState(object).message !== undefined);
    await stage.patch({ parameters: { COLOUR: 'good-name' } });
    await stage.ended('deploy', 'COMPLETE');
  },
  'an object that others made': async (stage) => {
    await stage.install({ tasks: [config] });
    await stage.addConfigMap({ name: 'demo-config', annotations: { theirs: 'yes' } });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'an object that others made without annotations': async (stage) => {
    await stage.install({ tasks: [config] });
    await stage.addConfigMap({ name: 'demo-config' });
    await stage.create();
    await stage.ended('deploy', 'COMPLETE');
  },
  'a template with an error': async (stage) => {
    const templates = { 'bad.yaml': 'kind: {{ .Params.NOPE }}\n' };
    await stage.install({ tasks: [applyTask('bad', 'bad.yaml')], templates });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a template that is missing': async (stage) => {
    await stage.install({ tasks: [applyTask('lost', 'lost.yaml')] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a task without resources': async (stage) => {
    await stage.install({ tasks: [applyTask('empty')] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'an operator that is not installed': async (stage) => {
    const spec = { package: 'nowhere', operatorVersion: '1.0.0' };
    await stage.install({ tasks: [{ name: 'child', kind: 'KudoOperator', spec }] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a child that fails under a parent that does not notice': async (stage) => {
    const spec = { package: 'child', operatorVersion: '1.0.0', parameterFile: 'child.yaml' };
    await stage.install({ name: 'child', tasks: [dummy({ wantErr: true, fatal: true })] });
    const templates = { 'child.yaml': 'COLOUR: green\n' };
    await stage.install({ tasks: [{ name: 'child', kind: 'KudoOperator', spec }], templates });
    await stage.create();
    await stage.ended('deploy', 'COMPLETE');
  },
  'a fatal dummy, run again by hand': async (stage) => {
    await stage.install({ tasks: [dummy({ wantErr: true, fatal: true })] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
    await stage.until(isReadyAgain);
    await stage.patch({ planExecution: { planName: 'deploy' } });
    await stage.ended('deploy', 'FATAL_ERROR', 2);
  },
  'a hanging dummy, restarted by its trigger and abandoned': async (stage) => {
    await stage.install({ tasks: [dummy({ done: false })] });
    await stage.create({ COLOUR: 'bad' });
    const { uid } = planState(await stage.ended('deploy', 'IN_PROGRESS'));
    await stage.patch({ parameters: { COLOUR: 'good' } });
    await stage.until(({ object }) => ![undefined, uid].includes(planState(object).uid));
    await stage.patch({ planExecution: { status: 'FATAL_ERROR' } });
    await stage.until(isReadyAgain);
  },
  'a toggle on and off': async (stage) => {
    const spec = { parameter: 'COLOUR', resources: ['config.yaml'] };
    await stage.install({ tasks: [{ name: 'toggle', kind: 'Toggle', spec }] });
    await stage.create({ COLOUR: 'true' });
    await stage.ended('deploy', 'COMPLETE');
    await stage.patch({ parameters: { COLOUR: 'false' } });
    await stage.ended('deploy', 'COMPLETE', 2);
  },
  'a toggle that is neither true nor false': async (stage) => {
    const spec = { parameter: 'COLOUR', resources: ['config.yaml'] };
    await stage.install({ tasks: [{ name: 'toggle', kind: 'Toggle', spec }] });
    await stage.create({ COLOUR: 'perhaps' });
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a task of a kind that nobody knows': async (stage) => {
    await stage.install({ tasks: [{ name: 'odd', kind: 'Nonsense', spec: {} }] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
  },
  'a plan that deletes': async (stage) => {
    const removal = { name: 'removal', kind: 'Delete', spec: { resources: ['config.yaml'] } };
    await stage.install({ tasks: [config], plans: ['deploy', 'remove'], removal });
    await stage.create();
    await stage.ended('deploy', 'COMPLETE');
    await stage.patch({ planExecution: { planName: 'remove' } });
    await stage.ended('remove', 'COMPLETE');
  },
  'a cleanup': async (stage) => {
    await stage.install({ tasks: [config], plans: ['deploy', 'cleanup'] });
    await stage.create();
    await stage.ended('deploy', 'COMPLETE');
    await stage.remove();
    await stage.until(({ type }) => type === 'DELETED');
  },
  'a cleanup that fails': async (stage) => {
    const tasks = [dummy({ wantErr: true, fatal: true })];
    await stage.install({ tasks, plans: ['deploy', 'cleanup'] });
    await stage.create();
    await stage.ended('deploy', 'FATAL_ERROR');
    await stage.until(isReadyAgain);
    await stage.remove();
    await stage.ended('cleanup', 'FATAL_ERROR');
  },
};

/** The engine has looked once more after the end of a plan, and only at what is there. */
function isReadyAgain({ object }: WatchEvent<Instance>): boolean {
  return object.status?.conditions?.[0]?.reason === 'ResourcesReady';
}
