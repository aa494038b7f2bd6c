import { withFields, type Scope } from '../lib/scope.ts';
import { throttled } from '../lib/throttled.ts';
import { WorkQueue, type PassResult } from '../lib/work-queue.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { isVerdict, type Rollout } from '../model/rollout.ts';
import type { Caches } from './cluster-view.ts';
import { NotesPusher } from './notes-pusher.ts';
import { OutboxSender, type OpenRecords } from './outbox-sender.ts';
import { PlanWork, type PlanWorkKey } from './plan-work.ts';
import { PreviewReconciler } from './preview-reconciler.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncJob } from './sync-job.ts';
import { SyncReconciler } from './sync-reconciler.ts';

type WorkKind = 'look' | 'sync' | 'outbox' | 'notes' | 'previews';
type WorkKey = `${WorkKind}:${ObjectKey}` | PlanWorkKey;

const BACKOFF = { minMs: 500, maxMs: 60_000 };
/** Of each queue. */
const WORKERS = 8;

/** What others may ask of the running service. */
export interface Service {
  /** The repository of this Sync may have news: look now. */
  lookNow(sync: ObjectKey): void;
  /** How many keys wait or are worked on. */
  readonly depth: number;
  /** Resolves when the scope has stopped and no pass is under way. */
  ended(): Promise<void>;
}

/** Starts the loop over all Syncs: caches, queue, passes. The caches must be started and synced. */
export function startService(context: ReconcileContext, scope: Scope): Service {
  const { caches } = context.view;
  const add = (kind: WorkKind) => (key: ObjectKey) => {
    queues.add(`${kind}:${key}`);
  };
  const syncs = new SyncReconciler(context, {
    outbox: (sync) => {
      addReports(sync, { outboxes, notes }, queues);
    },
    previews: add('previews'),
    look: add('look'),
    news: add('sync'),
  });
  const open: OpenRecords = {
    open: (rollout) => openRecord(rollout, syncs, caches),
    forget: (rollout) => {
      syncs.forgetRecord(rollout).forEach(add('sync'));
    },
  };
  const outboxes = new OutboxSender(context, open);
  const jobOf = (sync: ObjectKey): SyncJob | undefined => syncs.job(sync);
  const notes = new NotesPusher(context, { ...open, jobOf, told: add('sync') });
  const previews = new PreviewReconciler(context, jobOf);
  const plans = new PlanWork(context, {
    add: (key) => {
      queues.add(key);
    },
    jobOf,
  });
  const queues = new WorkQueues(
    async (key) => {
      const result = await passOf(key, { syncs, outboxes, notes, previews, plans }, scope);
      scope.log.debug('pass ended', { pass: key, result });
      return result;
    },
    context.random,
    scope,
  );
  const lookSoon = throttled(add('sync'), (key) => restMs(syncs.job(key)), scope);
  watchCaches(caches, { syncs, outboxes, notes, context, queues, lookSoon });
  for (const key of syncKeys(caches)) {
    queues.add(`sync:${key}`);
    addReports(key, { outboxes, notes }, queues);
  }
  plans.watch();
  return serviceOf(syncs, queues);
}

/** The record with which a pass carries that Rollout out. */
function openRecord(
  rollout: ObjectKey,
  syncs: SyncReconciler,
  caches: Caches,
): RolloutRecord | undefined {
  return syncKeys(caches)
    .map((key) => syncs.job(key)?.record)
    .find((record) => record?.key === rollout);
}

function addReports(
  sync: ObjectKey,
  { outboxes, notes }: Pick<Reconcilers, 'outboxes' | 'notes'>,
  queues: WorkQueues,
): void {
  if (outboxes.hasWork(sync)) queues.add(`outbox:${sync}`);
  if (notes.hasWork(sync)) queues.add(`notes:${sync}`);
}

/** A Rollout that nobody carries out any more has only the cache to say what it still owes. */
function hasToReport({ status }: Rollout): boolean {
  const owesNote = isVerdict(status?.phase) && status?.noted !== true;
  return owesNote || status?.outbox?.some(({ sent }) => !sent) === true;
}

const syncOf = ({ metadata, spec }: Rollout): ObjectKey =>
  `${metadata.namespace ?? ''}/${spec.sync}`;

/** A queue for passes, one for repositories and one for forges: a side that is slow holds up no other. */
class WorkQueues {
  readonly #passes: WorkQueue<WorkKey>;
  readonly #looks: WorkQueue<WorkKey>;
  readonly #forges: WorkQueue<WorkKey>;

  constructor(
    pass: (key: WorkKey) => Promise<PassResult>,
    random: ReconcileContext['random'],
    scope: Scope,
  ) {
    const options = { concurrency: WORKERS, backoff: BACKOFF, random, pass };
    this.#passes = new WorkQueue(options, scope);
    this.#looks = new WorkQueue(options, scope);
    this.#forges = new WorkQueue(options, scope);
  }

  add(key: WorkKey): void {
    if (/^(sync|runs|schedule):/.test(key)) this.#passes.add(key);
    else if (key.startsWith('look:')) this.#looks.add(key);
    else this.#forges.add(key);
  }

  get depth(): number {
    return this.#passes.depth + this.#looks.depth + this.#forges.depth;
  }

  async drained(): Promise<void> {
    await Promise.all([this.#passes, this.#looks, this.#forges].map((queue) => queue.drained()));
  }
}

function serviceOf(syncs: SyncReconciler, queues: WorkQueues): Service {
  return {
    lookNow: (sync) => {
      syncs.hint(sync);
      queues.add(`look:${sync}`);
    },
    get depth() {
      return queues.depth;
    },
    ended: () => queues.drained(),
  };
}

const syncKeys = (caches: Caches): ObjectKey[] => caches.syncs.list().map((sync) => keyOf(sync));

interface Reconcilers {
  readonly syncs: SyncReconciler;
  readonly outboxes: OutboxSender;
  readonly notes: NotesPusher;
  readonly previews: PreviewReconciler;
  readonly plans: PlanWork;
}

async function passOf(
  key: WorkKey,
  { syncs, outboxes, notes, previews, plans }: Reconcilers,
  scope: Scope,
): Promise<PassResult> {
  const colon = key.indexOf(':');
  const object = key.slice(colon + 1) as ObjectKey;
  const inScope = withFields(scope, { pass: key });
  if (key.startsWith('look:')) return syncs.look(object, inScope);
  if (key.startsWith('sync:')) {
    const result = await syncs.pass(object, inScope);
    plans.lookAtOpenRuns();
    return result;
  }
  if (key.startsWith('outbox:')) return outboxes.pass(object, inScope);
  if (key.startsWith('notes:')) return notes.pass(object, inScope);
  if (key.startsWith('previews:')) return previews.pass(object, inScope);
  return plans.pass(key as PlanWorkKey, inScope);
}

const MAX_REST_MS = 100;
const INSTANCES_PER_MS = 10;

/** A pass looks at every Instance of its Sync: the more there are, the more of their changes it takes at once. */
function restMs(job: SyncJob | undefined): number {
  const instances = job?.revision?.desired.instances.size ?? 0;
  return Math.min(MAX_REST_MS, Math.floor(instances / INSTANCES_PER_MS));
}

/** Every change of an object becomes "look again" for the Syncs that it may matter to. */
function watchCaches(
  caches: Caches,
  at: Pick<Reconcilers, 'syncs' | 'outboxes' | 'notes'> & {
    context: ReconcileContext;
    queues: WorkQueues;
    lookSoon: (sync: ObjectKey) => void;
  },
): void {
  const { syncs, context, queues, lookSoon } = at;
  const lookAtAll = (): void => {
    syncs.forgetPlans();
    for (const key of syncKeys(caches)) queues.add(`sync:${key}`);
  };
  let generations = new Map<ObjectKey, string>();
  caches.syncs.onChange((key, sync) => {
    // What a Sync that is gone has left behind may be taken over.
    if (!sync) lookAtAll();
    const asked = `${String(sync?.metadata.generation)} ${JSON.stringify(sync?.metadata.annotations)}`;
    if (generations.get(key) === asked) return;
    generations = new Map(generations).set(key, asked);
    queues.add(`sync:${key}`);
  });
  caches.operatorVersions.onChange(lookAtAll);
  caches.rollouts.onChange((_, rollout) => {
    if (rollout && hasToReport(rollout)) addReports(syncOf(rollout), at, queues);
  });
  caches.instances.onChange((key, instance) => {
    const top = instance ? context.view.topOwner(instance) : key;
    for (const sync of syncKeys(caches)) {
      if (syncs.concerns(sync, top) || syncs.concerns(sync, key)) lookSoon(sync);
    }
  });
}
