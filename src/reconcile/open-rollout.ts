import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import { isVerdict, type ChangeRecord, type OutboxEntry, type Rollout } from '../model/rollout.ts';
import { inheritRecords, isFinal } from '../plan/inherit-records.ts';
import { begunInstances, endInstances } from '../report/instance-statuses.ts';
import { enqueue } from '../report/outbox.ts';
import { answersBetween, type Arrival } from './answer-commits.ts';
import { isOvertaken, Overtaken, readRollouts } from './other-services.ts';
import { rolloutUrl, statusContext, type ReconcileContext } from './reconcile-context.ts';
import { RolloutRecord } from './rollout-record.ts';
import { requestedRetry, type RetryWish } from './retry-wish.ts';
import { createRollout, loadRecord, rolloutsOf, type NewRollout } from './rollout-store.ts';
import type { SyncSettings } from './sync-settings.ts';

/** What opening needs to know. */
export interface Opening extends Arrival {
  /** True when the finished Rollout of this revision is to be followed by another attempt. */
  readonly again: boolean;
  /** Which failures that attempt tries again; none when undefined. */
  readonly retry?: RetryWish | undefined;
}

/**
 * The Rollout of the head revision, ready to go on: found, or created with what older ones left
 * undone, which are then marked superseded. Every step may be repeated after a crash.
 *
 * @throws {Overtaken} when another service works on the same Sync and has seen another head
 */
export async function openRollout(
  opening: Opening,
  context: ReconcileContext,
  scope: Scope,
): Promise<RolloutRecord> {
  const { settings, job, revision } = opening;
  const all = opening.again
    ? await readRollouts(settings, context, scope)
    : rolloutsOf(settings, context.view.caches);
  const latest = all.at(-1);
  if (isOvertaken(latest, job, revision.commit.oid)) throw new Overtaken();
  const record =
    latest && goesOn(latest, opening)
      ? await loadRecord(keyOf(latest), context.client, scope)
      : await newRecord(
          { revision, settings, earlier: all, retry: opening.retry?.request },
          context,
          scope,
        );
  // Another service has made the attempt, and ended it.
  if (opening.again && record.isFinished) throw new Overtaken();
  const older = all.filter((one) => isBefore(one, record));
  if (record.fields.phase === undefined) {
    await initialise({ record, older, opening }, context, scope);
  }
  for (const one of older.filter(isOpen)) {
    await supersede({ rollout: one, newer: record, settings }, context, scope);
  }
  return record;
}

/** Whether the newest Rollout is the one to go on with; an attempt after it may have been made already. */
function goesOn({ metadata, spec, status }: Rollout, { again, job, revision }: Opening): boolean {
  const isToFollow = again && keyOf({ metadata }) === job.record?.key;
  const isHead = oidOf(spec.revision) === revision.commit.oid;
  return isHead && status?.phase !== 'superseded' && !isToFollow;
}

/** Two services that did not know of each other may have taken the same number. */
function isBefore({ metadata, spec }: Rollout, { key, spec: own }: RolloutRecord): boolean {
  if (spec.sequence !== own.sequence) return spec.sequence < own.sequence;
  return keyOf({ metadata }) < key;
}

async function newRecord(
  wanted: NewRollout,
  context: ReconcileContext,
  scope: Scope,
): Promise<RolloutRecord> {
  const { rollout, isNew } = await createRollout(wanted, context, scope);
  return isNew ? new RolloutRecord(rollout, []) : loadRecord(keyOf(rollout), context.client, scope);
}

const isOpen = ({ status }: Rollout): boolean => !isVerdict(status?.phase);

async function initialise(
  at: { record: RolloutRecord; older: readonly Rollout[]; opening: Opening },
  context: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const { record, older, opening } = at;
  const { settings, revision } = opening;
  const { retry } = record.spec;
  const choose =
    opening.retry?.choose ?? (retry === undefined ? undefined : requestedRetry(retry, context));
  const heirs = older.filter((one) => isOpen(one) || one === older.at(-1));
  const rollUp = statusContext(context.clusterName, settings);
  const begun: OutboxEntry[] = [];
  for (const one of heirs) {
    const predecessor = await predecessorOf(one, opening, context, scope);
    if (isOpen(one)) begun.push(...begunInstances(predecessor.outbox, record.oid, rollUp));
    const { inherited } = inheritRecords(
      { uid: predecessor.uid, revision: predecessor.spec.revision, records: predecessor.records() },
      { revision: record.spec.revision, retry: choose },
      revision.hashes,
    );
    for (const [key, records] of inherited) {
      for (const heir of records) adopt(record, key, heir);
    }
  }
  const answers = settings.forge ? await answersBetween(opening, context, scope) : [];
  const outbox = answers.reduce<readonly OutboxEntry[]>(
    (before, { commit, status }) => enqueue(before, commit, status),
    [...record.outbox, ...begun],
  );
  const startedAt = new Date(scope.clock.now()).toISOString();
  record.update({ phase: 'progressing', startedAt, outbox });
  // What others begin with must be stored before they end; alone it goes with the first intents.
  if (older.some(isOpen)) await record.flush(context.client, scope);
  scope.log.info('rollout opened', { rollout: record.key, revision: record.spec.revision });
}

/** As this process last wrote it; only after a start is it read again. */
async function predecessorOf(
  rollout: Rollout,
  { job }: Opening,
  { client }: ReconcileContext,
  scope: Scope,
): Promise<RolloutRecord> {
  const key = keyOf(rollout);
  return job.record?.key === key ? job.record : loadRecord(key, client, scope);
}

/** A record may come by two ways when a crash left two older Rollouts open: it is taken over once. */
function adopt(record: RolloutRecord, key: ObjectKey, heir: ChangeRecord): void {
  const own = record.recordsOf(key);
  const isKnown = own.some(({ record: other }) => isSameWrite(other, heir));
  if (!isKnown) record.set(key, own.length, heir);
}

function isSameWrite(a: ChangeRecord, b: ChangeRecord): boolean {
  if (a.token !== undefined || b.token !== undefined) return a.token === b.token;
  return a.planUid !== undefined && a.planUid === b.planUid;
}

async function supersede(
  at: { rollout: Rollout; newer: RolloutRecord; settings: SyncSettings },
  context: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const { rollout, newer, settings } = at;
  const record = await loadRecord(keyOf(rollout), context.client, scope);
  if (record.isFinished) return; // its end is not in the cache yet
  for (const [key, records] of record.records()) {
    for (const { n, record: change } of records) {
      if (!isFinal(change)) record.set(key, n, { ...change, state: 'moved', progress: undefined });
    }
  }
  const description = `superseded by ${shortOid(newer.oid)}`;
  const isSameCommit = newer.oid === record.oid;
  const answer: CommitStatus = {
    context: statusContext(context.clusterName, settings),
    // What it asked for goes on under the newer commit, which fails if that fails: red here would call
    // somebody to a place where there is nothing to do (docs/decisions/0004).
    state: 'success',
    description,
    targetUrl: rolloutUrl(context.publicUrl, settings.namespace, rollout.metadata.name),
  };
  const outbox =
    settings.forge && !isSameCommit
      ? endInstances(enqueue(record.outbox, record.oid, answer), record.oid, answer.context, answer)
      : record.outbox;
  record.update({
    phase: 'superseded',
    message: description,
    finishedAt: new Date(scope.clock.now()).toISOString(),
    outbox,
  });
  await record.flush(context.client, scope);
}
