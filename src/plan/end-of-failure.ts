import type { ChangeRecord } from '../model/rollout.ts';
import type { InstanceSituation, NumberedRecord } from './instance-situation.ts';
import { lateEnd } from './overdue-plan.ts';
import { redoneFailure } from './redone-failure.ts';

/** What a failed plan has come to since, without a write of ours; undefined while the failure stands as it is. */
export function endOfFailure(
  one: NumberedRecord,
  situation: InstanceSituation,
): ChangeRecord | undefined {
  if (one.record.state !== 'failed' || one.record.redoneBy !== undefined) return undefined;
  return lateEnd(one, situation) ?? redoneFailure(one, situation);
}
