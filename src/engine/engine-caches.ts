import { getIfThere } from '../cluster/apply-object.ts';
import type { KubeClient, Resource } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import {
  DEPLOYMENTS,
  INSTANCES,
  OPERATOR_VERSIONS,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { FindKind } from './find-kind.ts';
import { versionReference } from '../kudo/version-reference.ts';

const apps = (plural: string): Resource => ({ group: 'apps', version: 'v1', plural });

/** Everything that KUDO's controller watches, plus what Ready is computed from. */
const WATCHED: readonly { readonly resource: Resource; readonly kind: string }[] = [
  { resource: DEPLOYMENTS, kind: 'Deployment' },
  { resource: STATEFUL_SETS, kind: 'StatefulSet' },
  { resource: apps('replicasets'), kind: 'ReplicaSet' },
  { resource: apps('daemonsets'), kind: 'DaemonSet' },
  { resource: PODS, kind: 'Pod' },
  { resource: SERVICES, kind: 'Service' },
  { resource: { group: 'batch', version: 'v1', plural: 'jobs' }, kind: 'Job' },
];

/** Kinds that the Ready condition looks at, in KUDO's order (readiness.go:46-102). */
const READINESS_KINDS = ['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet', 'Pod'];

/** Copies of what the engine looks at, kept up to date by watches. */
export interface EngineCaches {
  readonly instances: ObjectCache<Instance>;
  readonly operatorVersions: ObjectCache<OperatorVersion>;
  /** Objects with label heritage=kudo by kind. */
  readonly applied: ReadonlyMap<string, ObjectCache<KubeObject>>;
}

/** Starts the caches and waits for their first lists; kinds that the API server does not serve are left out. */
export async function startCaches(
  client: KubeClient,
  findKind: FindKind,
  scope: Scope,
): Promise<EngineCaches> {
  const instances = new ObjectCache<Instance>(
    { client, path: INSTANCES },
    { indexes: { operatorVersion: operatorVersionKey } },
  );
  const operatorVersions = new ObjectCache<OperatorVersion>({ client, path: OPERATOR_VERSIONS });
  const applied = new Map<string, ObjectCache<KubeObject>>();
  for (const { resource, kind } of WATCHED) {
    const { group, version } = resource;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    if ((await findKind(apiVersion, kind, scope)) === undefined) continue;
    const source = { client, path: resource, labelSelector: 'heritage=kudo' };
    applied.set(
      kind,
      new ObjectCache<KubeObject>(source, { indexes: { instance: instanceLabels } }),
    );
  }
  const caches = [instances, operatorVersions, ...applied.values()];
  for (const cache of caches) cache.start(scope);
  await Promise.all(caches.map(async (cache) => cache.synced));
  return { instances, operatorVersions, applied };
}

/** The workloads and pods that carry the Instance's labels. */
export function resourcesOf(
  { applied }: EngineCaches,
  { metadata }: Instance,
): readonly KubeObject[] {
  const label = `${metadata.namespace ?? ''}/${metadata.name}`;
  return READINESS_KINDS.flatMap((kind) => {
    const apiVersion = kind === 'Pod' ? 'v1' : 'apps/v1';
    const objects = applied.get(kind)?.indexed('instance', label) ?? [];
    return objects.map((object) => ({ ...object, apiVersion, kind }));
  });
}

/** The OperatorVersion of that name, from the API server when the cache has none yet. */
export async function findOperatorVersion(
  { operatorVersions }: EngineCaches,
  client: KubeClient,
  key: { readonly namespace: string; readonly name: string },
  scope: Scope,
): Promise<OperatorVersion | undefined> {
  const cached = operatorVersions.get(`${key.namespace}/${key.name}`);
  return (
    cached ?? (await getIfThere<OperatorVersion>(client, { ...OPERATOR_VERSIONS, ...key }, scope))
  );
}

function operatorVersionKey(instance: Instance): readonly string[] {
  const { namespace, name } = versionReference(instance);
  return [`${namespace}/${name}`];
}

function instanceLabels({ metadata }: KubeObject): readonly string[] {
  const name = metadata.labels?.['kudo.dev/instance'];
  return name === undefined ? [] : [`${metadata.namespace ?? ''}/${name}`];
}
