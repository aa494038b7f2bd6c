import { afterEach, beforeEach, expect, test } from 'vitest';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import { RawKubeClient, type RawObject } from '../fakes/raw-kube-client.ts';
import { testScope } from '../fakes/scope.ts';

const READY_MS = 5_000;
const RUN_MS = 10_000;
const NS = 'namespaces/default';

let scope = testScope();
let server: SandboxApiServer;
let kube: RawKubeClient;

beforeEach(async () => {
  scope = testScope();
  server = await startApiServer({ podReadyMs: READY_MS, jobRunMs: RUN_MS }, scope);
  kube = new RawKubeClient(server);
});

afterEach(async () => {
  kube.close();
  await server.stop();
});

function workload(kind: string, spec: object, podSpec: object = {}, annotations = {}): object {
  const containers = [{ name: 'main', image: 'app', ...podSpec }];
  const labels = { app: 'x' };
  const isJob = kind === 'Job';
  return {
    apiVersion: isJob ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'x' },
    spec: {
      ...(isJob ? {} : { selector: { matchLabels: labels } }),
      template: {
        metadata: { labels, annotations },
        spec: { containers, ...(isJob ? { restartPolicy: 'Never' } : {}) },
      },
      ...spec,
    },
  };
}

async function status(path: string): Promise<RawObject['status']> {
  return (await kube.get(path)).body.status;
}

async function podNames(): Promise<string[]> {
  const { items } = (await kube.get(`/api/v1/${NS}/pods`)).body;
  return items.map(({ metadata }) => metadata.name);
}

function conditionTypes({ conditions }: RawObject['status']): unknown {
  return (conditions as { type: string; status: string }[] | undefined)
    ?.filter((condition) => condition.status === 'True')
    .map(({ type }) => type);
}

test('a Deployment is available when its pods have had their time, not before', async () => {
  await kube.post(`/apis/apps/v1/${NS}/deployments`, workload('Deployment', { replicas: 2 }));
  expect((await podNames()).length).toBe(2);
  const path = `/apis/apps/v1/${NS}/deployments/x`;
  expect(await status(path)).toMatchObject({ replicas: 2, readyReplicas: 0 });
  await scope.clock.advance(READY_MS);
  expect(await status(path)).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
});

test('a StatefulSet numbers its pods, gives them claims and replaces them when its template changes', async () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { resources: { requests: { storage: '1Gi' } } },
  };
  const spec = { replicas: 2, serviceName: 'x', volumeClaimTemplates: [claim] };
  await kube.post(`/apis/apps/v1/${NS}/statefulsets`, workload('StatefulSet', spec));
  const path = `/apis/apps/v1/${NS}/statefulsets/x`;
  await scope.clock.advance(READY_MS);
  expect(await podNames()).toEqual(['x-0', 'x-1']);
  expect(await status(path)).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 });
  expect(await status(`/api/v1/${NS}/persistentvolumeclaims/data-x-1`)).toMatchObject({
    phase: 'Bound',
    capacity: { storage: '1Gi' },
  });
  const template = { spec: { containers: [{ name: 'main', image: 'app:2' }] } };
  await kube.patch(path, { spec: { replicas: 1, template } }, 'strategic');
  expect(await status(path)).toMatchObject({ observedGeneration: 2, readyReplicas: 0 });
  await scope.clock.advance(READY_MS);
  expect(await podNames()).toEqual(['x-0']);
  expect(await status(path)).toMatchObject({ readyReplicas: 1 });
});

test('a DaemonSet has one pod, as there is one node', async () => {
  await kube.post(`/apis/apps/v1/${NS}/daemonsets`, workload('DaemonSet', {}));
  await scope.clock.advance(READY_MS);
  expect(await status(`/apis/apps/v1/${NS}/daemonsets/x`)).toMatchObject({
    desiredNumberScheduled: 1,
    numberReady: 1,
  });
});

test('a Job runs its time and is complete', async () => {
  await kube.post(`/apis/batch/v1/${NS}/jobs`, workload('Job', {}));
  const path = `/apis/batch/v1/${NS}/jobs/x`;
  expect(await status(path)).toMatchObject({ active: 1 });
  await scope.clock.advance(RUN_MS);
  const done = await status(path);
  expect(done['succeeded']).toBe(1);
  expect(conditionTypes(done)).toEqual(['SuccessCriteriaMet', 'Complete']);
});

test.each([
  { why: 'its command fails', podSpec: { command: ['sh', '-c', 'exit 1'] }, annotations: {} },
  {
    why: 'it is told to fail',
    podSpec: {},
    annotations: { 'sandbox.kudo-gitops.dev/outcome': 'fail' },
  },
])('a Job whose pods fail because $why has failed when it may not try again', async (row) => {
  const job = workload('Job', { backoffLimit: 1 }, row.podSpec, row.annotations);
  await kube.post(`/apis/batch/v1/${NS}/jobs`, job);
  const path = `/apis/batch/v1/${NS}/jobs/x`;
  await scope.clock.advance(RUN_MS);
  expect(conditionTypes(await status(path))).toBeUndefined();
  await scope.clock.advance(RUN_MS);
  const ended = await status(path);
  expect(ended['failed']).toBe(2);
  expect(conditionTypes(ended)).toEqual(['FailureTarget', 'Failed']);
});

test('a Service gets an address, and keeps it', async () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'x' },
    spec: { ports: [{ port: 80 }] },
  };
  const { spec } = (await kube.post(`/api/v1/${NS}/services`, service)).body;
  expect(spec['clusterIP']).toMatch(/^10\.96\.\d+\.\d+$/);
  const path = `/api/v1/${NS}/services/x`;
  const patched = await kube.patch(path, { spec: { ports: [{ port: 81 }] } });
  expect(patched.body.spec['clusterIP']).toBe(spec['clusterIP']);
  const moved = await kube.patch(path, { spec: { clusterIP: '10.96.9.9' } });
  expect(moved.code).toBe(422);
});

test('what Kubernetes does not let change is refused', async () => {
  await kube.post(`/apis/batch/v1/${NS}/jobs`, workload('Job', {}));
  const patch = {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'other' }] } } },
  };
  const job = await kube.patch(`/apis/batch/v1/${NS}/jobs/x`, patch, 'strategic');
  expect(job.body.message).toContain('spec.template');
  await kube.post(`/apis/apps/v1/${NS}/statefulsets`, workload('StatefulSet', {}));
  const set = await kube.patch(`/apis/apps/v1/${NS}/statefulsets/x`, {
    spec: { serviceName: 'other' },
  });
  expect({ code: set.code, message: set.body.message }).toMatchObject({
    code: 422,
    message: expect.stringContaining('updates to statefulset spec for fields other than') as string,
  });
});

test('a misspelt field of a built-in kind is dropped, and an error when asked', async () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, dota: { a: '1' } };
  const strict = await kube.post(`/api/v1/${NS}/configmaps?fieldValidation=Strict`, map);
  expect(strict.body.message).toContain('unknown field "dota"');
  const { body } = await kube.post(`/api/v1/${NS}/configmaps`, map);
  expect(Object.keys(body)).not.toContain('dota');
});
