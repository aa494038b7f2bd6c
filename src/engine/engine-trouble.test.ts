import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyTask, demoOperator, planState } from '../../test/fakes/demo-operator.ts';
import { MemoryEngine } from '../../test/fakes/memory-engine.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';

const config = applyTask('config', 'config.yaml');
const JOB = {
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  namespace: 'default',
  name: 'demo-job',
};
const FAILED = 'Error during execution: fatal error: default/demo failed in deploy.main.all';

describe('the engine in trouble', () => {
  let engine: MemoryEngine;
  beforeEach(() => {
    engine = new MemoryEngine();
  });
  afterEach(async () => {
    await engine.stop();
  });

  it('ends a plan as FATAL_ERROR, with KUDO’s text, when the cluster does not know a kind', async () => {
    await engine.install(demoOperator({ tasks: [applyTask('budget', 'budget.yaml')] }));
    await engine.createDemo();
    const demo = await engine.untilPlan('deploy', 'FATAL_ERROR');
    expect(planState(demo).message).toBe(
      `${FAILED}.budget: fatal error: failed to determine if object &TypeMeta{Kind:PodDisruptionBudget,APIVersion:policy/v1beta1,} is namespaced: ` +
        'a resource with GVK policy/v1beta1, Kind=PodDisruptionBudget seems to be missing in API resource list',
    );
  });

  it('waits for a Job and ends as FATAL_ERROR when it fails', async () => {
    await engine.install(demoOperator({ tasks: [applyTask('job', 'job.yaml')] }));
    await engine.createDemo();
    await engine.untilPlan('deploy', 'IN_PROGRESS');
    const failed = { type: 'Failed', status: 'True', message: 'too many retries' };
    engine.cluster.setStatus(JOB, { conditions: [failed] });
    const demo = await engine.untilPlan('deploy', 'FATAL_ERROR');
    expect(planState(demo).message).toBe(
      `${FAILED}.job: object default/demo-job is NOT healthy: fatal error: HealthUtil: job "demo-job" has failed terminally: too many retries`,
    );
    expect(demo.spec?.planExecution).toEqual({});
  });

  it('notes at the step what the API server refuses and goes on when it no longer does', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    engine.cluster.beforeWrite = (write) => {
      if (write.startsWith('POST configmaps')) throw new KubeError(403, 'Forbidden', 'not today');
    };
    await engine.createDemo();
    const demo = await engine.untilPlan('deploy', 'IN_PROGRESS');
    expect(planState(demo).message).toBe(
      'A transient error when executing task deploy.main.all.config. Will retry. not today',
    );
    engine.cluster.beforeWrite = () => undefined;
    await engine.untilPlan('deploy', 'COMPLETE');
  });

  it('does not touch an object that others made and annotated', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    const metadata = { name: 'demo-config', annotations: { theirs: 'yes' } };
    const collection = { ...CONFIG_MAPS, namespace: 'default' };
    await engine.cluster.create(collection, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await engine.createDemo();
    const demo = await engine.untilPlan('deploy', 'FATAL_ERROR');
    expect(planState(demo).message).toBe(
      `failed to patch a /v1, Kind=ConfigMap default/demo-config: ${FAILED}.config: ` +
        'failed to get original configuration LastAppliedConfigAnnotation is not set',
    );
  });

  it('keeps the outcome of a plan when somebody writes the Instance between spec and status', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    let disturbed = false;
    engine.cluster.beforeWrite = (write) => {
      if (disturbed || write !== 'PUT instances/status default/demo') return;
      disturbed = true;
      throw new KubeError(409, 'Conflict', 'somebody was faster');
    };
    await engine.createDemo();
    await engine.untilPlan('deploy', 'COMPLETE');
    expect(disturbed).toBe(true);
  });

  it('runs a plan again that somebody else wrote into the middle of', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    let conflicts = 3;
    engine.cluster.beforeWrite = (write) => {
      if (write === 'PUT instances default/demo' && conflicts-- > 0)
        throw new KubeError(409, 'Conflict', 'somebody was faster');
    };
    await engine.createDemo();
    await engine.untilPlan('deploy', 'COMPLETE');
    expect(engine.cluster.writes.filter((write) => write.includes('configmaps'))).toEqual([
      'POST configmaps default/demo-config',
    ]);
  });

  it('ends a plan at once when an operator it depends on is not installed', async () => {
    const spec = { package: 'child', operatorVersion: '1' };
    await engine.install(demoOperator({ tasks: [{ name: 'child', kind: 'KudoOperator', spec }] }));
    await engine.createDemo();
    const demo = await engine.untilPlan('deploy', 'FATAL_ERROR');
    expect(demo.status?.planStatus?.['deploy']?.message).toBe(
      'Error during execution: fatal error: failed to resolve package Operator: "child", OperatorVersion: "1", AppVersion "any", ' +
        'dependency of package demo-1.0.0: failed to resolve operator version default/child-1:',
    );
  });

  it('keeps an Instance whose cleanup failed until a person acts, and is quiet meanwhile', async () => {
    const broken = { name: 'broken', kind: 'Dummy', spec: { wantErr: true, fatal: true } };
    await engine.install(demoOperator({ tasks: [broken], plans: ['deploy', 'cleanup'] }));
    await engine.createDemo();
    await engine.untilPlan('deploy', 'FATAL_ERROR');
    await engine.deleteDemo();
    const demo = await engine.untilPlan('cleanup', 'FATAL_ERROR');
    expect(demo.metadata.finalizers).toEqual(['kudo.dev.instance.cleanup']);
    expect(planState(demo, 'cleanup').message).toBe(
      'Error during execution: fatal error: default/demo failed in cleanup.main.all.broken: dummy error',
    );
  });

  it('goes on with a plan where another engine stopped', async () => {
    await engine.install(demoOperator({ tasks: [applyTask('job', 'job.yaml')] }));
    await engine.createDemo();
    const before = await engine.untilPlan('deploy', 'IN_PROGRESS');
    await engine.stop();
    engine.cluster.setStatus(JOB, { succeeded: 1 });
    await engine.start();
    const after = await engine.untilPlan('deploy', 'COMPLETE');
    expect(planState(after).uid).toBe(planState(before).uid);
  });
});
