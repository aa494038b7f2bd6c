import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from './cluster.ts';
import type { RealCluster } from './cluster.ts';
import { createRepository } from './gitea-api.ts';
import type { RealGitea } from './gitea.ts';
import type { TestObject } from './kube-api.ts';
import { startKudoManager } from './kudo.ts';
import { waitFor } from './processes.ts';
import { OUTCOME_ANNOTATION } from './workloads.ts';

interface InstanceObject extends TestObject {
  spec: {
    planExecution?: { planName?: string; uid?: string };
    parameters?: Record<string, string>;
  };
  status?: { planStatus?: Record<string, { uid: string; status: string; phases: unknown[] }> };
}

/** Why: everything else in this tier stands on these programs being what they claim to be. */
describe('the real cluster', () => {
  let cluster: RealCluster;
  let gitea: RealGitea;

  beforeAll(async () => {
    cluster = await startCluster({ gitea: true, workloads: true });
    if (cluster.gitea === undefined) throw new Error('no Gitea');
    gitea = cluster.gitea;
    await startKudoManager(cluster);
    await cluster.api.create(operatorVersion());
  });

  afterAll(async () => cluster.stop());

  it('is Kubernetes 1.36 and says so', async () => {
    const { body } = await cluster.api.request('GET', '/version');
    expect(body).toMatchObject({ gitVersion: 'v1.36.3', major: '1', minor: '36' });
  });

  it('admits an Instance and runs its deploy and update plans to the end', async () => {
    const created = (await cluster.api.create(instance('first', { SIZE: '1' }))) as InstanceObject;
    const deploy = created.spec.planExecution;
    expect(deploy).toMatchObject({ planName: 'deploy', uid: expect.any(String) as string });
    expect(await endOf('first', 'deploy', deploy?.uid)).toBe('COMPLETE');

    const path = { apiVersion: 'kudo.dev/v1beta1', kind: 'Instance', name: 'first' };
    const patched = await cluster.api.patch(path, { spec: { parameters: { SIZE: '2' } } });
    const update = (patched as InstanceObject).spec.planExecution;
    expect(update).toMatchObject({ planName: 'update' });
    expect(await endOf('first', 'update', update?.uid)).toBe('COMPLETE');

    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'first-config' };
    expect(await cluster.api.get(ref)).toMatchObject({ data: { size: '2' } });
  });

  it('refuses what KUDO refuses', async () => {
    const path = { apiVersion: 'kudo.dev/v1beta1', kind: 'Instance', name: 'first' };
    const unknown = cluster.api.patch(path, { spec: { parameters: { NO_SUCH: 'x' } } });
    await expect(unknown).rejects.toThrow(/NO_SUCH/);
  });

  it('makes a plan fail whose Job fails', async () => {
    const parameters = { OUTCOME: 'fail' };
    const created = (await cluster.api.create(instance('third', parameters))) as InstanceObject;
    expect(await endOf('third', 'deploy', created.spec.planExecution?.uid)).toBe('FATAL_ERROR');
  });

  it('runs pods: a StatefulSet with volumes becomes ready, a hanging Deployment does not', async () => {
    await cluster.api.create(statefulSet());
    await cluster.api.create(hangingDeployment());
    const apps = { apiVersion: 'apps/v1', namespace: 'default' };
    await waitFor('the StatefulSet', async () => {
      const found = await cluster.api.get({ ...apps, kind: 'StatefulSet', name: 'store' });
      return (found?.['status'] as { readyReplicas?: number } | undefined)?.readyReplicas === 2;
    });
    const stuck = await cluster.api.get({ ...apps, kind: 'Deployment', name: 'stuck' });
    expect(stuck).toMatchObject({ status: { unavailableReplicas: 1 } });
  });

  it('has a Gitea beside it', async () => {
    const repository = await createRepository(gitea, 'fleet');
    const answer = await fetch(`${repository.cloneUrl}/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(200);
  });

  async function endOf(name: string, plan: string, uid: string | undefined): Promise<string> {
    const ref = { apiVersion: 'kudo.dev/v1beta1', kind: 'Instance', name };
    return waitFor(
      `plan ${plan} of ${name}`,
      async () => {
        const found = (await cluster.api.get(ref)) as InstanceObject | undefined;
        const status = found?.status?.planStatus?.[plan];
        if (status === undefined || status.uid !== uid) return false;
        return ['COMPLETE', 'FATAL_ERROR'].includes(status.status) && status.status;
      },
      { timeoutMs: 60_000 },
    );
  }
});

function podTemplate(container: object, annotations = {}): object {
  return {
    metadata: { labels: { app: 'smoke' }, annotations },
    spec: { containers: [{ name: 'main', image: 'example.com/main', ...container }] },
  };
}

function statefulSet(): TestObject {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'store', namespace: 'default' },
    spec: {
      replicas: 2,
      serviceName: 'store',
      selector: { matchLabels: { app: 'smoke' } },
      template: podTemplate({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }],
    },
  };
}

function hangingDeployment(): TestObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'stuck', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'smoke' } },
      template: podTemplate({}, { [OUTCOME_ANNOTATION]: 'hang' }),
    },
  };
}

function instance(name: string, parameters: Record<string, string>): TestObject {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name, namespace: 'default' },
    spec: { operatorVersion: { name: 'smoke-1.0.0' }, parameters },
  };
}

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Name }}-config
data:
  size: "{{ .Params.SIZE }}"
`;

const JOB = `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Name }}-init
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        ${OUTCOME_ANNOTATION}: "{{ .Params.OUTCOME }}"
    spec:
      restartPolicy: Never
      containers:
        - name: init
          image: example.com/init
`;

function operatorVersion(): TestObject {
  const plan = (...tasks: string[]): unknown => ({
    strategy: 'serial',
    phases: [
      {
        name: 'main',
        strategy: 'serial',
        steps: tasks.map((task) => ({ name: task, tasks: [task] })),
      },
    ],
  });
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'OperatorVersion',
    metadata: { name: 'smoke-1.0.0', namespace: 'default' },
    spec: {
      operator: { name: 'smoke', kind: 'Operator' },
      version: '1.0.0',
      templates: { 'config.yaml': CONFIG, 'job.yaml': JOB },
      tasks: [
        { name: 'config', kind: 'Apply', spec: { resources: ['config.yaml'] } },
        { name: 'job', kind: 'Apply', spec: { resources: ['job.yaml'] } },
      ],
      parameters: [
        { name: 'SIZE', default: '1', required: false, trigger: 'update' },
        { name: 'OUTCOME', default: 'succeed', required: false },
      ],
      plans: { deploy: plan('config', 'job'), update: plan('config') },
    },
  };
}
