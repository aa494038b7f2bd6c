import { tokenId } from '../model/change-token.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { oidOf } from '../model/revision.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { NumberedRecord } from './instance-situation.ts';
import { changesAmong } from './run-records.ts';
import { isPlanFailure, takesPlace } from './rollout-verdict.ts';
import { cut } from './settle-record.ts';

/** A Rollout that a newer one takes over from. */
export interface Predecessor {
  readonly uid: string;
  readonly revision: string;
  readonly records: ReadonlyMap<ObjectKey, readonly NumberedRecord[]>;
}

/** What becomes of a failure that is to be tried again. */
export interface RetryChoice {
  /** Run its plan once more, or, when there is nothing to run again, plan the Instance anew. */
  readonly kind: 'rerun' | 'replan';
  /** How often its plan was run again by itself so far, this time included. */
  readonly retries: number;
}

/** Chooses what of a predecessor's failures is tried again; undefined leaves a failure as it is. */
export type ChooseRetry = (key: ObjectKey, record: ChangeRecord) => RetryChoice | undefined;

/** What the newer Rollout starts with, per Instance, and which records of the older one become `moved`. */
export interface Inheritance {
  readonly inherited: ReadonlyMap<ObjectKey, readonly ChangeRecord[]>;
  readonly moved: readonly { readonly key: ObjectKey; readonly n: number }[];
}

/**
 * Unsettled changes go on in the newer Rollout under the token they were written with. Failures go on
 * too, with the commit since which they stand (invariants 5 and 6 of the design): a plan that failed
 * stands until a later run does what it failed to do, for Git and the cluster say the same although it
 * failed; a refusal until the newer revision touches its Instance.
 *
 * @param hashes what the newer revision says of each Instance
 */
export function inheritRecords(
  predecessor: Predecessor,
  newer: { readonly revision: string; readonly retry?: ChooseRetry | undefined },
  hashes: ReadonlyMap<ObjectKey, string>,
): Inheritance {
  const inherited = new Map<ObjectKey, ChangeRecord[]>();
  const moved: { key: ObjectKey; n: number }[] = [];
  for (const [key, records] of predecessor.records) {
    for (const { n, record } of records) {
      const hash = hashes.get(key);
      const isOver = record.state === 'failed' && isReplaced(n, record, records);
      const retry = newer.retry?.(key, record);
      const heir = isOver
        ? undefined
        : heirOf({ n, record }, predecessor, { ...newer, hash, retry });
      if (heir) inherited.set(key, [...(inherited.get(key) ?? []), heir]);
      if (!isFinal(record)) moved.push({ key, n });
    }
  }
  return { inherited, moved };
}

interface Heritage {
  readonly revision: string;
  readonly hash: string | undefined;
  readonly retry: RetryChoice | undefined;
}

function heirOf(
  { n, record }: NumberedRecord,
  predecessor: Predecessor,
  newer: Heritage,
): ChangeRecord | undefined {
  // A copy: the PlanRun itself remembers.
  if (record.kind === 'run-plan') return undefined;
  const token = record.token ?? tokenId(predecessor.uid, n, record.attempt);
  if (record.state === 'sending' || record.state === 'running') return { ...record, token };
  if (record.state !== 'failed') return undefined;
  if (newer.retry) return rerun(record, newer, newer.retry);
  if (!stands(record, newer)) return undefined;
  return standing(record, token, predecessor, newer);
}

function standing(
  record: ChangeRecord,
  token: string,
  predecessor: Predecessor,
  newer: Heritage,
): ChangeRecord {
  const heir = {
    ...record,
    since: sinceOf(record, predecessor, newer),
    // What Git says by now is something else, and waits for the failure no more.
    desiredHash: record.desiredHash === (newer.hash ?? '') ? record.desiredHash : undefined,
  };
  // Its run may go on: a commit that cures it must know it.
  return record.cause === 'timeout' ? { ...heir, token } : heir;
}

/** What KUDO refused is planned anew when a commit touches it; a plan that failed stands while Git has the Instance. */
function stands(record: ChangeRecord, { hash }: Heritage): boolean {
  return record.desiredHash === (hash ?? '') || (isPlanFailure(record) && hash !== undefined);
}

/** To be sent under a token of the newer Rollout: the write that runs its plan once more. */
function rerun(
  { kind, plan, attempt, summary, instanceUid, message }: ChangeRecord,
  { hash }: Heritage,
  { kind: how, retries }: RetryChoice,
): ChangeRecord | undefined {
  if (how === 'replan') return undefined;
  return {
    kind,
    plan,
    attempt: attempt + 1,
    state: 'sending',
    summary,
    instanceUid,
    // What Git no longer has, a delete that fails again still concerns.
    desiredHash: kind === 'delete' ? (hash ?? '') : hash,
    ...(retries > 0 ? { retries } : {}),
    message: cut(`to be run again after: ${message ?? 'it failed'}`),
  };
}

function sinceOf(
  { since }: ChangeRecord,
  predecessor: Predecessor,
  newer: Heritage,
): string | undefined {
  const isSameRevision = newer.revision === predecessor.revision;
  return since ?? (isSameRevision ? undefined : oidOf(predecessor.revision));
}

/** Whether a later change of the Instance was sent that says how the failure turned out. */
function isReplaced(n: number, failed: ChangeRecord, records: readonly NumberedRecord[]): boolean {
  if (failed.redoneBy !== undefined) return true;
  const sent = new Set<ChangeRecord['state']>(['succeeded', 'running']);
  // Whether a plan that is being sent ever runs is not known; a refusal is asked about anew anyway.
  sent.add(isPlanFailure(failed) ? 'failed' : 'sending');
  return changesAmong(records).some(
    ({ n: later, record }) => later > n && sent.has(record.state) && takesPlace(record, failed),
  );
}

/** True for a change that has its outcome, which its Rollout keeps when a newer one takes over. */
export function isFinal({ state }: ChangeRecord): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'restarted' || state === 'moved';
}
