import { KubeError } from '../cluster/kube-client.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { revisionOf, shortOid } from '../model/revision.ts';
import type { Sync } from '../model/sync.ts';
import { summarize } from '../plan/rollout-verdict.ts';
import { advanceRollout, type Advance } from './advance-rollout.ts';
import { lookAtRepository, readCommitOf } from './look-at-repository.ts';
import { openRollout } from './open-rollout.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { reportProgress } from './report-progress.ts';
import { needsAnotherAttempt } from './another-attempt.ts';
import { newJob, type SyncJob } from './sync-job.ts';
import { readSettings, type SyncSettings } from './sync-settings.ts';
import { instanceCounts, writeSyncStatus, type SyncReport } from './sync-status.ts';

/** Told when something beside the Sync itself needs a look. */
export interface Followers {
  /** A Rollout has statuses to send. */
  outbox(rollout: ObjectKey): void;
  /** Heads of pull requests moved. */
  previews(sync: ObjectKey): void;
}

/** Passes over Syncs: look at Git, open the head's Rollout, bring it one step further, say how it is. */
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

  /** OperatorVersions changed: every plan is to be made anew. */
  forgetPlans(): void {
    for (const job of this.#jobs.values()) job.quiet.clear();
  }

  /** Whether a change of that Instance may matter to the Sync. */
  concerns(key: ObjectKey, instance: ObjectKey): boolean {
    const job = this.#jobs.get(key);
    if (!job?.revision) return false;
    return (
      job.revision.desired.instances.has(instance) ||
      (job.record?.recordsOf(instance).length ?? 0) > 0
    );
  }

  async pass(key: ObjectKey, scope: Scope): Promise<PassResult> {
    const sync = this.#context.view.caches.syncs.get(key);
    if (!sync || sync.metadata.deletionTimestamp !== undefined) {
      this.#jobs.delete(key);
      return { kind: 'settled' };
    }
    const job = this.#jobFor(key, sync);
    const inScope = withFields(scope, { sync: key });
    try {
      return await this.#run(key, sync, job, inScope);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      return await this.#fail(sync, job, thrown, inScope);
    }
  }

  #jobFor(key: ObjectKey, sync: Sync): SyncJob {
    const known = this.#jobs.get(key);
    const uid = sync.metadata.uid ?? '';
    const job = known?.uid === uid ? known : newJob(uid);
    this.#jobs.set(key, job);
    return job;
  }

  async #run(key: ObjectKey, sync: Sync, job: SyncJob, scope: Scope): Promise<PassResult> {
    const settings = readSettings(sync);
    if (settings.suspend) {
      await writeSyncStatus(sync, SUSPENDED, this.#context, scope);
      return { kind: 'settled' };
    }
    const trouble = await this.#look(key, sync, job, settings, scope);
    if (!job.revision)
      throw trouble ?? new Failure('unreachable', 'the repository was not read yet');
    const waitMs = await this.#carryOut(sync, job, settings, scope);
    if (trouble) throw trouble;
    const pollMs = Math.max(0, job.nextLookAt - scope.clock.now());
    return { kind: 'again', afterMs: Math.min(pollMs, waitMs ?? Infinity) };
  }

  /** Asks the repository when that is due. A failure is returned: what is under way goes on without it. */
  async #look(
    key: ObjectKey,
    sync: Sync,
    job: SyncJob,
    settings: SyncSettings,
    scope: Scope,
  ): Promise<Failure | undefined> {
    if (!isLookDue(sync, job, scope.clock.now())) return undefined;
    const isEdited = job.generation !== sync.metadata.generation;
    job.hinted = false;
    try {
      const look = await lookAtRepository(settings, this.#context, scope);
      if (isEdited || look.head !== job.revision?.commit.oid) {
        const ref = `refs/heads/${settings.ref.branch}`;
        const at = { remote: look.remote, oid: look.head, ref };
        const reading = { ...settings, cache: job.cache };
        job.revision = await readCommitOf(at, reading, this.#context, scope);
        job.quiet.clear();
        scope.log.info('revision seen', { revision: revisionOf(settings.ref.branch, look.head) });
      }
      if (settings.forge && !sameMap(job.pulls, look.pulls)) this.#followers.previews(key);
      job.remote = look.remote;
      job.pulls = look.pulls;
      job.generation = sync.metadata.generation;
      job.requestedAt = requestOf(sync);
      job.lookedAt = scope.clock.now();
      const jitter = 0.9 + 0.2 * this.#context.random();
      job.nextLookAt = job.lookedAt + settings.intervalMs * jitter;
      return undefined;
    } catch (thrown) {
      scope.signal.throwIfAborted();
      job.nextLookAt = 0;
      scope.log.warn('repository not read', { error: thrown });
      return thrown instanceof Failure ? thrown : new Failure('unreachable', messageOf(thrown));
    }
  }

  /** Brings the head's Rollout further and says how it is; gives the time to the next look it needs. */
  async #carryOut(
    sync: Sync,
    job: SyncJob,
    settings: SyncSettings,
    scope: Scope,
  ): Promise<number | undefined> {
    const { revision } = job;
    if (!revision) return undefined;
    if (job.record?.oid !== revision.commit.oid) {
      const opening = { sync, settings, job, revision, again: false };
      job.record = await openRollout(opening, this.#context, scope);
      job.quiet.clear();
    }
    if (needsAnotherAttempt(job.record, revision, settings, this.#context)) {
      const opening = { sync, settings, job, revision, again: true };
      job.record = await openRollout(opening, this.#context, scope);
      job.quiet.clear();
    }
    const { record } = job;
    if (record.isFinished) {
      await this.#sayFinished(sync, job, settings, scope);
      this.#followers.outbox(record.key);
      return undefined;
    }
    const at = { settings, job, revision, record };
    const advance = await advanceRollout(at, this.#context, scope);
    const waitMs = await reportProgress(at, advance, this.#context, scope);
    this.#followers.outbox(record.key);
    if (record.isFinished) {
      await this.#sayFinished(sync, job, settings, scope);
      if (settings.forge && settings.previews.enabled) this.#followers.previews(keyOf(sync));
    } else await this.#sayProgress(sync, job, settings, advance, scope);
    if (advance.trouble !== undefined) throw new Failure('unreachable', advance.trouble);
    return smallest(waitMs, advance.lookAgainMs);
  }

  async #sayProgress(
    sync: Sync,
    job: SyncJob,
    settings: SyncSettings,
    advance: Advance,
    scope: Scope,
  ): Promise<void> {
    if (!job.record || !job.revision || advance.trouble !== undefined) return;
    const { oid } = job.revision.commit;
    const report: SyncReport = {
      ready: 'Unknown',
      reason: 'Progressing',
      message: `rolling out ${shortOid(oid)}`,
      reconciling: true,
      stalled: false,
      fields: this.#fields(job, settings, 'progressing'),
    };
    await writeSyncStatus(sync, report, this.#context, scope);
  }

  async #sayFinished(
    sync: Sync,
    job: SyncJob,
    settings: SyncSettings,
    scope: Scope,
  ): Promise<void> {
    if (!job.record || !job.revision) return;
    const { phase, message = '' } = job.record.fields;
    const isGood = phase === 'succeeded';
    const report: SyncReport = {
      ready: isGood ? 'True' : 'False',
      reason: isGood ? 'Succeeded' : 'RolloutFailed',
      message: `${shortOid(job.revision.commit.oid)}: ${message}`,
      reconciling: false,
      stalled: !isGood,
      fields: this.#fields(job, settings, phase ?? 'progressing'),
    };
    await writeSyncStatus(sync, report, this.#context, scope);
  }

  #fields(job: SyncJob, settings: SyncSettings, phase: string): NonNullable<SyncReport['fields']> {
    const { record, revision } = job;
    if (!record || !revision) return {};
    const attempted = revisionOf(settings.ref.branch, revision.commit.oid);
    const { counts } = summarize(record.records(), record.fields.problems?.length ?? 0);
    return {
      lastAttemptedRevision: attempted,
      answeredRevision: attempted,
      ...(phase === 'succeeded' ? { lastAppliedRevision: attempted } : {}),
      ...(job.requestedAt === undefined ? {} : { lastHandledReconcileAt: job.requestedAt }),
      instances: instanceCounts(revision.desired.instances.size, counts),
    };
  }

  async #fail(sync: Sync, job: SyncJob, thrown: unknown, scope: Scope): Promise<PassResult> {
    if (thrown instanceof KubeError && thrown.code === 409) job.record = undefined;
    const failure = thrown instanceof Failure ? thrown : undefined;
    if (!failure) scope.log.error('pass failed', { error: thrown });
    const text = messageOf(thrown);
    const report: SyncReport = {
      ready: 'False',
      reason: REASON[failure?.kind ?? 'unreachable'],
      message: failure?.hint === undefined ? text : `${text} (${failure.hint})`,
      reconciling: true,
      stalled: failure?.kind === 'invalid',
    };
    await writeSyncStatus(sync, report, this.#context, scope).catch((error: unknown) => {
      scope.log.warn('sync status not written', { error });
    });
    return { kind: 'failed', reason: text, afterMs: failure?.retryAfterMs };
  }
}

const REASON: Readonly<Record<Failure['kind'], string>> = {
  invalid: 'InvalidConfiguration',
  denied: 'AuthenticationFailed',
  missing: 'NotFound',
  conflict: 'Conflict',
  unreachable: 'Unreachable',
  timeout: 'Timeout',
};

const SUSPENDED: SyncReport = {
  ready: 'Unknown',
  reason: 'Suspended',
  message: 'spec.suspend is true: nothing is looked at and nothing is changed',
  reconciling: false,
  stalled: false,
};

const requestOf = (sync: Sync): string | undefined =>
  sync.metadata.annotations?.[ANNOTATION.requestedAt];

function isLookDue(sync: Sync, job: SyncJob, now: number): boolean {
  if (job.hinted || job.nextLookAt <= now || !job.revision) return true;
  return job.generation !== sync.metadata.generation || job.requestedAt !== requestOf(sync);
}

function sameMap(a: ReadonlyMap<number, string>, b: ReadonlyMap<number, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function smallest(...numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
