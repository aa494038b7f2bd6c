import { Failure, messageOf, type FailureKind } from '../lib/failure.ts';
import { revisionOf, shortOid } from '../model/revision.ts';
import type { RolloutCounts } from '../model/rollout.ts';
import type { SyncStatus } from '../model/sync.ts';
import { summarize } from '../plan/rollout-verdict.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncTurn } from './sync-job.ts';

/** What a pass has to say of its Sync. */
export interface SyncReport {
  readonly ready: 'True' | 'False' | 'Unknown';
  /** CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
  /** Work is under way. */
  readonly reconciling: boolean;
  /** Only a person or a commit helps. */
  readonly stalled: boolean;
  /** Differences that nobody asked for in Git. */
  readonly drift?: string | undefined;
  /** Why the Git notes of finished Rollouts are not in the repository. */
  readonly notesTrouble?: string | undefined;
  readonly fields?: Partial<SyncStatus>;
}

/** While a person has stopped it. */
export const SUSPENDED: SyncReport = {
  ready: 'Unknown',
  reason: 'Suspended',
  message: 'spec.suspend is true: nothing is looked at and nothing is changed',
  reconciling: false,
  stalled: false,
};

/** While its newest Rollout is under way. */
export function progressReport(
  turn: SyncTurn,
  revision: RevisionState,
  record: RolloutRecord,
): SyncReport {
  return {
    ready: 'Unknown',
    reason: 'Progressing',
    message: `rolling out ${shortOid(revision.commit.oid)}`,
    reconciling: true,
    stalled: false,
    fields: fieldsOf(turn, revision, record),
  };
}

const MAX_DRIFT = 10;

/** @param drift what differs from Git without a commit */
export function finishedReport(
  turn: SyncTurn,
  revision: RevisionState,
  record: RolloutRecord,
  drift: readonly string[],
): SyncReport {
  const { phase, message = '' } = record.fields;
  const isGood = phase === 'succeeded';
  return {
    ready: isGood ? 'True' : 'False',
    reason: isGood ? 'Succeeded' : 'RolloutFailed',
    message: `${shortOid(revision.commit.oid)}: ${message}`,
    reconciling: false,
    stalled: !isGood,
    drift: drift.length > 0 ? drift.slice(0, MAX_DRIFT).join('; ') : undefined,
    fields: fieldsOf(turn, revision, record),
  };
}

const REASON: Readonly<Record<FailureKind, string>> = {
  invalid: 'InvalidConfiguration',
  denied: 'AuthenticationFailed',
  missing: 'NotFound',
  conflict: 'Conflict',
  unreachable: 'Unreachable',
  timeout: 'Timeout',
};

/** What keeps the service from working on the Sync; tried again with back-off. */
export function troubleReport(thrown: unknown): SyncReport {
  const failure = thrown instanceof Failure ? thrown : undefined;
  const text = messageOf(thrown);
  return {
    ready: 'False',
    reason: REASON[failure?.kind ?? 'unreachable'],
    message: failure?.hint === undefined ? text : `${text} (${failure.hint})`,
    reconciling: true,
    stalled: failure?.kind === 'invalid',
  };
}

function fieldsOf(
  { job }: SyncTurn,
  { commit, ref, desired }: RevisionState,
  record: RolloutRecord,
): Partial<SyncStatus> {
  const attempted = revisionOf(ref, commit.oid);
  const { counts } = summarize(record.records(), record.fields.problems?.length ?? 0);
  return {
    lastAttemptedRevision: attempted,
    answeredRevision: attempted,
    ...(record.fields.phase === 'succeeded' ? { lastAppliedRevision: attempted } : {}),
    ...(job.requestedAt === undefined ? {} : { lastHandledReconcileAt: job.requestedAt }),
    instances: instanceCounts(desired.instances.size, counts),
  };
}

function instanceCounts(
  total: number,
  { failed, running }: RolloutCounts,
): NonNullable<SyncStatus['instances']> {
  return { total, ready: Math.max(0, total - failed - running), failed, running };
}
