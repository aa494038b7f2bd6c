import { Failure, messageOf } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import { smallest } from '../lib/smallest.ts';
import type { PassResult } from '../lib/work-queue.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Sync } from '../model/sync.ts';
import { advanceRollout } from './advance-rollout.ts';
import { concernedBy, standingOf } from './neighbours.ts';
import { isDependency } from './dependency-of.ts';
import { lookBack, lookBackMs } from './look-back.ts';
import { isLookedAt, lookForNews, wantsLook } from './look-for-news.ts';
import { openRollout, type Opening } from './open-rollout.ts';
import { lostRace } from './other-services.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { reportProgress } from './report-progress.ts';
import { retryAnswer } from './retry-wish.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { newJob, type SyncJob, type SyncTurn } from './sync-job.ts';
import {
  finishedReport,
  progressReport,
  SUSPENDED,
  troubleReport,
  type SyncReport,
} from './sync-report.ts';
import { readSettings, settingsHash, settingsOrNone } from './sync-settings.ts';
import { patchSyncStatus, writeSyncStatus } from './sync-status.ts';

/** Told when something beside the Sync itself needs a look. */
export interface Followers {
  /** Its Rollouts may have statuses to send, or Git notes to push. */
  outbox(sync: ObjectKey): void;
  /** Heads of pull requests moved, or what they are compared with. */
  previews(sync: ObjectKey): void;
  /** Its repository is to be asked for news. */
  look(sync: ObjectKey): void;
  /** Its repository had news, or trouble. */
  news(sync: ObjectKey): void;
}

/**
 * Passes over Syncs: open the head's Rollout, bring it one step further, say how it is. Looks at Git are
 * passes of their own, so that a slow repository holds up no plan that is being followed.
 */
export class SyncReconciler {
  readonly #context: ReconcileContext;
  readonly #followers: Followers;
  readonly #jobs = new Map<ObjectKey, SyncJob>();

  constructor(context: ReconcileContext, followers: Followers) {
    this.#context = context;
    this.#followers = followers;
  }

  /** What is known of a Sync; undefined before its first pass. */
  job(key: ObjectKey): SyncJob | undefined {
    return this.#jobs.get(key);
  }

  /** The next pass asks the repository, due or not. */
  hint(key: ObjectKey): void {
    const job = this.#jobs.get(key);
    if (job) job.hinted = true;
  }

  /** Somebody else wrote this Rollout: it is to be read again before it is written. Gives whose it is. */
  forgetRecord(rollout: ObjectKey): readonly ObjectKey[] {
    const holders = [...this.#jobs].filter(([, { record }]) => record?.key === rollout);
    for (const [, job] of holders) job.record = undefined;
    return holders.map(([sync]) => sync);
  }

  /** OperatorVersions changed: every plan is to be made anew. */
  forgetPlans(): void {
    for (const job of this.#jobs.values()) job.quiet.clear();
  }

  /** Whether a change of that Instance may matter to the Sync. */
  concerns(key: ObjectKey, instance: ObjectKey): boolean {
    const job = this.#jobs.get(key);
    if (!job?.revision) return false;
    if (job.revision.desired.instances.has(instance)) return true;
    if (isDependency(instance, job.revision.desired.instances)) return true;
    return job.record !== undefined && job.record.recordsOf(instance).length > 0;
  }

  /** Asks the repository, when that is due or was asked for. */
  async look(key: ObjectKey, scope: Scope): Promise<PassResult> {
    const sync = this.#sync(key);
    if (!sync) return { kind: 'settled' };
    const job = this.#jobFor(key, sync, scope);
    const settings = settingsOrNone(sync);
    if (!settings || settings.suspend) return { kind: 'settled' };
    const dueMs = job.nextLookAt - scope.clock.now();
    if (dueMs > 0 && !wantsLook(sync, job)) return { kind: 'again', afterMs: dueMs };
    const inScope = withFields(scope, { sync: key });
    const before = job.revision;
    const { pullsMoved } = await lookForNews({ sync, settings, job }, this.#context, inScope);
    for (const other of concernedBy(job, before, this.#jobs, this.#context.view.caches)) {
      this.#followers.news(other);
    }
    if (pullsMoved) this.#followers.previews(key);
    this.#followers.news(key);
    if (!job.trouble) return { kind: 'again', afterMs: job.nextLookAt - scope.clock.now() };
    const { message, retryAfterMs } = job.trouble;
    return { kind: 'failed', reason: message, afterMs: retryAfterMs };
  }

  async pass(key: ObjectKey, scope: Scope): Promise<PassResult> {
    const sync = this.#sync(key);
    if (!sync) {
      this.#jobs.get(key)?.sends.dropWaiting();
      this.#jobs.delete(key);
      return { kind: 'settled' };
    }
    const job = this.#jobFor(key, sync, scope);
    const inScope = withFields(scope, { sync: key });
    try {
      return await this.#run(key, sync, job, inScope);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      return lostRace(thrown, job) ?? (await this.#fail(sync, thrown, inScope));
    }
  }

  #sync(key: ObjectKey): Sync | undefined {
    const sync = this.#context.view.caches.syncs.get(key);
    return sync?.metadata.deletionTimestamp === undefined ? sync : undefined;
  }

  #jobFor(key: ObjectKey, sync: Sync, scope: Scope): SyncJob {
    const known = this.#jobs.get(key);
    const uid = sync.metadata.uid ?? '';
    const job = known?.uid === uid ? known : this.#newJob(uid, scope);
    this.#jobs.set(key, job);
    return job;
  }

  #newJob(uid: string, { clock }: Scope): SyncJob {
    const neighbours = { jobs: this.#jobs, syncs: this.#context.view.caches.syncs };
    return newJob(uid, clock, (instance, own) => standingOf(instance, own, neighbours));
  }

  async #run(key: ObjectKey, sync: Sync, job: SyncJob, scope: Scope): Promise<PassResult> {
    const settings = readSettings(sync);
    if (settings.suspend) {
      job.sends.dropWaiting();
      await writeSyncStatus(sync, SUSPENDED, this.#context, scope);
      return { kind: 'settled' };
    }
    if (wantsLook(sync, job)) this.#followers.look(key);
    job.quiet.holdUnder(settings);
    job.intervalMs = settings.intervalMs;
    const turn = { sync, settings, job };
    if (!job.revision) {
      if (job.trouble) await this.#say(turn, troubleReport(job.trouble), scope);
      return { kind: 'settled' };
    }
    const waitMs = await this.#carryOut(key, turn, job.revision, scope);
    return waitMs === undefined ? { kind: 'settled' } : { kind: 'again', afterMs: waitMs };
  }

  /** A repository that cannot be read is said first, whatever else there is to say. */
  async #say({ sync, job }: SyncTurn, report: SyncReport, scope: Scope): Promise<void> {
    const said = job.trouble ? { ...report, ...troubleReport(job.trouble) } : report;
    await writeSyncStatus(sync, { ...said, notesTrouble: job.notesTrouble }, this.#context, scope);
  }

  /** Brings the head's Rollout further and says how it is; gives the time to the next look it needs. */
  async #carryOut(
    key: ObjectKey,
    turn: SyncTurn,
    revision: RevisionState,
    scope: Scope,
  ): Promise<number | undefined> {
    const { settings, job } = turn;
    const current = await this.#currentRecord(turn, revision, scope);
    if (!current) return undefined;
    const retried = await this.#retried(current, turn, revision, scope);
    const ended = retried.record.isFinished
      ? await this.#lookBack(turn, revision, retried.record, scope)
      : retried;
    if (!('record' in ended)) {
      this.#followers.outbox(key);
      return smallest(retried.retryAfterMs, ended.lookAgainMs);
    }
    const { record } = ended;
    const at = { settings, job, revision, record };
    const advance = await advanceRollout(at, this.#context, scope);
    const waitMs = await reportProgress(at, advance, this.#context, scope);
    this.#followers.outbox(key);
    if (advance.trouble !== undefined) throw new Failure('unreachable', advance.trouble);
    const report = record.isFinished
      ? finishedReport(turn, revision, record, advance.notes)
      : progressReport(turn, revision, record);
    // Progress that is held back is said with what is stored of it.
    if (record.isFinished || !record.isDirty) await this.#say(turn, report, scope);
    if (record.isFinished && settings.forge) this.#followers.previews(key);
    return smallest(waitMs, advance.lookAgainMs, lookBackMs(record, advance.notes));
  }

  /** The next attempt of a Rollout that has ended, when something is to be put right; else says how it is. */
  async #lookBack(
    turn: SyncTurn,
    revision: RevisionState,
    record: RolloutRecord,
    scope: Scope,
  ): Promise<{ readonly record: RolloutRecord } | { readonly lookAgainMs: number | undefined }> {
    const { settings, job, sync } = turn;
    // Nobody is told that an edited Sync is ready before its repository was asked again.
    if (!isLookedAt(sync, job)) return { lookAgainMs: undefined };
    const found = lookBack({ settings, job, revision, record }, this.#context);
    if (found.isAgain) return { record: await this.#tryAgain(turn, revision, scope) };
    await this.#say(turn, finishedReport(turn, revision, record, found.notes), scope);
    return found;
  }

  /** The head's Rollout; undefined while the Sync says something else than what was read. */
  async #currentRecord(
    turn: SyncTurn,
    revision: RevisionState,
    scope: Scope,
  ): Promise<RolloutRecord | undefined> {
    const { job, settings } = turn;
    const wanted = settingsHash(settings);
    if (job.readWith !== wanted) return job.record;
    let { record } = job;
    if (record?.oid !== revision.commit.oid) {
      record = await this.#open({ ...turn, revision, again: false }, scope);
      job.quiet.forgetUnsettled(job.record);
    }
    const isEdited = (record.spec.settingsHash ?? wanted) !== wanted;
    job.record = record;
    if (!isEdited) return record;
    job.quiet.clear();
    return this.#tryAgain(turn, revision, scope);
  }

  /** The next attempt of the revision. */
  async #tryAgain(turn: SyncTurn, revision: RevisionState, scope: Scope): Promise<RolloutRecord> {
    const { job } = turn;
    const record = await this.#open({ ...turn, revision, again: true }, scope);
    job.quiet.forgetUnsettled(job.record);
    job.record = record;
    return record;
  }

  /** The Rollout, or the next attempt of its revision when failed plans are to run again now. */
  async #retried(
    record: RolloutRecord,
    turn: SyncTurn,
    revision: RevisionState,
    scope: Scope,
  ): Promise<{ readonly record: RolloutRecord; readonly retryAfterMs?: number }> {
    const answer = retryAnswer({ ...turn, record }, this.#context, scope.clock.now());
    if (!answer) return { record };
    if (answer.kind === 'later') return { record, retryAfterMs: answer.afterMs };
    const { job, sync } = turn;
    let now = record;
    if (answer.kind === 'now') {
      now = await this.#open({ ...turn, revision, again: true, retry: answer }, scope);
      job.quiet.forgetUnsettled(record);
      job.record = now;
    }
    if (answer.request !== undefined) {
      const fields = { lastHandledRetry: answer.request };
      await patchSyncStatus(sync, fields, this.#context, scope);
    }
    return { record: now };
  }

  /** What is on its way is recorded where it was announced, before the next Rollout inherits it. */
  async #open(opening: Opening, scope: Scope): Promise<RolloutRecord> {
    const { sends, record } = opening.job;
    await sends.shrunkTo(0);
    await record?.flush(this.#context.client, scope);
    return openRollout(opening, this.#context, scope);
  }

  async #fail(sync: Sync, thrown: unknown, scope: Scope): Promise<PassResult> {
    if (!(thrown instanceof Failure)) scope.log.error('pass failed', { error: thrown });
    const report = troubleReport(thrown);
    await writeSyncStatus(sync, report, this.#context, scope).catch((error: unknown) => {
      scope.log.warn('sync status not written', { error });
    });
    const afterMs = thrown instanceof Failure ? thrown.retryAfterMs : undefined;
    return { kind: 'failed', reason: messageOf(thrown), afterMs };
  }
}
