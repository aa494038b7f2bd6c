import { oidOf } from '../model/revision.ts';
import { ANNOTATION } from '../model/names.ts';
import { stateOf, type PlanRun } from '../model/plan-run.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { NumberedRecord } from './instance-situation.ts';
import { isToRetry, recordOf } from './run-step.ts';

/** Copies of PlanRuns count from here, so that their numbers are never those of changes. */
export const FIRST_RUN_NUMBER = 1_000;

/** The changes of an Instance: its records without the copies of PlanRuns. */
export function changesAmong(records: readonly NumberedRecord[]): readonly NumberedRecord[] {
  return records.filter(({ record }) => record.kind !== 'run-plan');
}

/**
 * What a Rollout records of a PlanRun: a copy of what the PlanRun says of itself. A failure of an earlier
 * revision stands since then.
 */
export function copyOf(run: PlanRun, oid: string): ChangeRecord {
  const { when = 'after' } = run.spec;
  const revision = run.metadata.annotations?.[ANNOTATION.revision];
  const since = revision === undefined ? oid : oidOf(revision);
  const isOld = stateOf(run) === 'failed' && !isToRetry(run) && since !== oid;
  return {
    ...recordOf(run),
    ...(isToRetry(run) ? ({ state: 'waiting' } as const) : {}),
    run: run.metadata.name,
    summary: `run plan ${run.spec.plan}, as PlanRun ${run.metadata.name} says (${when} other changes)`,
    ...(isOld ? { since } : {}),
  };
}

/** The copy of the PlanRun `name` among the records of its Instance, and the number for a new one. */
export function placeOfRun(
  name: string,
  records: readonly NumberedRecord[],
): { readonly n: number; readonly before: ChangeRecord | undefined } {
  const known = records.find(({ record }) => record.kind === 'run-plan' && record.run === name);
  const highest = Math.max(FIRST_RUN_NUMBER - 1, ...records.map(({ n }) => n));
  return { n: known?.n ?? highest + 1, before: known?.record };
}
