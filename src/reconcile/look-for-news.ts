import { Failure, messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { revisionOf } from '../model/revision.ts';
import type { Sync } from '../model/sync.ts';
import { lookAtRepository, readCommitOf, type Look } from './look-at-repository.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { rolloutsOf } from './rollout-store.ts';
import type { SyncJob, SyncTurn } from './sync-job.ts';
import { settingsHash } from './sync-settings.ts';

/** What a look brought; a trouble is in the job. */
export interface News {
  /** Heads of pull requests are not where they were. */
  readonly pullsMoved: boolean;
}

/** Whether a look was asked for since the last one: by a webhook, an edit of the Sync, a person. */
export function wantsLook(sync: Sync, job: SyncJob): boolean {
  return job.hinted || job.asked !== askOf(sync);
}

/** Whether what was read is not older than what the Sync says now. */
export function isLookedAt(sync: Sync, job: SyncJob): boolean {
  return job.looked === askOf(sync);
}

/**
 * Asks the repository where its ref is, and reads the head when it is a new one. What goes wrong is kept
 * in the job: what is under way goes on without the repository.
 */
export async function lookForNews(
  turn: SyncTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<News> {
  const { sync, settings, job } = turn;
  job.hinted = false;
  job.asked = askOf(sync);
  const newest = rolloutsOf(settings, context.view.caches).at(-1);
  try {
    const look = await lookAtRepository(settings, context, scope);
    await readHead(look, turn, context, scope);
    const pullsMoved = settings.forge !== undefined && !sameMap(job.pulls, look.pulls);
    job.remote = look.remote;
    job.pulls = look.pulls;
    job.requestedAt = requestOf(sync);
    const jitter = 0.9 + 0.2 * context.random();
    job.nextLookAt = scope.clock.now() + settings.intervalMs * jitter;
    job.trouble = undefined;
    job.lookedAfter = newest && keyOf(newest);
    job.looked = job.asked;
    return { pullsMoved };
  } catch (thrown) {
    scope.signal.throwIfAborted();
    job.nextLookAt = 0;
    scope.log.warn('repository not read', { error: thrown });
    const isFailure = thrown instanceof Failure;
    job.looked = job.asked;
    job.trouble = isFailure ? thrown : new Failure('unreachable', messageOf(thrown));
    return { pullsMoved: false };
  }
}

async function readHead(
  look: Look,
  { settings, job }: SyncTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const readWith = settingsHash(settings);
  const isEdited = job.readWith !== readWith;
  const { ref, oid } = look.head;
  const known = isEdited ? undefined : job.revision;
  const isSame = known?.commit.oid === oid && !known.isWorthAnotherLook;
  if (isSame && known.ref === ref) return;
  job.revision = isSame
    ? { ...known, ref } // another tag of the same commit
    : await readCommitOf(look, { ...settings, cache: job.cache }, context, scope);
  job.readWith = readWith;
  scope.log.info('revision seen', { revision: revisionOf(ref, oid) });
}

const requestOf = (sync: Sync): string | undefined =>
  sync.metadata.annotations?.[ANNOTATION.requestedAt];

const askOf = (sync: Sync): string =>
  `${String(sync.metadata.generation)} ${requestOf(sync) ?? ''}`;

function sameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
