import { splitKey } from '../model/kube-object.ts';
import { stateOf } from '../model/plan-run.ts';
import type { Caches } from './cluster-view.ts';
import type { RolloutRecord } from './rollout-record.ts';

/** True when a PlanRun that had failed goes on: somebody asked for another attempt. */
export function isAnyRunAnew(record: RolloutRecord, { planRuns }: Caches): boolean {
  return [...record.records()].some(([key, records]) =>
    records.some(({ record: { kind, run, state } }) => {
      if (kind !== 'run-plan' || (state !== 'failed' && state !== 'held')) return false;
      const object = planRuns.get(`${splitKey(key).namespace}/${run ?? ''}`);
      return object !== undefined && stateOf(object) !== state;
    }),
  );
}
