import { INSTANCES, OPERATOR_VERSIONS, OPERATORS } from '../../src/cluster/resources.ts';
import { startEngine } from '../../src/engine/start-engine.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import { demoInstance, installedObjects, planState, type DemoOperator } from './demo-operator.ts';
import { admitByEngine } from './memory-admission.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { liveScope } from './scope.ts';

const here = { namespace: 'default' };
const demoPath = { ...INSTANCES, ...here, name: 'demo' };
const GONE: Instance = { apiVersion: '', kind: '', metadata: { name: '' } };

/** Our engine on a cluster in memory, with an Instance `demo`. */
export class MemoryEngine {
  readonly cluster = new MemoryCluster();
  readonly scope = liveScope();
  #stop: () => Promise<void> = async () => Promise.resolve();

  constructor() {
    admitByEngine(this.cluster);
  }

  async install(...operators: readonly DemoOperator[]): Promise<void> {
    for (const installed of operators.map((operator) => installedObjects(operator))) {
      await this.cluster.create({ ...OPERATORS, ...here }, installed.operator);
      await this.cluster.create({ ...OPERATOR_VERSIONS, ...here }, installed.operatorVersion);
    }
    await this.start();
  }

  async start(): Promise<void> {
    const options = { client: this.cluster, requeueMs: 20 };
    const engine = await startEngine(options, this.scope);
    this.#stop = async () => {
      await engine.stop();
    };
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  async createDemo(parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.cluster.create({ ...INSTANCES, ...here }, demoInstance(parameters));
  }

  async patchDemo(spec: object): Promise<void> {
    await this.cluster.patch(demoPath, { body: { spec } });
  }

  async deleteDemo(): Promise<void> {
    await this.cluster.delete(demoPath);
  }

  /** The Instance once it is as expected; one that is gone has no name. */
  async until(holds: (demo: Instance) => boolean): Promise<Instance> {
    for (;;) {
      const changed = this.cluster.nextChange();
      const demo = await this.cluster.get<Instance>(demoPath).catch(() => GONE);
      if (holds(demo)) return demo;
      await changed;
    }
  }

  /** The Instance once the plan's last run has that status. */
  async untilPlan(plan: string, status: string): Promise<Instance> {
    return this.until((demo) => planState(demo, plan).status === status);
  }
}
