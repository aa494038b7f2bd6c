import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeError } from '../../src/cluster/kube-client.ts';
import { type KubeClient } from '../../src/cluster/kube-client.ts';
import { KUDO_CRDS } from '../../src/cluster/kudo-crds.ts';
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  INSTANCES,
  OPERATOR_VERSIONS,
  OPERATORS,
} from '../../src/cluster/resources.ts';
import type { Engine } from '../../src/engine/start-engine.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import {
  applyTask,
  demoInstance,
  demoOperator,
  installedObjects,
  planState,
  type DemoWish,
} from '../fakes/demo-operator.ts';
import { clientOf, InstanceWatch, startKubeEngine } from '../fakes/kube-engine.ts';
import { liveScope } from '../fakes/scope.ts';

const scope = liveScope();
const here = { namespace: 'default' };
const config = applyTask('config', 'config.yaml');
let server: SandboxApiServer;
let client: KubeClient;
let engine: Engine;

beforeAll(async () => {
  server = await startApiServer({ podReadyMs: 1, jobRunMs: 1 }, scope);
  client = await clientOf(server.kubeconfig());
  for (const crd of KUDO_CRDS) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd, {}, scope);
  engine = await startKubeEngine(client, scope);
});

afterAll(async () => {
  await engine.stop();
  scope.stop();
  await server.stop();
});

describe('our engine on an API server', () => {
  let round = 0;
  let name = '';
  let watch: InstanceWatch;
  beforeEach(async () => {
    round += 1;
    name = `demo-${String(round)}`;
    watch = await InstanceWatch.start(client, { ...here, name }, scope);
  });

  it('deploys, and a watcher sees spec and status end in KUDO’s order', async () => {
    await install({ tasks: [config] });
    await create({ COLOUR: 'red' });
    await ended('deploy', 'COMPLETE');
    expect(watch.seen.map(({ type, object }) => [type, ...summary(object)])).toEqual([
      ['ADDED', 'deploy', undefined],
      ['MODIFIED', '', undefined],
      ['MODIFIED', '', 'COMPLETE'],
    ]);
    expect(
      await client.get({ ...CONFIG_MAPS, ...here, name: `${name}-config` }, scope),
    ).toMatchObject({ data: { colour: 'red' } });
  });

  it('runs update after a parameter changed, under the uid of the write’s answer', async () => {
    await install({ tasks: [config], plans: ['deploy', 'update'] });
    await create({ COLOUR: 'red' });
    await ended('deploy', 'COMPLETE');
    const patched = await patch({ parameters: { COLOUR: 'blue' } });
    expect(patched.spec?.planExecution).toMatchObject({ planName: 'update', status: 'NEVER_RUN' });
    const demo = await ended('update', 'COMPLETE');
    expect(planState(demo, 'update').uid).toBe(patched.spec?.planExecution?.uid);
  });

  it('refuses what KUDO refuses, in KUDO’s words', async () => {
    await install({ tasks: [config] });
    await create();
    await ended('deploy', 'COMPLETE');
    await expect(patch({ parameters: { COLOR: 'blue' } })).rejects.toThrow(
      `admission webhook "instance-admission.kudo.dev" denied the request: failed to update Instance default/${name}: failed to find parameter "COLOR" in the OperatorVersion`,
    );
    const nowhere = { ...demoInstance(), metadata: { name: 'nowhere', ...here } };
    const spec = { operatorVersion: { name: 'nope' } };
    const created = client.create({ ...INSTANCES, ...here }, { ...nowhere, spec }, {}, scope);
    await expect(created).rejects.toMatchObject({
      code: 500,
      message:
        'admission webhook "instance-admission.kudo.dev" denied the request: operatorversions.kudo.dev "nope" not found',
    } satisfies Partial<KubeError>);
  });

  it('waits for a Job to finish', async () => {
    await install({ tasks: [applyTask('job', 'job.yaml')] });
    await create();
    await ended('deploy', 'COMPLETE');
    const job = { group: 'batch', version: 'v1', plural: 'jobs', ...here, name: `${name}-job` };
    expect(await client.get(job, scope)).toMatchObject({ status: { succeeded: 1 } });
  });

  it('ends as FATAL_ERROR on a kind that the cluster no longer serves', async () => {
    await install({ tasks: [applyTask('budget', 'budget.yaml')] });
    await create();
    const demo = await ended('deploy', 'FATAL_ERROR');
    expect(planState(demo).message).toContain(
      'a resource with GVK policy/v1beta1, Kind=PodDisruptionBudget seems to be missing in API resource list',
    );
    const idle = await watch.until(({ object }) => readyReason(object) === 'ResourcesReady');
    expect(planState(idle).status).toBe('FATAL_ERROR');
  });

  it('shows what the API server refuses, and is cured by the same trigger with a better value', async () => {
    await install({
      tasks: [applyTask('named', 'named.yaml')],
      templates: { 'named.yaml': NAMED },
    });
    await create({ COLOUR: 'Not_A_Name' });
    const hanging = await watch.until(({ object }) => planState(object).message !== undefined);
    expect(planState(hanging).message).toMatch(
      /^A transient error when executing task deploy\.main\.all\.named\. Will retry\. .*Not_A_Name/,
    );
    await patch({ parameters: { COLOUR: 'good-name' } });
    const cured = await ended('deploy', 'COMPLETE');
    expect(planState(cured).uid).not.toBe(planState(hanging).uid);
  });

  it('cleans up before an Instance goes', async () => {
    await install({ tasks: [config], plans: ['deploy', 'cleanup'] });
    await create();
    await ended('deploy', 'COMPLETE');
    await client.delete({ ...INSTANCES, ...here, name }, {}, scope);
    const last = await watch.until(({ type }) => type === 'DELETED');
    expect(last.metadata.finalizers ?? []).toEqual([]);
  });

  it('waits for a child and creates it with the parameters of its file', async () => {
    const child = { package: `${name}-child`, operatorVersion: '1.0.0', parameterFile: 'p.yaml' };
    await install({ name: `${name}-child`, tasks: [config] });
    await install({
      tasks: [{ name: 'child', kind: 'KudoOperator', spec: child }],
      templates: { 'p.yaml': 'COLOUR: "{{ .Name }}"\n' },
    });
    await create();
    await ended('deploy', 'COMPLETE');
    const path = { ...INSTANCES, ...here, name: `${name}-${name}-child` };
    expect(await client.get<Instance>(path, scope)).toMatchObject({
      spec: { parameters: { COLOUR: name }, planExecution: {} },
      status: { planStatus: { deploy: { status: 'COMPLETE' } } },
    });
  });

  async function install(wish: DemoWish): Promise<void> {
    const { operator, operatorVersion } = installedObjects(demoOperator({ name, ...wish }));
    await client.create({ ...OPERATORS, ...here }, operator, {}, scope);
    await client.create({ ...OPERATOR_VERSIONS, ...here }, operatorVersion, {}, scope);
  }

  async function create(parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    const spec = { operatorVersion: { name: `${name}-1.0.0` }, parameters };
    const instance = { ...demoInstance(), metadata: { name, ...here }, spec };
    await client.create({ ...INSTANCES, ...here }, instance, {}, scope);
  }

  async function patch(spec: object): Promise<Instance> {
    const path = { ...INSTANCES, ...here, name };
    return client.patch<Instance>(path, { type: 'merge', body: { spec } }, scope);
  }

  async function ended(plan: string, status: string): Promise<Instance> {
    return watch.until(({ object }) => planState(object, plan).status === status);
  }
});

const NAMED = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Params.COLOUR }}"}\n';

function summary(instance: Instance): readonly unknown[] {
  return [instance.spec?.planExecution?.planName ?? '', planState(instance).status];
}

function readyReason({ status }: Instance): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
}
