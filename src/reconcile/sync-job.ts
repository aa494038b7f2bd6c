import { DesiredCache } from '../desired/desired-cache.ts';
import type { Failure } from '../lib/failure.ts';
import type { Clock } from '../lib/scope.ts';
import { WorkStream } from '../lib/work-stream.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Standing } from '../plan/plan-removals.ts';
import type { GitRemote } from '../source/git-source.ts';
import { DriftFights } from './drift-fights.ts';
import { QuietInstances } from './quiet-instances.ts';
import type { RevisionState } from './revision-reader.ts';
import type { Sync } from '../model/sync.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Writes to Instances under way at once; KUDO admits one after the other. */
const SENDS_AT_ONCE = 16;

/** What the service remembers of a Sync between passes; all of it can be derived again. */
export interface SyncJob {
  /** uid of the Sync; another one under the same name starts from nothing. */
  readonly uid: string;
  /** When the repository is to be asked next, epoch ms. */
  nextLookAt: number;
  /** True when a webhook or a person asked for a look. */
  hinted: boolean;
  /** Generation and requestedAt annotation that the last look began with. */
  asked: string | undefined;
  /** The same of the last look that has ended. */
  looked: string | undefined;
  /** The newest Rollout that was known as the last look began that found the repository. */
  lookedAfter: ObjectKey | undefined;
  /** Why the repository could not be read at the last look. */
  trouble: Failure | undefined;
  /** Why the Git notes of finished Rollouts could not be pushed at the last try. */
  notesTrouble: string | undefined;
  /** Value of the requestedAt annotation that was last answered. */
  requestedAt: string | undefined;
  /** Hash of the settings with which `revision` was read. */
  readWith: string | undefined;
  remote: GitRemote | undefined;
  revision: RevisionState | undefined;
  readonly cache: DesiredCache;
  pulls: ReadonlyMap<string, string>;
  record: RolloutRecord | undefined;
  /** Writes to Instances under way, and those whose intents are stored. */
  readonly sends: WorkStream<ObjectKey>;
  /** Instances that need no look. */
  readonly quiet: QuietInstances;
  /** What was set back how often. */
  readonly fights: DriftFights;
  /** `spec.interval`; as long three corrections of a field are no fight. */
  intervalMs: number;
  /** What the Git of other Syncs says of an Instance that this one's no longer names. */
  readonly standingOf: (key: ObjectKey) => Standing | undefined;
  /** When progress was last stored, epoch ms. */
  flushedAt: number;
  /** When the outbox last took progress, epoch ms. */
  reportedAt: number;
}

/** A Sync of which nothing is known yet, so that a look is due. */
export function newJob(
  uid: string,
  clock: Clock,
  standingOf: (key: ObjectKey, job: SyncJob) => Standing | undefined,
): SyncJob {
  const job: SyncJob = {
    uid,
    fights: new DriftFights(clock, () => job.intervalMs),
    intervalMs: 60_000,
    standingOf: (key) => standingOf(key, job),
    nextLookAt: 0,
    hinted: false,
    asked: undefined,
    looked: undefined,
    lookedAfter: undefined,
    trouble: undefined,
    notesTrouble: undefined,
    requestedAt: undefined,
    readWith: undefined,
    remote: undefined,
    revision: undefined,
    cache: new DesiredCache(),
    pulls: new Map(),
    record: undefined,
    sends: new WorkStream(SENDS_AT_ONCE),
    quiet: new QuietInstances(),
    flushedAt: 0,
    reportedAt: 0,
  };
  return job;
}

/** One pass's view of a Sync. */
export interface SyncTurn {
  readonly sync: Sync;
  readonly settings: SyncSettings;
  readonly job: SyncJob;
}
