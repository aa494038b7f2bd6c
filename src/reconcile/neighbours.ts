import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { Sync } from '../model/sync.ts';
import { ownerUid } from '../plan/ownership.ts';
import type { Standing } from '../plan/plan-removals.ts';
import type { Caches } from './cluster-view.ts';
import { dependentIn } from './dependency-of.ts';
import type { SyncJob } from './sync-job.ts';
import { settingsOrNone } from './sync-settings.ts';

/** All Syncs, and what is known of them. */
export interface Neighbours {
  readonly jobs: ReadonlyMap<ObjectKey, SyncJob>;
  readonly syncs: Pick<Caches['syncs'], 'list'>;
}

/**
 * What the Git of other Syncs says of an Instance that `own` no longer has: an Instance that one Sync takes
 * out and another one has there is handed over. While another Sync's Git is not known, nobody can tell.
 */
export function standingOf(
  key: ObjectKey,
  own: SyncJob,
  { jobs, syncs }: Neighbours,
): Standing | undefined {
  const others = syncs
    .list()
    .filter(({ metadata }) => metadata.uid !== own.uid && metadata.deletionTimestamp === undefined)
    .map((sync) => standingIn(sync, key, jobs.get(keyOf(sync))));
  const kinds = ['claimed', 'needed', 'unread', 'unread-yet'] as const;
  return kinds.map((kind) => others.find((one) => one?.kind === kind)).find((one) => one);
}

function standingIn(sync: Sync, key: ObjectKey, known: SyncJob | undefined): Standing | undefined {
  const by = `Sync ${keyOf(sync)}`;
  const job = known?.uid === sync.metadata.uid ? known : undefined;
  if (!job?.revision) return unreadStanding(sync, by, job);
  const { desired } = job.revision;
  if (desired.instances.has(key)) return { kind: 'claimed', by };
  if (desired.mayHave(key)) return { kind: 'unread', why: `a file of ${by} cannot be read` };
  const dependent = dependentIn(desired.instances, key);
  return dependent && { kind: 'needed', by: `${dependent.key} of ${by}` };
}

function unreadStanding(sync: Sync, by: string, job: SyncJob | undefined): Standing {
  const isStopped = settingsOrNone(sync)?.suspend ?? true;
  if (isStopped) return { kind: 'unread', why: `${by} is suspended, or its spec is wrong` };
  return job?.trouble
    ? { kind: 'unread', why: `the repository of ${by} cannot be read` }
    : { kind: 'unread-yet', why: `${by} was not read yet` };
}

/**
 * Syncs that a new revision of `own` matters to. What others have taken out of their Git waits for every
 * Sync to be read once.
 */
export function concernedBy(
  own: SyncJob,
  before: SyncJob['revision'],
  jobs: Neighbours['jobs'],
  caches: Pick<Caches, 'instances' | 'syncs'>,
): readonly ObjectKey[] {
  if (own.revision === before) return [];
  return before ? ownersOfClaimed(own, caches) : [...jobs.keys()];
}

/** Syncs that own what the newest revision of `own` names: they are the ones to let go of it. */
function ownersOfClaimed(
  own: SyncJob,
  { instances, syncs }: Pick<Caches, 'instances' | 'syncs'>,
): readonly ObjectKey[] {
  const uids = new Set<string>();
  for (const key of own.revision?.desired.instances.keys() ?? []) {
    const observed = instances.get(key);
    const owner = observed && ownerUid(observed, key);
    if (owner !== undefined && owner !== own.uid) uids.add(owner);
  }
  if (uids.size === 0) return [];
  return syncs
    .list()
    .filter(({ metadata }) => uids.has(metadata.uid ?? ''))
    .map(keyOf);
}
