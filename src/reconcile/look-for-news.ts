import { backoffMs } from '../lib/backoff.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { ANNOTATION } from '../model/names.ts';
import { revisionOf } from '../model/revision.ts';
import type { Sync } from '../model/sync.ts';
import { lookAtRepository, readCommitOf, type Look } from './look-at-repository.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { SyncJob, SyncTurn } from './sync-job.ts';

/** What a look brought. A trouble is returned: what is under way goes on without the repository. */
export interface News {
  readonly trouble: Failure | undefined;
  /** Heads of pull requests are not where they were. */
  readonly pullsMoved: boolean;
}

const NONE: News = { trouble: undefined, pullsMoved: false };

/** Asks the repository when that is due, and reads the head when it is a new one. */
export async function lookForNews(
  turn: SyncTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<News> {
  const { sync, settings, job } = turn;
  if (!isLookDue(sync, job, scope.clock.now())) return { ...NONE, trouble: job.lookTrouble };
  job.hinted = false;
  job.generation = sync.metadata.generation;
  job.requestedAt = requestOf(sync);
  try {
    const look = await lookAtRepository(settings, context, scope);
    await readHead(look, turn, context, scope);
    const pullsMoved = settings.forge !== undefined && !sameMap(job.pulls, look.pulls);
    job.remote = look.remote;
    job.pulls = look.pulls;
    job.failedLooks = 0;
    job.lookTrouble = undefined;
    const jitter = 0.9 + 0.2 * context.random();
    job.nextLookAt = scope.clock.now() + settings.intervalMs * jitter;
    return { trouble: undefined, pullsMoved };
  } catch (thrown) {
    scope.signal.throwIfAborted();
    scope.log.warn('repository not read', { error: thrown });
    const trouble =
      thrown instanceof Failure ? thrown : new Failure('unreachable', messageOf(thrown));
    job.failedLooks += 1;
    job.lookTrouble = trouble;
    const pauseMs = backoffMs(job.failedLooks, BACKOFF, context.random);
    job.nextLookAt = scope.clock.now() + (trouble.retryAfterMs ?? pauseMs);
    return { trouble, pullsMoved: false };
  }
}

/** A repository that cannot be read is asked again later and later, whatever else happens meanwhile. */
const BACKOFF = { minMs: 500, maxMs: 60_000 };

async function readHead(
  look: Look,
  { sync, settings, job }: SyncTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const isEdited = job.readGeneration !== sync.metadata.generation;
  if (!isEdited && look.head === job.revision?.commit.oid) return;
  const { branch } = settings.ref;
  const at = { remote: look.remote, oid: look.head, ref: `refs/heads/${branch}` };
  job.revision = await readCommitOf(at, { ...settings, cache: job.cache }, context, scope);
  job.readGeneration = sync.metadata.generation;
  job.quiet.clear();
  scope.log.info('revision seen', { revision: revisionOf(branch, look.head) });
}

const requestOf = (sync: Sync): string | undefined =>
  sync.metadata.annotations?.[ANNOTATION.requestedAt];

function isLookDue(sync: Sync, job: SyncJob, now: number): boolean {
  if (job.hinted || job.nextLookAt <= now) return true;
  return job.generation !== sync.metadata.generation || job.requestedAt !== requestOf(sync);
}

function sameMap(a: ReadonlyMap<number, string>, b: ReadonlyMap<number, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
