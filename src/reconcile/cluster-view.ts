import type { ObjectCache } from '../cluster/object-cache.ts';
import type { Instance, Operator, OperatorVersion } from '../kudo/objects.ts';
import { versionReference } from '../kudo/version-reference.ts';
import type { Clock } from '../lib/scope.ts';
import { CLEANUP_PLAN } from '../plan/settle-deletion.ts';
import { withAuthorsOnly } from '../model/field-author.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { hasEnded, type PlanRun } from '../model/plan-run.ts';
import type { PlanSchedule } from '../model/plan-schedule.ts';
import type { Rollout, RolloutPart } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { descendantsOf } from './descendants-of.ts';

/** What the service watches. */
export interface Caches {
  readonly syncs: ObjectCache<Sync>;
  readonly rollouts: ObjectCache<Rollout>;
  readonly rolloutParts: ObjectCache<RolloutPart>;
  readonly operators: ObjectCache<Operator>;
  readonly operatorVersions: ObjectCache<OperatorVersion>;
  /** Indexed by `owner`: uids of the owners; and by `version`: key of the OperatorVersion. */
  readonly instances: ObjectCache<Instance>;
  /** Indexed by `instance`, the key of the Instance, and by `owner`. */
  readonly planRuns: ObjectCache<PlanRun>;
  readonly planSchedules: ObjectCache<PlanSchedule>;
}

/** Indexes of Instances by the uids of their owners and by what they refer to. */
const INSTANCE_INDEXES = {
  version: (instance: Instance): readonly string[] => {
    const { namespace, name } = versionReference(instance);
    return [`${namespace}/${name}`];
  },
  owner: (instance: Instance): readonly string[] =>
    (instance.metadata.ownerReferences ?? []).map(({ uid }) => uid),
};

/** How Instances are kept: found by what they refer to, with who set what the planner compares. */
export const INSTANCE_CACHE = { indexes: INSTANCE_INDEXES, keepManagedFields: withAuthorsOnly };

/** Index of PlanRuns by the key of their Instance, and by the uids of their owners. */
export const PLAN_RUN_INDEXES = {
  instance: ({ metadata, spec }: PlanRun): readonly string[] => [
    `${metadata.namespace ?? ''}/${spec.instance}`,
  ],
  /** Under `yes` those that have not ended. */
  open: (run: PlanRun): readonly string[] => (hasEnded(run) ? [] : ['yes']),
  owner: ({ metadata }: PlanRun): readonly string[] =>
    (metadata.ownerReferences ?? []).map(({ uid }) => uid),
};

interface Seen {
  readonly uid: string | undefined;
  readonly changedAt: number;
  readonly lastRun: { readonly plan: string; readonly uid: string } | undefined;
}

/** The observed state: the caches, and what only a watcher over time can know of an Instance. */
export class ClusterView {
  readonly caches: Caches;
  readonly #clock: Clock;
  readonly #seen = new Map<ObjectKey, Seen>();

  constructor(caches: Caches, clock: Clock) {
    this.caches = caches;
    this.#clock = clock;
    caches.instances.onChange((key, instance) => {
      if (instance) this.#see(key, instance);
      else this.#forget(key);
    });
  }

  /** Milliseconds since the Instance last changed; 0 for one just seen. */
  quietMs(key: ObjectKey): number {
    const seen = this.#seen.get(key);
    return seen ? this.#clock.now() - seen.changedAt : 0;
  }

  /** The last plan run seen on the Instance, whoever started it. */
  lastRun(key: ObjectKey): Seen['lastRun'] {
    return this.#seen.get(key)?.lastRun;
  }

  /** See `descendantsOf`. */
  descendants(instance: Instance): readonly Instance[] {
    return descendantsOf(instance, this.caches.instances);
  }

  /** The Instance at the top of the owners of `instance`: whose Rollout a change of it concerns. */
  topOwner(instance: Instance): ObjectKey {
    const namespace = instance.metadata.namespace ?? '';
    let current = instance;
    for (let depth = 0; depth < 10; depth++) {
      const owner = current.metadata.ownerReferences?.find(({ kind }) => kind === 'Instance');
      const parent = owner && this.caches.instances.get(`${namespace}/${owner.name}`);
      if (!parent) return owner ? `${namespace}/${owner.name}` : keyOf(current);
      current = parent;
    }
    return keyOf(current);
  }

  #see(key: ObjectKey, instance: Instance): void {
    const execution = instance.spec?.planExecution;
    const running =
      execution?.planName && execution.uid
        ? { plan: execution.planName, uid: execution.uid }
        : cleanupRun(instance);
    const { uid } = instance.metadata;
    const before = this.#seen.get(key);
    this.#seen.set(key, {
      uid,
      changedAt: this.#clock.now(),
      lastRun: running ?? (before?.uid === uid ? before?.lastRun : undefined),
    });
  }

  /** Of what is gone only its cleanup is kept: nothing else says under which uid that ran. */
  #forget(key: ObjectKey): void {
    const seen = this.#seen.get(key);
    if (seen?.lastRun?.plan !== CLEANUP_PLAN) this.#seen.delete(key);
  }
}

/** A cleanup may be over before it was seen scheduled; its result is the last that is seen of the Instance. */
function cleanupRun({ metadata, status }: Instance): Seen['lastRun'] {
  const run = status?.planStatus?.[CLEANUP_PLAN];
  if (metadata.deletionTimestamp === undefined || !run?.uid) return undefined;
  return { plan: CLEANUP_PLAN, uid: run.uid };
}
