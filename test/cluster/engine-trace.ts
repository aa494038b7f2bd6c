import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  INSTANCES,
  SERVICES,
  STATEFUL_SETS,
} from '../../src/cluster/resources.ts';
import type { KubeClient, WatchEvent } from '../../src/cluster/kube-client.ts';
import type { Instance } from '../../src/kudo/objects.ts';
import type { Scope } from '../../src/lib/scope.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';

/** What an engine did, without what differs from run to run: times, uids (numbered as they come), the namespace. */
export class Normalizer {
  readonly #uids: string[] = [];
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** The states of an Instance that a watcher saw; equal neighbours once. */
  states(events: readonly WatchEvent<Instance>[]): readonly unknown[] {
    const states = events.map(({ type, object }) =>
      this.#text({
        type,
        spec: object.spec,
        finalizers: object.metadata.finalizers,
        ...statusOf(object),
      }),
    );
    return states
      .filter((state, index) => state !== states[index - 1])
      .map((state) => JSON.parse(state) as unknown);
  }

  /**
   * What stands in the namespace in the end, as far as the engine decides about it: what belongs to an
   * Instance that is gone stays until the garbage collector comes by.
   */
  async objects(client: KubeClient, scope: Scope): Promise<readonly unknown[]> {
    const found: unknown[] = [];
    const instances = await client.list({ ...INSTANCES, namespace: this.#namespace }, {}, scope);
    const uids = new Set(instances.items.map(({ metadata }) => metadata.uid));
    const isLeft = ({ metadata }: KubeObject): boolean =>
      metadata.name !== 'kube-root-ca.crt' &&
      (metadata.ownerReferences ?? []).every(
        ({ kind, uid }) => kind !== 'Instance' || uids.has(uid),
      );
    for (const resource of [CONFIG_MAPS, DEPLOYMENTS, STATEFUL_SETS, SERVICES, JOBS]) {
      const path = { ...resource, namespace: this.#namespace };
      const { items } = await client.list<KubeObject>(path, {}, scope);
      found.push(
        ...items
          .filter(isLeft)
          .map((object) => JSON.parse(this.#text(madeByEngine(object))) as unknown),
      );
    }
    return found;
  }

  #text(value: unknown): string {
    return JSON.stringify(value)
      .replaceAll(this.#namespace, 'NAMESPACE')
      .replaceAll(/determine if object &.*? is namespaced/g, 'determine if object … is namespaced')
      .replaceAll(/(error expanding template [^:]+):[^}]*?("|\\n)(?=[,}])/g, '$1: …"')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, (uid) => {
        if (!this.#uids.includes(uid)) this.#uids.push(uid);
        return `uid-${String(this.#uids.indexOf(uid))}`;
      });
  }
}

const JOBS = { group: 'batch', version: 'v1', plural: 'jobs' };

function statusOf({ status }: Instance): object {
  const plans = Object.entries(status?.planStatus ?? {}).map(([name, plan]) => [
    name,
    { ...plan, lastUpdatedTimestamp: plan.lastUpdatedTimestamp ? 'set' : undefined },
  ]);
  const conditions = (status?.conditions ?? []).map((condition) => ({
    ...condition,
    lastTransitionTime: 'set',
  }));
  return { plans: Object.fromEntries(plans) as unknown, conditions };
}

/** The hash differs by design, and the annotation of what was applied by the defaults of Go types. */
function madeByEngine(object: KubeObject): object {
  const { name, labels, annotations = {}, ownerReferences } = object.metadata;
  const { 'kudo.dev/last-applied-configuration': applied, ...others } = annotations;
  const { spec, data } = object as { spec?: { template?: KubeObject }; data?: unknown };
  const template = spec?.template?.metadata;
  const hash = template?.annotations?.['kudo.dev/dependencies-hash'];
  return {
    kind: object.kind,
    metadata: { name, labels: withoutJobUid(labels), annotations: others, ownerReferences },
    isRecorded: applied !== undefined,
    data,
    template: template && {
      labels: withoutJobUid(template.labels),
      annotations: {
        ...template.annotations,
        ...(hash !== undefined && { 'kudo.dev/dependencies-hash': 'set' }),
      },
    },
  };
}

function withoutJobUid(labels: Readonly<Record<string, string>> = {}): object {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.endsWith('-uid')));
}
