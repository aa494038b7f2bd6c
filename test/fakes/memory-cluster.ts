import {
  KubeError,
  type KubeClient,
  type ListOptions,
  type ObjectList,
  type ResourcePath,
  type WatchEvent,
} from '../../src/cluster/kube-client.ts';
import type { KubeObject, ObjectMeta } from '../../src/model/kube-object.ts';

type Stored = KubeObject & { spec?: unknown; status?: unknown };
type Admit = (operation: 'CREATE' | 'UPDATE', object: Stored, before?: Stored) => Promise<Stored>;

const KINDS: readonly (readonly [apiVersion: string, kind: string, plural: string])[] = [
  ['v1', 'ConfigMap', 'configmaps'],
  ['v1', 'Secret', 'secrets'],
  ['v1', 'Service', 'services'],
  ['v1', 'Pod', 'pods'],
  ['v1', 'Event', 'events'],
  ['apps/v1', 'Deployment', 'deployments'],
  ['apps/v1', 'StatefulSet', 'statefulsets'],
  ['batch/v1', 'Job', 'jobs'],
  ['coordination.k8s.io/v1', 'Lease', 'leases'],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'],
  ['gitops.kudo.dev/v1alpha1', 'Rollout', 'rollouts'],
  ['kudo.dev/v1beta1', 'Instance', 'instances'],
  ['kudo.dev/v1beta1', 'OperatorVersion', 'operatorversions'],
  ['kudo.dev/v1beta1', 'Operator', 'operators'],
];

/** A small API server in memory, for tests of what talks to one: versions, uids, finalizers, owners, watches. */
export class MemoryCluster implements KubeClient {
  readonly server = 'memory';
  /** Every write that succeeded: `PUT instances/status default/demo`. */
  readonly writes: string[] = [];
  /** Called before each write; may throw the KubeError that the write is to fail with. */
  beforeWrite: (write: string) => void = () => undefined;
  /** Called with each Instance that is created or whose main resource is written. */
  admitInstance: Admit = async (_operation, object) => Promise.resolve(object);
  readonly #objects = new Map<string, Stored>();
  readonly #watchers = new Set<(key: string, event: WatchEvent<Stored>) => void>();
  #version = 0;

  async get<T extends KubeObject>(path: ResourcePath): Promise<T> {
    return Promise.resolve(structuredClone(this.#find(path)) as unknown as T);
  }

  async list<T extends KubeObject>(
    path: ResourcePath,
    options: ListOptions,
  ): Promise<ObjectList<T>> {
    const items = [...this.#objects]
      .filter(([key, object]) => isWanted(key, path) && hasLabels(object, options.labelSelector))
      .map(([, object]) => structuredClone(object) as unknown as T);
    return Promise.resolve({
      items,
      resourceVersion: String(this.#version),
      continue: undefined,
    });
  }

  async create<T extends KubeObject>(path: ResourcePath, body: unknown): Promise<T> {
    const sent = structuredClone(body) as Stored;
    const named = { ...path, name: sent.metadata.name };
    this.#announce('POST', named);
    if (this.#objects.has(keyOf(named)))
      throw new KubeError(409, 'AlreadyExists', `${path.plural} "${named.name}" already exists`);
    const metadata = { ...sent.metadata, ...(path.namespace && { namespace: path.namespace }) };
    const admitted = await this.#admit(path, 'CREATE', { ...sent, metadata });
    const uid = `uid-${this.#version + 1}`;
    const creationTimestamp = '2026-01-01T00:00:00Z';
    return this.#store(named, 'ADDED', {
      ...admitted,
      metadata: { ...admitted.metadata, uid, creationTimestamp, generation: 1 },
    }) as unknown as T;
  }

  async replace<T extends KubeObject>(path: ResourcePath, body: unknown): Promise<T> {
    const before = this.#find(path);
    const sent = structuredClone(body) as Stored;
    this.#announce('PUT', path);
    refuseStale(path, sent, before);
    return (await this.#update(path, before, sent)) as unknown as T;
  }

  async patch<T extends KubeObject>(
    path: ResourcePath,
    { body }: { readonly body: unknown },
  ): Promise<T> {
    const before = this.#find(path);
    this.#announce('PATCH', path);
    refuseStale(path, body, before);
    return (await this.#update(path, before, merged(before, body) as Stored)) as unknown as T;
  }

  async delete(path: ResourcePath): Promise<void> {
    const before = this.#find(path);
    this.#announce('DELETE', path);
    if ((before.metadata.finalizers ?? []).length === 0) {
      this.#remove(keyOf(path), before);
    } else if (before.metadata.deletionTimestamp === undefined) {
      const metadata = { ...before.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
      this.#store(path, 'MODIFIED', { ...before, metadata });
    }
    await Promise.resolve();
  }

  async *watch<T extends KubeObject>(
    path: ResourcePath,
    options: ListOptions,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent<T>> {
    const events: WatchEvent<Stored>[] = [];
    let wake: (() => void) | undefined;
    const watcher = (key: string, event: WatchEvent<Stored>): void => {
      if (isWanted(key, path) && hasLabels(event.object, options.labelSelector)) events.push(event);
      wake?.();
    };
    signal.addEventListener('abort', () => wake?.(), { once: true });
    this.#watchers.add(watcher);
    try {
      while (!signal.aborted) {
        for (let event = events.shift(); event !== undefined; event = events.shift())
          yield structuredClone(event) as unknown as WatchEvent<T>;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  async getRaw(path: string): Promise<unknown> {
    const apiVersion = path.replace(/^\/(api|apis)\//, '');
    const resources = KINDS.filter(([served]) => served === apiVersion).map(([, kind, name]) => ({
      name,
      kind,
      namespaced: true,
    }));
    if (resources.length === 0) throw new KubeError(404, 'NotFound', `${path} not found`);
    return Promise.resolve({ resources });
  }

  /** Resolves with the next write that changes something. */
  async nextChange(): Promise<void> {
    await new Promise<void>((resolve) => {
      const watcher = (): void => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Changes an object's status as a controller would. */
  setStatus(path: ResourcePath, status: unknown): void {
    this.#store(path, 'MODIFIED', { ...this.#find(path), status });
  }

  #find(path: ResourcePath): Stored {
    const object = this.#objects.get(keyOf(path));
    if (object) return object;
    const kind = path.group === '' ? path.plural : `${path.plural}.${path.group}`;
    throw new KubeError(404, 'NotFound', `${kind} "${path.name}" not found`);
  }

  #announce(verb: string, path: ResourcePath): void {
    const what =
      path.subresource === undefined ? path.plural : `${path.plural}/${path.subresource}`;
    const write = `${verb} ${what} ${path.namespace ?? ''}/${path.name ?? ''}`;
    this.beforeWrite(write);
    if (path.plural !== 'events') this.writes.push(write);
  }

  async #admit(
    path: ResourcePath,
    operation: 'CREATE' | 'UPDATE',
    object: Stored,
    before?: Stored,
  ): Promise<Stored> {
    if (path.plural !== 'instances' || path.subresource !== undefined) return object;
    return this.admitInstance(operation, object, before);
  }

  async #update(path: ResourcePath, before: Stored, sent: Stored): Promise<Stored> {
    const isStatus = path.subresource === 'status';
    const admitted = isStatus ? sent : await this.#admit(path, 'UPDATE', sent, before);
    const next = isStatus
      ? { ...before, status: sent.status }
      : { ...admitted, ...(path.plural === 'instances' && { status: before.status }) };
    const bumped = JSON.stringify(next.spec) === JSON.stringify(before.spec) ? 0 : 1;
    const generation = (before.metadata.generation ?? 0) + bumped;
    const metadata = { ...next.metadata, uid: before.metadata.uid, generation };
    const stored = this.#store(path, 'MODIFIED', { ...next, metadata });
    const { deletionTimestamp, finalizers = [] } = metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0)
      this.#remove(keyOf(path), stored);
    return stored;
  }

  #store(path: ResourcePath, type: 'ADDED' | 'MODIFIED', object: Stored): Stored {
    const same = { ...object.metadata, resourceVersion: undefined };
    const key = keyOf(path);
    const known = this.#objects.get(key);
    const wasSame = { ...known?.metadata, resourceVersion: undefined };
    if (
      known &&
      JSON.stringify({ ...object, metadata: same }) ===
        JSON.stringify({ ...known, metadata: wasSame })
    )
      return structuredClone(known);
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion } };
    this.#objects.set(key, stored);
    for (const watcher of this.#watchers) watcher(key, { type, object: stored });
    return structuredClone(stored);
  }

  #remove(key: string, object: Stored): void {
    this.#objects.delete(key);
    this.#version += 1;
    const metadata: ObjectMeta = { ...object.metadata, resourceVersion: String(this.#version) };
    for (const watcher of this.#watchers)
      watcher(key, { type: 'DELETED', object: { ...object, metadata } });
    for (const [owned, { metadata: of }] of this.#objects)
      if ((of.ownerReferences ?? []).some(({ uid }) => uid === object.metadata.uid)) {
        const dependent = this.#objects.get(owned);
        if (dependent) this.#remove(owned, dependent);
      }
  }
}

function refuseStale(path: ResourcePath, sent: unknown, { metadata }: Stored): void {
  const { resourceVersion } = (sent as { metadata?: ObjectMeta }).metadata ?? {};
  if (resourceVersion === undefined || resourceVersion === metadata.resourceVersion) return;
  throw new KubeError(409, 'Conflict', `${path.plural} "${path.name}" has been modified`);
}

function keyOf(path: ResourcePath): string {
  return `${path.group}/${path.plural}/${path.namespace ?? ''}/${path.name ?? ''}`;
}

function isWanted(key: string, path: ResourcePath): boolean {
  const prefix = `${path.group}/${path.plural}/`;
  return key.startsWith(path.namespace === undefined ? prefix : `${prefix}${path.namespace}/`);
}

function hasLabels(object: KubeObject, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    return object.metadata.labels?.[name] === value;
  });
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
