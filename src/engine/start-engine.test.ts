import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyTask, demoOperator, planState } from '../../test/fakes/demo-operator.ts';
import { MemoryEngine } from '../../test/fakes/memory-engine.ts';
import { CONFIG_MAPS, INSTANCES } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import type { KubeObject } from '../model/kube-object.ts';

const CONFIG = { ...CONFIG_MAPS, namespace: 'default', name: 'demo-config' };
const config = applyTask('config', 'config.yaml');

describe('the engine', () => {
  let engine: MemoryEngine;
  beforeEach(() => {
    engine = new MemoryEngine();
  });
  afterEach(async () => {
    await engine.stop();
  });

  it('runs deploy of a new Instance to COMPLETE and leaves it idle and ready', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    await engine.createDemo({ COLOUR: 'red' });
    const demo = await engine.untilPlan('deploy', 'COMPLETE');
    expect(demo.spec?.planExecution).toEqual({});
    expect(demo.status?.planStatus?.['deploy']).toMatchObject({
      name: 'deploy',
      phases: [{ name: 'main', status: 'COMPLETE', steps: [{ name: 'all', status: 'COMPLETE' }] }],
    });
    expect(demo.status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True', reason: 'ResourcesReady' },
    ]);
  });

  it('marks what it applies as KUDO does and makes the Instance its owner', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    await engine.createDemo({ COLOUR: 'red' });
    const demo = await engine.untilPlan('deploy', 'COMPLETE');
    expect(await engine.cluster.get(CONFIG)).toMatchObject({
      metadata: {
        labels: { heritage: 'kudo', 'kudo.dev/instance': 'demo', 'kudo.dev/operator': 'demo' },
        annotations: {
          'kudo.dev/plan': 'deploy',
          'kudo.dev/phase': 'main',
          'kudo.dev/step': 'all',
          'kudo.dev/last-plan-execution-uid': planState(demo).uid,
        },
        ownerReferences: [{ kind: 'Instance', name: 'demo', uid: demo.metadata.uid }],
      },
      data: { colour: 'red' },
    });
  });

  it('writes the end of a plan first to the spec, then to the status', async () => {
    await engine.install(demoOperator({ tasks: [config] }));
    await engine.createDemo();
    await engine.untilPlan('deploy', 'COMPLETE');
    expect(engine.cluster.writes.slice(-4)).toEqual([
      'POST instances default/demo',
      'POST configmaps default/demo-config',
      'PUT instances default/demo',
      'PUT instances/status default/demo',
    ]);
  });

  it('runs the plan that a parameter triggers', async () => {
    await engine.install(demoOperator({ tasks: [config], plans: ['deploy', 'update'] }));
    await engine.createDemo({ COLOUR: 'red' });
    await engine.untilPlan('deploy', 'COMPLETE');
    await engine.patchDemo({ parameters: { COLOUR: 'blue' } });
    await engine.untilPlan('update', 'COMPLETE');
    expect(await engine.cluster.get(CONFIG)).toMatchObject({ data: { colour: 'blue' } });
  });

  it('restarts a hanging plan under a new uid when the same trigger fires', async () => {
    const hang = { name: 'hang', kind: 'Dummy', spec: { done: false } };
    await engine.install(demoOperator({ tasks: [hang] }));
    await engine.createDemo({ COLOUR: 'bad' });
    const { uid } = planState(await engine.untilPlan('deploy', 'IN_PROGRESS'));
    await engine.patchDemo({ parameters: { COLOUR: 'good' } });
    const restarted = await engine.until((demo) => planState(demo).uid !== uid);
    expect(restarted.spec?.planExecution?.uid).toBe(planState(restarted).uid);
    expect(planState(restarted).status).toBe('IN_PROGRESS');
  });

  it('deletes what a Delete task names and waits until it is gone', async () => {
    const removal = { name: 'removal', kind: 'Delete', spec: { resources: ['config.yaml'] } };
    await engine.install(demoOperator({ tasks: [config], plans: ['deploy', 'remove'], removal }));
    await engine.createDemo();
    await engine.untilPlan('deploy', 'COMPLETE');
    await engine.patchDemo({ planExecution: { planName: 'remove' } });
    await engine.untilPlan('remove', 'COMPLETE');
    await expect(engine.cluster.get(CONFIG)).rejects.toMatchObject({ code: 404 });
  });

  it('applies or deletes with the value of a Toggle task’s parameter', async () => {
    const spec = { parameter: 'COLOUR', resources: ['config.yaml'] };
    await engine.install(demoOperator({ tasks: [{ name: 'toggle', kind: 'Toggle', spec }] }));
    await engine.createDemo({ COLOUR: 'true' });
    const { uid } = planState(await engine.untilPlan('deploy', 'COMPLETE'));
    expect(await engine.cluster.get<KubeObject>(CONFIG)).toMatchObject({ kind: 'ConfigMap' });
    await engine.patchDemo({ parameters: { COLOUR: 'false' } });
    await engine.until(
      (demo) => planState(demo).uid !== uid && planState(demo).status === 'COMPLETE',
    );
    await expect(engine.cluster.get(CONFIG)).rejects.toMatchObject({ code: 404 });
  });

  it('runs cleanup before an Instance goes, and takes its finalizer away', async () => {
    await engine.install(demoOperator({ tasks: [config], plans: ['deploy', 'cleanup'] }));
    await engine.createDemo();
    const { metadata } = await engine.untilPlan('deploy', 'COMPLETE');
    expect(metadata.finalizers).toEqual(['kudo.dev.instance.cleanup']);
    const { length } = engine.cluster.writes;
    await engine.deleteDemo();
    await engine.until((demo) => demo.metadata.name === '');
    expect(engine.cluster.writes.slice(length)).toEqual([
      'DELETE instances default/demo',
      'PATCH configmaps default/demo-config',
      'PUT instances default/demo',
    ]);
  });

  it('creates the child of a KudoOperator task and waits until it has no plan', async () => {
    const spec = { package: 'child', operatorVersion: '1.0.0', parameterFile: 'child.yaml' };
    const task = { name: 'child', kind: 'KudoOperator', spec };
    const templates = { 'child.yaml': 'COLOUR: green\n' };
    await engine.install(
      demoOperator({ name: 'child', tasks: [config] }),
      demoOperator({ tasks: [task], templates }),
    );
    await engine.createDemo();
    await engine.untilPlan('deploy', 'COMPLETE');
    const path = { ...INSTANCES, namespace: 'default', name: 'demo-child' };
    expect(await engine.cluster.get<Instance>(path)).toMatchObject({
      metadata: { labels: { 'kudo.dev/operator': 'child' }, ownerReferences: [{ name: 'demo' }] },
      spec: { operatorVersion: { name: 'child-1.0.0' }, parameters: { COLOUR: 'green' } },
      status: { planStatus: { deploy: { status: 'COMPLETE' } } },
    });
  });
});
