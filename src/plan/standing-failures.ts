import type { InstancePlan } from '../model/change.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { NumberedRecord } from './instance-situation.ts';
import { isOutdone } from './rollout-verdict.ts';

/**
 * What a merge would not mend: plans of the branch's rollout that failed, on Instances that the head does
 * not touch. Their further changes are held, and so are those of what depends on them.
 *
 * @param hashes what the head says of each Instance
 */
export function standingFailures(
  records: ReadonlyMap<ObjectKey, readonly NumberedRecord[]>,
  plans: readonly InstancePlan[],
  hashes: ReadonlyMap<ObjectKey, string>,
): readonly string[] {
  const failed = new Map<ObjectKey, string>();
  for (const [key, ofInstance] of records) {
    const standing = ofInstance.find(
      ({ n, record }) =>
        record.state === 'failed' &&
        record.desiredHash === hashes.get(key) &&
        !isOutdone(n, record, ofInstance),
    );
    if (standing) failed.set(key, standing.record.plan);
  }
  const notes = [...failed].map(([key, plan]) => {
    const held = plans.some((one) => one.key === key && one.changes.length > 0);
    const what = held ? 'its changes stay held' : 'the rollout stays failed';
    return `${key}: plan ${plan} failed before; ${what} until it runs again or the Instance changes`;
  });
  const waiting = plans.flatMap(({ key, changes, waitsFor = [] }) => {
    const on = changes.length > 0 ? waitsFor.filter((one) => failed.has(one)) : [];
    return on.length > 0 ? [`${key} would be held: it waits for ${on.join(', ')}`] : [];
  });
  return [...notes, ...waiting];
}
