import { splitKey } from '../model/kube-object.ts';
import { stateOf } from '../model/plan-run.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import { changesAmong } from '../plan/run-records.ts';
import type { Caches } from './cluster-view.ts';
import { dependencyOf } from './dependency-of.ts';
import { PACKAGE_PROBLEM } from '../desired/read-pins.ts';
import type { Problem } from '../model/problem.ts';
import { problemText } from './advance-rollout.ts';
import { planOne } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { SyncSettings } from './sync-settings.ts';

const heldBy = (records: readonly NumberedRecord[]): ChangeRecord['cause'] =>
  changesAmong(records).find(({ record: { state } }) => state === 'held')?.record.cause;

/** A PlanRun that had failed goes on: somebody asked for another attempt. */
function isAnyRunAnew(record: RolloutRecord, { planRuns }: Caches): boolean {
  return [...record.records()].some(([key, records]) =>
    records.some(({ record: { kind, run, state } }) => {
      if (kind !== 'run-plan' || (state !== 'failed' && state !== 'held')) return false;
      const object = planRuns.get(`${splitKey(key).namespace}/${run ?? ''}`);
      return object !== undefined && stateOf(object) !== state;
    }),
  );
}

/**
 * True when a failed Rollout is to be tried again without a new commit: a problem that held an Instance,
 * such as a missing OperatorVersion, is gone, or an Instance of others that it depends on is well again. A
 * failed plan is none: only a commit or a retry helps it.
 */
export function needsAnotherAttempt(
  record: RolloutRecord,
  revision: RevisionState,
  settings: SyncSettings,
  { view }: ReconcileContext,
): boolean {
  if (record.fields.phase !== 'failed') return false;
  if (isLoadedNow(record, revision) || isAnyRunAnew(record, view.caches)) return true;
  for (const [key, records] of record.records()) {
    const held = heldBy(records);
    const instance = revision.desired.instances.get(key);
    if (!instance) continue;
    if (held === 'dependency' && !dependencyOf(instance, { revision, record }, view)) return true;
    if (held !== 'problem') continue;
    if (planOne(instance, revision, view.caches, settings.uid).problems.length === 0) return true;
  }
  return false;
}

/** Of one commit and one Sync, only what lives elsewhere may be there the next time. */
function isLoadedNow({ fields }: RolloutRecord, { desired }: RevisionState): boolean {
  const missing = (fields.problems ?? []).filter((text) => PACKAGE_PROBLEM.test(text));
  if (missing.length === 0) return false;
  const now = new Set(desired.problems.map(problemText));
  return missing.some((text) => !now.has(text)) && !desired.problems.some(isMissingPackage);
}

const isMissingPackage = ({ id }: Problem): boolean => id === 'package-not-loaded';
