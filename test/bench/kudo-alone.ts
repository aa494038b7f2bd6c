import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { INSTANCES, OPERATOR_VERSIONS, OPERATORS } from '../../src/cluster/resources.ts';
import { readDesired } from '../../src/desired/read-desired.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';
import { sha256 } from '../../src/lib/sha256.ts';
import { benchFleet } from './bench-fleet.ts';
import { WriteLog } from './write-log.ts';

/** What KUDO admits when nobody but a loop of writes asks: the most that any service can reach here and now. */
export interface KudoAlone {
  readonly createsPerSecond: number;
  readonly writesPerSecond: number;
}

const NAMESPACE = 'kudo-alone';
const AT_ONCE = 16;

/**
 * Creates Instances, waits for their plans, and changes a parameter of each; leaves nothing behind.
 *
 * @param count as many as the service is measured with: KUDO's client lets its first 30 requests pass, and
 *   20 a second after them, so that fewer Instances seem faster
 */
export async function measureKudoAlone(
  client: KubeClient,
  count: number,
  scope: Scope,
): Promise<KudoAlone> {
  const log = await WriteLog.start(client, scope);
  await makeOperator(client, scope);
  const path = { ...INSTANCES, namespace: NAMESPACE };
  const names = Array.from({ length: count }, (_, index) => `alone-${String(index)}`);
  const createsPerSecond = await rateOf(names, async (name) => {
    await client.create(path, instance(name), {}, scope);
  });
  await log.ended(names, 1);
  const writesPerSecond = await rateOf(names, async (name) => {
    const body = { spec: { parameters: { SIZE: '2' } } };
    await client.patch<Instance>({ ...path, name }, { type: 'merge', body }, scope);
  });
  await log.ended(names, 2);
  await rateOf(names, async (name) => client.delete({ ...path, name }, {}, scope));
  return { createsPerSecond, writesPerSecond };
}

/** How many of `names` are done a second, 16 at once, from the first answer to the last. */
async function rateOf(
  names: readonly string[],
  work: (name: string) => Promise<void>,
): Promise<number> {
  const left = [...names];
  const answers: number[] = [];
  const worker = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      await work(name);
      answers.push(Date.now());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const [first = 0, last = 0] = [answers[0], answers.at(-1)];
  return ((answers.length - 1) * 1_000) / Math.max(1, last - first);
}

function instance(name: string): object {
  const labels = { 'kudo.dev/operator': 'bench' };
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name, namespace: NAMESPACE, labels },
    spec: { operatorVersion: { name: 'bench-1.0.0' }, parameters: { SIZE: '1' } },
  };
}

/** The bench's operator, as the service would make it. */
async function makeOperator(client: KubeClient, scope: Scope): Promise<void> {
  const files = Object.entries(benchFleet(0)).map(([path, text]) => ({ path, text }));
  const options = { paths: ['.'], targetNamespace: NAMESPACE, hash: sha256 };
  const { operators, operatorVersions } = readDesired(files, options);
  const metadata = { name: NAMESPACE };
  const namespaces = { group: '', version: 'v1', plural: 'namespaces' };
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata }, {}, scope);
  const at = { namespace: NAMESPACE };
  for (const { object } of operators.values()) {
    await client.create({ ...OPERATORS, ...at }, object, {}, scope);
  }
  for (const { object } of operatorVersions.values()) {
    await client.create({ ...OPERATOR_VERSIONS, ...at }, object, {}, scope);
  }
}
