import { OPERATOR_VERSIONS } from '../../src/cluster/resources.ts';
import { KubeError } from '../../src/cluster/kube-client.ts';
import { answerReview } from '../../src/engine/answer-review.ts';
import type { MemoryCluster } from './memory-cluster.ts';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Lets our own admission decide about every write of an Instance in `cluster`. */
export function admitByEngine(cluster: MemoryCluster): void {
  const world = {
    readOperatorVersion: async (namespace: string, name: string) =>
      cluster.get<never>({ ...OPERATOR_VERSIONS, namespace, name }),
    newUid: () => crypto.randomUUID(),
  };
  cluster.admitInstance = async (operation, object, oldObject) => {
    const answer = await answerReview(
      {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { uid: 'review', operation, object, oldObject },
      },
      world,
    );
    const { status, patch = '' } = answer?.response ?? {};
    if (status) throw new KubeError(status.code, status.reason ?? '', status.message ?? '');
    const operations = Buffer.from(patch, 'base64').toString() || '[]';
    return patched(object, JSON.parse(operations) as Operation[]);
  };
}

function patched<T extends object>(object: T, operations: readonly Operation[]): T {
  const copy = structuredClone(object);
  for (const { op, path, value } of operations) {
    const keys = path.slice(1).split('/');
    const last = keys.pop() ?? '';
    let target = copy as Record<string, unknown>;
    for (const key of keys) target = target[key] as Record<string, unknown>;
    if (op === 'remove') delete target[last];
    else target[last] = value;
  }
  return copy;
}
