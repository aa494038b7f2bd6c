import type { ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord, RolloutCounts, RolloutPhase } from '../model/rollout.ts';
import type { NumberedRecord } from './instance-situation.ts';

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

/** A run that was restarted, and a failure after which a later commit's change went on. */
export function isOutdone(
  n: number,
  record: ChangeRecord,
  ofInstance: readonly NumberedRecord[],
): boolean {
  if (record.state === 'restarted' || record.state === 'moved') return true;
  if (record.state !== 'failed' || record.kind === 'run-plan') return false;
  return ofInstance.some(
    ({ n: later, record: other }) =>
      later > n && other.state !== 'held' && other.kind !== 'abandon' && other.kind !== 'run-plan',
  );
}
