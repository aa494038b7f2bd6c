import { createHash } from 'node:crypto';
import type { Api } from './api-context.ts';
import { fieldsOf, listOf, textOf, valueAt, type ApiObject, type Fields } from './api-object.ts';
import type { Controller } from './controller.ts';
import { ownersOf, type OwnerIndex } from './owner-index.ts';
import {
  createIn,
  createOwned,
  dependents,
  keyOf,
  objectOf,
  remove,
  writeStatus,
  type ResourceId,
} from './workloads-access.ts';
import { isReady, NODE_NAME, PODS } from './workloads-pods.ts';

const KINDS: Readonly<Record<string, ResourceId>> = {
  'apps/replicasets': 'apps/v1/replicasets',
  'apps/statefulsets': 'apps/v1/statefulsets',
  'apps/daemonsets': 'apps/v1/daemonsets',
};

const CLAIMS: ResourceId = '/v1/persistentvolumeclaims';
const REVISION_LABEL = 'controller-revision-hash';

interface Tools {
  readonly owners: OwnerIndex;
  readonly api: Api;
}

/** Keeps the pods of ReplicaSets, StatefulSets and DaemonSets (on one node) as many as they should be. */
export function replicaController(owners: OwnerIndex, api: Api): Controller {
  return {
    name: 'replicas',
    keysOf: ({ storage, object, previous }) => {
      if (KINDS[storage] !== undefined) return [`${storage}:${keyOf(object)}`];
      if (storage !== 'pods') return [];
      return [...new Set([...ownersOf(object), ...ownersOf(previous)])].flatMap((uid) => {
        const owner = owners.locate(uid);
        if (owner === undefined || KINDS[owner.storage] === undefined) return [];
        return [`${owner.storage}:${owner.namespace ?? ''}/${owner.name}`];
      });
    },
    reconcile: async (key) => {
      const [storage = '', objectKey = ''] = key.split(':');
      const id = KINDS[storage];
      const set = id && objectOf(id, objectKey, api);
      if (id === undefined || set === undefined) return undefined;
      if (set.metadata.deletionTimestamp !== undefined) return undefined;
      await keepPods(set, { owners, api });
      await writeStatus(id, set, statusOf(set, dependents(set, 'pods', { owners, api })), api);
      return undefined;
    },
  };
}

async function keepPods(set: ApiObject, tools: Tools): Promise<void> {
  const { api } = tools;
  const revision = revisionOf(set);
  const wanted = wantedPods(set);
  const pods = dependents(set, 'pods', tools);
  const kept: ApiObject[] = [];
  for (const pod of pods) {
    const isRight = set.kind === 'ReplicaSet' || pod.metadata.labels?.[REVISION_LABEL] === revision;
    if (isRight && kept.length < wanted && hasPlace(set, pod, wanted)) kept.push(pod);
    else remove(PODS, pod, api);
  }
  const names = new Set(kept.map(({ metadata }) => metadata.name));
  for (let index = 0; index < wanted; index++) {
    const name = `${set.metadata.name}-${index}`;
    if (set.kind === 'StatefulSet' ? names.has(name) : index < kept.length) continue;
    await createPod(set, name, revision, api);
  }
}

/** Pods of a StatefulSet have numbers. */
function hasPlace(set: ApiObject, { metadata }: ApiObject, wanted: number): boolean {
  return set.kind !== 'StatefulSet' || Number(metadata.name.split('-').at(-1)) < wanted;
}

function wantedPods(set: ApiObject): number {
  if (set.kind === 'DaemonSet') return 1;
  const replicas = valueAt(set, 'spec', 'replicas');
  return typeof replicas === 'number' ? replicas : 1;
}

async function createPod(set: ApiObject, name: string, revision: string, api: Api): Promise<void> {
  const template = fieldsOf(valueAt(set, 'spec', 'template'));
  const { labels, annotations } = fieldsOf(template['metadata']);
  const isNumbered = set.kind === 'StatefulSet';
  const claims = isNumbered ? await createClaims(set, name, api) : [];
  const metadata = {
    ...(isNumbered ? { name } : { name: '', generateName: `${set.metadata.name}-` }),
    labels: {
      ...(labels as Readonly<Record<string, string>> | undefined),
      ...(set.kind === 'ReplicaSet' ? {} : { [REVISION_LABEL]: revision }),
      ...(isNumbered ? { 'statefulset.kubernetes.io/pod-name': name } : {}),
    },
    annotations: annotations as Readonly<Record<string, string>> | undefined,
  };
  const podSpec = fieldsOf(template['spec']);
  const volumes = [...listOf(podSpec['volumes']), ...claims];
  const spec = { nodeName: NODE_NAME, ...podSpec, ...(volumes.length === 0 ? {} : { volumes }) };
  await createOwned(PODS, set, { metadata, spec }, api);
}

/** The claims of one pod of a StatefulSet, as its volumes; they stay when the pod goes. */
async function createClaims(set: ApiObject, podName: string, api: Api): Promise<Fields[]> {
  const volumes: Fields[] = [];
  for (const template of listOf(valueAt(set, 'spec', 'volumeClaimTemplates')).map(fieldsOf)) {
    const name = textOf(valueAt(template, 'metadata', 'name'));
    const claimName = `${name}-${podName}`;
    volumes.push({ name, persistentVolumeClaim: { claimName } });
    if (objectOf(CLAIMS, `${set.metadata.namespace ?? ''}/${claimName}`, api) !== undefined)
      continue;
    const body = { metadata: { name: claimName }, spec: template['spec'] };
    await createIn(CLAIMS, set.metadata.namespace, body, api);
  }
  return volumes;
}

/** Changes with the pod template. */
export function revisionOf(set: ApiObject): string {
  const text = JSON.stringify(valueAt(set, 'spec', 'template'));
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

function statusOf(set: ApiObject, pods: readonly ApiObject[]): Fields {
  const ready = pods.filter(isReady).length;
  const { generation: observedGeneration } = set.metadata;
  if (set.kind === 'DaemonSet') {
    return {
      observedGeneration,
      desiredNumberScheduled: wantedPods(set),
      currentNumberScheduled: pods.length,
      updatedNumberScheduled: pods.length,
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
    };
  }
  const counts = {
    observedGeneration,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
  };
  if (set.kind === 'ReplicaSet') return { ...counts, fullyLabeledReplicas: pods.length };
  const revision = `${set.metadata.name}-${revisionOf(set)}`;
  const isDone = ready === wantedPods(set);
  const before = textOf(valueAt(set, 'status', 'currentRevision'));
  return {
    ...counts,
    currentReplicas: pods.length,
    updatedReplicas: pods.length,
    currentRevision: isDone || before === '' ? revision : before,
    updateRevision: revision,
    collisionCount: 0,
  };
}
