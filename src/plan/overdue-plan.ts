import type { Instance } from '../kudo/objects.ts';
import { planOutcome } from '../kudo/plan-status.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { InstanceSituation, NumberedRecord } from './instance-situation.ts';
import { cut, settleRecord } from './settle-record.ts';

type Timed = Pick<InstanceSituation, 'planTimeout' | 'now'>;

/** Milliseconds until a running plan counts as one without end; undefined when it never does. */
export function leftOfTimeout(
  { state, startedAt }: ChangeRecord,
  { planTimeout, now }: Timed,
): number | undefined {
  if (state !== 'running' || !planTimeout || startedAt === undefined) return undefined;
  return Date.parse(startedAt) + planTimeout.ms - Date.parse(now);
}

/** The record as failed when its plan runs for too long; the plan itself is left running. */
export function overdue(record: ChangeRecord, situation: Timed): ChangeRecord {
  const leftMs = leftOfTimeout(record, situation);
  if (leftMs === undefined || leftMs > 0) return record;
  const progress = record.progress === undefined ? '' : ` (${record.progress})`;
  const limit = situation.planTimeout?.text ?? '';
  const message = cut(
    `plan ${record.plan} has not ended after ${limit}; it is left running${progress}`,
  );
  return { ...record, state: 'failed', cause: 'timeout', message, finishedAt: situation.now };
}

/** Whether a plan that was reported as one without end has ended after all. */
function hasEndedLate(
  { state, cause, plan, planUid }: ChangeRecord,
  observed: Instance | undefined,
): boolean {
  if (state !== 'failed' || cause !== 'timeout' || !observed || planUid === undefined) return false;
  const outcome = planOutcome(observed, plan, planUid);
  return outcome === 'complete' || outcome === 'fatal';
}

/** What a plan that was reported as one without end has come to; undefined while it has not ended. */
export function lateEnd(
  { n, record }: NumberedRecord,
  situation: InstanceSituation,
): ChangeRecord | undefined {
  if (!hasEndedLate(record, situation.observed)) return undefined;
  const { cause: _, message: __, ...running } = record;
  const settled = settleRecord({ n, record: { ...running, state: 'running' } }, situation);
  return settled.kind === 'record' && settled.record.state !== 'running'
    ? settled.record
    : undefined;
}
