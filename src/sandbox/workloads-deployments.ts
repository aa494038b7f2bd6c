import { timestamp, type Api } from './api-context.ts';
import { fieldsOf, listOf, valueAt, type ApiObject, type Fields } from './api-object.ts';
import type { Controller } from './controller.ts';
import { ownersOf, type OwnerIndex } from './owner-index.ts';
import {
  createOwned,
  dependents,
  keyOf,
  objectOf,
  writeField,
  writeStatus,
  type ResourceId,
} from './workloads-access.ts';
import { revisionOf } from './workloads-replicas.ts';

const DEPLOYMENTS: ResourceId = 'apps/v1/deployments';
const REPLICA_SETS: ResourceId = 'apps/v1/replicasets';
const STORAGE = 'apps/deployments';
const SET_STORAGE = 'apps/replicasets';
const HASH_LABEL = 'pod-template-hash';
const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';

interface Tools {
  readonly owners: OwnerIndex;
  readonly api: Api;
}

/** Gives each Deployment a ReplicaSet for its present template; older ones are scaled to nothing. */
export function deploymentController(owners: OwnerIndex, api: Api): Controller {
  return {
    name: 'deployments',
    keysOf: ({ storage, object }) => {
      if (storage === STORAGE) return [keyOf(object)];
      if (storage !== SET_STORAGE) return [];
      return ownersOf(object).flatMap((uid) => {
        const owner = owners.locate(uid);
        return owner?.storage === STORAGE ? [`${owner.namespace ?? ''}/${owner.name}`] : [];
      });
    },
    reconcile: async (key) => {
      const deployment = objectOf(DEPLOYMENTS, key, api);
      if (deployment === undefined) return undefined;
      if (deployment.metadata.deletionTimestamp !== undefined) return undefined;
      await keepReplicaSets(deployment, { owners, api });
      const sets = dependents(deployment, SET_STORAGE, { owners, api });
      await writeStatus(DEPLOYMENTS, deployment, statusOf(deployment, sets, timestamp(api)), api);
      return undefined;
    },
  };
}

async function keepReplicaSets(deployment: ApiObject, tools: Tools): Promise<void> {
  const { api } = tools;
  const hash = revisionOf(deployment);
  const sets = dependents(deployment, SET_STORAGE, tools);
  const replicas = valueAt(deployment, 'spec', 'replicas') ?? 1;
  for (const set of sets) {
    const value = isCurrent(set, hash) ? replicas : 0;
    await writeField(REPLICA_SETS, set, { path: ['spec', 'replicas'], value }, api);
  }
  if (sets.some((set) => isCurrent(set, hash))) return;
  await createOwned(REPLICA_SETS, deployment, replicaSet(deployment, hash, sets.length + 1), api);
}

function isCurrent({ metadata }: ApiObject, hash: string): boolean {
  return metadata.labels?.[HASH_LABEL] === hash;
}

function replicaSet(
  deployment: ApiObject,
  hash: string,
  revision: number,
): { readonly metadata: ApiObject['metadata']; readonly spec: Fields } {
  const template = fieldsOf(valueAt(deployment, 'spec', 'template'));
  const meta = fieldsOf(template['metadata']);
  const labels = {
    ...(fieldsOf(meta['labels']) as Readonly<Record<string, string>>),
    [HASH_LABEL]: hash,
  };
  const matchLabels = fieldsOf(valueAt(deployment, 'spec', 'selector', 'matchLabels'));
  return {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      labels,
      annotations: { [REVISION_ANNOTATION]: String(revision) },
    },
    spec: {
      replicas: valueAt(deployment, 'spec', 'replicas') ?? 1,
      selector: { matchLabels: { ...matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...meta, labels } },
    },
  };
}

function statusOf(deployment: ApiObject, sets: readonly ApiObject[], now: string): Fields {
  const wanted = count(deployment, 'spec', 'replicas');
  const current = sets.find((set) => isCurrent(set, revisionOf(deployment)));
  const ready = count(current, 'status', 'readyReplicas');
  const isDone = ready >= wanted;
  const total = sets.reduce((sum, set) => sum + count(set, 'status', 'replicas'), 0);
  const before = listOf(valueAt(deployment, 'status', 'conditions')).map(fieldsOf);
  const condition = (type: string, isTrue: boolean, reason: string): Fields => {
    const status = isTrue ? 'True' : 'False';
    const known = before.find((one) => one['type'] === type);
    const isSame = known?.['status'] === status;
    return {
      type,
      status,
      reason,
      message: '',
      lastUpdateTime: isSame ? known['lastUpdateTime'] : now,
      lastTransitionTime: isSame ? known['lastTransitionTime'] : now,
    };
  };
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: total,
    updatedReplicas: count(current, 'status', 'replicas'),
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: Math.max(0, wanted - ready),
    conditions: [
      condition(
        'Available',
        isDone,
        isDone ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      ),
      condition('Progressing', true, isDone ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated'),
    ],
  };
}

function count(object: ApiObject | undefined, ...path: readonly string[]): number {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : 0;
}
