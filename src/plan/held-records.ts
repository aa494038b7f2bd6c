import { describeChange, type Change } from '../model/change.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { DependencyObstacle, InstanceSituation } from './instance-situation.ts';
import { numbersFor } from './record-updates.ts';
import { cut } from './settle-record.ts';

/** The numbers that changes get, and of them those of records that were never sent. */
export interface Numbers {
  readonly numbers: readonly number[];
  readonly free: readonly number[];
}

type Records = readonly (readonly [number, ChangeRecord])[];

/** Nothing is sent: a problem is known before any write, or what went before has failed. */
export function heldRecords(situation: InstanceSituation, { numbers, free }: Numbers): Records {
  const { plan, desiredHash } = situation;
  const [problem] = plan.problems;
  const why = problem
    ? ({ message: cut(problem.message), cause: 'problem' } as const)
    : { message: 'held by the failed change before it' };
  const held = plan.changes.map((change, index): [number, ChangeRecord] => [
    numbers[index] ?? 0,
    { ...plannedRecord(change, situation, 'held'), ...why },
  ]);
  if (!problem || held.length > 0) return held;
  const kind = situation.observed ? 'set-parameters' : 'create';
  const [n = 0] = numbersFor(1, free, situation.records);
  return [[n, { kind, plan: '-', attempt: 1, state: 'held', desiredHash, ...why }]];
}

/** Nothing is sent before the Instances that this one depends on are as they should be. */
export function dependentRecords(
  situation: InstanceSituation,
  { numbers }: Numbers,
  { kind, message }: DependencyObstacle,
): Records {
  return situation.plan.changes.map((change, index) => {
    const planned = plannedRecord(change, situation, 'planned');
    const first = index === 0 ? ({ ...planned, state: 'waiting', message } as const) : planned;
    const held = { ...planned, state: 'held', message, cause: 'dependency' } as const;
    return [numbers[index] ?? 0, kind === 'stops' ? held : first];
  });
}

/** The record of a change that is not sent yet, or about to be. */
export function plannedRecord(
  change: Change,
  { desiredHash }: InstanceSituation,
  state: 'planned' | 'waiting' | 'held' | 'sending',
): ChangeRecord {
  return {
    kind: change.kind,
    plan: change.plan,
    attempt: 1,
    state,
    summary: cut(describeChange(change)),
    desiredHash,
  };
}
