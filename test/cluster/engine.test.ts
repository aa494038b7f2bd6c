import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import {
  CONFIG_MAPS,
  INSTANCES,
  NAMESPACES,
  OPERATOR_VERSIONS,
  OPERATORS,
} from '../../src/cluster/resources.ts';
import { demoInstance, demoOperator, installedObjects, planState } from '../fakes/demo-operator.ts';
import { clientOf, InstanceWatch, startKubeEngine } from '../fakes/kube-engine.ts';
import { liveScope } from '../fakes/scope.ts';
import type { RealCluster } from './cluster.ts';
import { startCluster } from './cluster.ts';
import { SCENARIOS, type EngineStage } from './engine-scenarios.ts';
import { Normalizer } from './engine-trace.ts';
import { startKudoManager } from './kudo.ts';

const DELETES = ['a toggle on and off', 'a plan that deletes', 'a cleanup'];

interface Trace {
  readonly states: readonly unknown[];
  readonly objects: readonly unknown[];
}

/** Why: the sandbox may only promise what KUDO keeps, so the same must be seen with either engine. */
describe('our engine beside KUDO’s manager', () => {
  const scope = liveScope();
  let kudo: ReadonlyMap<string, Trace>;
  let ours: ReadonlyMap<string, Trace>;
  let cluster: RealCluster;

  beforeAll(async () => {
    cluster = await startCluster({ workloads: true });
    const client = await clientOf(await readFile(cluster.kubeconfig, 'utf8'));
    const manager = await startKudoManager(cluster);
    kudo = await played(client, 'kudo');
    await manager.stop();
    const engine = await startKubeEngine(client, scope);
    ours = await played(client, 'ours');
    await engine.stop();
  });

  afterAll(async () => {
    scope.stop();
    await cluster.stop();
  });

  it.each(Object.keys(SCENARIOS))('shows the same states for %s', (name) => {
    expect(comparable(name, ours)).toEqual(comparable(name, kudo));
  });

  it.each(Object.keys(SCENARIOS))('leaves the same objects after %s', (name) => {
    expect(ours.get(name)?.objects).toEqual(kudo.get(name)?.objects);
  });

  /** Whether a deletion is waited for depends on the garbage collector; then only the end is the same. */
  function comparable(name: string, traces: ReadonlyMap<string, Trace>): readonly unknown[] {
    const states = traces.get(name)?.states ?? [];
    return DELETES.includes(name) ? states.slice(-1) : states;
  }

  async function played(client: KubeClient, engine: string): Promise<ReadonlyMap<string, Trace>> {
    const traces = new Map<string, Trace>();
    for (const [name, play] of Object.entries(SCENARIOS)) {
      const namespace = `${engine}-${String(traces.size)}`;
      const metadata = { name: namespace };
      await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata }, {}, scope);
      const watch = await InstanceWatch.start(client, { namespace, name: 'demo' }, scope);
      await play(stageOf(client, namespace, watch));
      const normalizer = new Normalizer(namespace);
      const states = normalizer.states(watch.seen);
      traces.set(name, { states, objects: await normalizer.objects(client, scope) });
    }
    return traces;
  }

  function stageOf(client: KubeClient, namespace: string, watch: InstanceWatch): EngineStage {
    const here = { namespace };
    const demo = { ...INSTANCES, ...here, name: 'demo' };
    return {
      install: async (wish) => {
        const { operator, operatorVersion } = installedObjects(demoOperator(wish), namespace);
        await client.create({ ...OPERATORS, ...here }, operator, {}, scope);
        await client.create({ ...OPERATOR_VERSIONS, ...here }, operatorVersion, {}, scope);
      },
      create: async (parameters = {}) => {
        const body = { ...demoInstance(parameters), metadata: { name: 'demo', namespace } };
        await client.create({ ...INSTANCES, ...here }, body, {}, scope);
      },
      patch: async (spec) => {
        await client.patch(demo, { type: 'merge', body: { spec } }, scope);
      },
      addConfigMap: async (metadata) => {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
        await client.create({ ...CONFIG_MAPS, ...here }, body, {}, scope);
      },
      remove: async () => {
        await client.delete(demo, {}, scope);
      },
      until: async (holds) => watch.until(holds),
      ended: async (plan, status, times = 1) => {
        const runs = new Set<string | undefined>();
        return watch.until(({ object }) => {
          const state = planState(object, plan);
          if (state.status === status) runs.add(state.uid);
          return runs.size >= times;
        });
      },
    };
  }
});
