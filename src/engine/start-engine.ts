import { randomUUID } from 'node:crypto';
import { getIfThere } from '../cluster/apply-object.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { OPERATOR_VERSIONS, OPERATORS } from '../cluster/resources.ts';
import { WorkQueue } from '../lib/work-queue.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { renderTemplate, type Rendering, type RenderSources } from '../kudo/render-template.ts';
import {
  startAdmissionServer,
  type AdmissionServer,
  type AdmissionServerOptions,
} from './admission-server.ts';
import {
  findOperatorVersion,
  resourcesOf,
  startCaches,
  type EngineCaches,
} from './engine-caches.ts';
import type { PlanWorld } from './execute-plan.ts';
import { kindFinder, type FindKind } from './find-kind.ts';
import { PlanEvents } from './plan-events.ts';
import { reconcileInstance, type EngineWorld } from './reconcile-instance.ts';

/** How the engine runs. */
export interface EngineOptions {
  readonly client: KubeClient;
  /** Expands templates; in this thread and without bounds unless told. */
  readonly render?: RenderWithSources | undefined;
  /** Left out when something else admits Instances. */
  readonly webhook?: AdmissionServerOptions | undefined;
  /** How many Instances are worked on at once. 8 unless told. */
  readonly concurrency?: number | undefined;
  /** How long an unfinished plan waits for its next look when nothing it watches changes. 1 s, as KUDO, unless told. */
  readonly requeueMs?: number | undefined;
}

/** How `renderTemplate` is called; a worker that bounds time and output looks the same. */
export type RenderWithSources = (
  name: string,
  template: string,
  variables: Readonly<Record<string, unknown>>,
  sources: RenderSources,
) => Rendering | Promise<Rendering>;

/** A running engine. */
export interface Engine {
  /** The port of the admission server; undefined without one. */
  readonly webhookPort: number | undefined;
  /** Stops after the passes under way; plans go on where they are when an engine starts again. */
  stop(): Promise<void>;
}

/**
 * KUDO's manager: admits writes of Instances and runs their plans, as a client of any API server.
 * All state is in the Instances; it may be stopped at any point and started again. Resolves when
 * admission answers and the first look at the cluster is done.
 */
export async function startEngine(options: EngineOptions, scope: Scope): Promise<Engine> {
  const stopping = new AbortController();
  const inner = withSignal(scope, stopping.signal);
  const admission = await startAdmission(options, inner);
  try {
    const running = await startPlans(options, inner);
    return {
      webhookPort: admission?.port,
      stop: async () => {
        stopping.abort(new Error('the engine was stopped'));
        await running.stopped();
        await admission?.close();
      },
    };
  } catch (thrown) {
    stopping.abort();
    await admission?.close();
    throw thrown;
  }
}

async function startAdmission(
  { client, webhook }: EngineOptions,
  scope: Scope,
): Promise<AdmissionServer | undefined> {
  if (webhook === undefined) return undefined;
  const readOperatorVersion = async (
    namespace: string,
    name: string,
  ): Promise<OperatorVersion | undefined> =>
    getIfThere(client, { ...OPERATOR_VERSIONS, namespace, name }, scope);
  return startAdmissionServer(webhook, { readOperatorVersion, newUid: randomUUID }, scope);
}

async function startPlans(
  options: EngineOptions,
  scope: Scope,
): Promise<{ stopped: () => Promise<void> }> {
  const { client } = options;
  const findKind = kindFinder(client);
  const caches = await startCaches(client, findKind, scope);
  const events = new PlanEvents(client, scope);
  const own = new Set<ObjectKey>();
  const world: EngineWorld = {
    ...planWorld(options, findKind, scope),
    ...cachedWorld(caches, client),
    newUid: randomUUID,
    written: (instance) => {
      own.add(keyOf(instance));
      caches.instances.update(instance);
      own.delete(keyOf(instance));
    },
    overtaken: (instance) => {
      caches.instances.update(instance);
    },
    record: (instance, event) => {
      events.record(instance, event);
    },
    requeueMs: options.requeueMs ?? 1_000,
  };
  const queue = new WorkQueue<ObjectKey>(
    {
      concurrency: options.concurrency ?? 8,
      backoff: { minMs: 20, maxMs: 30_000 },
      pass: async (key) => reconcileInstance(key, world, scope),
      random: Math.random,
    },
    scope,
  );
  feedQueue(caches, own, queue);
  return {
    stopped: async () => {
      await queue.drained();
      await events.settled();
    },
  };
}

function planWorld(options: EngineOptions, findKind: FindKind, { clock }: Scope): PlanWorld {
  const { client, render = renderTemplate } = options;
  const sources = { now: () => new Date(clock.now()), random: Math.random };
  return {
    client,
    findKind,
    render: (name, template, variables) => render(name, template, variables, sources),
  };
}

function cachedWorld(
  caches: EngineCaches,
  client: KubeClient,
): Pick<EngineWorld, 'instance' | 'operatorVersion' | 'hasOperator' | 'resourcesOf'> {
  return {
    instance: (key) => caches.instances.get(key),
    operatorVersion: async (namespace, name, scope) =>
      findOperatorVersion(caches, client, { namespace, name }, scope),
    hasOperator: async (namespace, name, scope) =>
      (await getIfThere(client, { ...OPERATORS, namespace, name }, scope)) !== undefined,
    resourcesOf: (instance) => resourcesOf(caches, instance),
  };
}

/** A look at an Instance for each change of it, of what it owns, and of its OperatorVersion; not for its engine's own writes. */
function feedQueue(
  { instances, operatorVersions, applied }: EngineCaches,
  own: ReadonlySet<ObjectKey>,
  queue: WorkQueue<ObjectKey>,
): void {
  instances.onChange((key, instance) => {
    if (!own.has(key)) queue.add(key);
    if (instance !== undefined) addOwners(instance, queue);
  });
  operatorVersions.onChange((key) => {
    for (const instance of instances.indexed('operatorVersion', key)) queue.add(keyOf(instance));
  });
  for (const cache of applied.values())
    cache.onChange((_key, object) => {
      if (object !== undefined) addOwners(object, queue);
    });
  for (const instance of instances.list()) queue.add(keyOf(instance));
}

function addOwners({ metadata }: KubeObject | Instance, queue: WorkQueue<ObjectKey>): void {
  for (const { apiVersion, kind, name } of metadata.ownerReferences ?? [])
    if (kind === 'Instance' && apiVersion.startsWith('kudo.dev/'))
      queue.add(`${metadata.namespace ?? ''}/${name}`);
}
