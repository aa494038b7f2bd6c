import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord, RolloutCounts, RolloutPhase } from '../model/rollout.ts';
import type { NumberedRecord } from './instance-situation.ts';

/** A Rollout in short. */
export interface RolloutSummary {
  readonly phase: Exclude<RolloutPhase, 'superseded'>;
  readonly counts: RolloutCounts;
}

/** How a Rollout stands: it ends when nothing is left to send or to wait for. */
export function summarize(
  records: ReadonlyMap<ObjectKey, readonly NumberedRecord[]>,
  problems: number,
): RolloutSummary {
  const all = [...records.values()].flatMap((ofInstance) =>
    ofInstance.map(({ n, record }) => ({ record, isOutdone: isOutdone(n, record, ofInstance) })),
  );
  const live = all.filter(({ isOutdone: outdone }) => !outdone).map(({ record }) => record);
  const count = (states: readonly string[]) =>
    live.filter((record) => states.includes(record.state)).length;
  const failed = count(['failed', 'held']);
  const open = count(['planned', 'waiting', 'sending', 'running']);
  const isFailed = failed > 0 || problems > 0;
  return {
    phase: open > 0 ? 'progressing' : isFailed ? 'failed' : 'succeeded',
    counts: {
      total: live.length,
      succeeded: count(['succeeded']),
      failed,
      running: count(['sending', 'running']),
    },
  };
}

/** A run that was restarted, and a failure that a later run of the Instance has made good, or is about to. */
export function isOutdone(
  n: number,
  record: ChangeRecord,
  ofInstance: readonly NumberedRecord[],
): boolean {
  if (record.state === 'restarted' || record.state === 'moved') return true;
  if (record.state !== 'failed' || record.kind === 'run-plan') return false;
  if (record.redoneBy !== undefined) return true;
  return ofInstance.some(
    ({ n: later, record: other }) =>
      later > n && other.state !== 'held' && takesPlace(other, record),
  );
}

/**
 * Whether a later change of the Instance says how a failure turns out. After a refusal every one does. A
 * plan that failed has not rolled out what it was to, and another plan does not do so for it: only a run
 * of the same plan takes its place, or an Instance that is made anew or deleted.
 */
export function takesPlace(later: ChangeRecord, failed: ChangeRecord): boolean {
  if (later.kind === 'abandon' || later.kind === 'run-plan') return false;
  if (!isPlanFailure(failed)) return true;
  if (later.state === 'failed' && !isPlanFailure(later)) return false;
  return later.plan === failed.plan || later.kind === 'create' || later.kind === 'delete';
}

/** A failure of a plan that KUDO was to run, and not of the write that was to start it. */
export function isPlanFailure({ state, cause, plan }: ChangeRecord): boolean {
  return state === 'failed' && (cause === 'plan' || cause === 'timeout') && plan !== '-';
}
