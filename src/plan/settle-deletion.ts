import { CLEANUP_FINALIZER, type Instance, type PlanStatus } from '../kudo/objects.ts';
import { describePlanStatus, failureText, planStatusOf, runningPlan } from '../kudo/plan-status.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { SILENCE_MS, type InstanceSituation } from './instance-situation.ts';

/** What became of a delete: how it goes on, or why it does not. */
export type Deletion =
  /** The Instance of that uid is gone. */
  | { readonly kind: 'gone' }
  /** The API server has not been told. */
  | { readonly kind: 'unsent' }
  /** Marked as being deleted; `planUid` is that of the cleanup run once there is one. */
  | {
      readonly kind: 'under-way';
      readonly progress: string | undefined;
      readonly planUid: string | undefined;
    }
  | { readonly kind: 'failed'; readonly message: string };

export const CLEANUP_PLAN = 'cleanup';

/**
 * How a delete stands. It is done when the Instance of that uid is gone, and not before: KUDO takes its
 * finalizer away only after a cleanup that is COMPLETE (instance_types_helpers.go:159-179).
 */
export function settleDeletion(
  { instanceUid }: Pick<ChangeRecord, 'instanceUid'>,
  situation: Pick<InstanceSituation, 'observed' | 'quietMs' | 'cleanup'>,
): Deletion {
  const { observed } = situation;
  if (!observed || (instanceUid !== undefined && observed.metadata.uid !== instanceUid)) {
    return { kind: 'gone' };
  }
  if (observed.metadata.deletionTimestamp === undefined) return { kind: 'unsent' };
  const cleanup = planStatusOf(observed, CLEANUP_PLAN);
  const running = runningPlan(observed);
  if (cleanup?.status === 'FATAL_ERROR' && !isLaterRun(running, cleanup)) {
    return { kind: 'failed', message: `${failureText(cleanup)}; ${wayOut(observed)}` };
  }
  const obstacle = obstacleOf(observed, situation);
  if (obstacle !== undefined) return { kind: 'failed', message: obstacle };
  return { kind: 'under-way', ...progressOf(observed, running) };
}

function isLaterRun(
  running: { readonly plan: string; readonly uid: string } | undefined,
  { uid }: PlanStatus,
): boolean {
  return running?.plan === CLEANUP_PLAN && running.uid !== uid;
}

/** KUDO never tries a cleanup again by itself, and knows no other way to end one. */
function wayOut({ metadata }: Instance): string {
  const { namespace = '', name } = metadata;
  return `KUDO keeps ${namespace}/${name} until somebody takes its finalizer ${CLEANUP_FINALIZER} away`;
}

/** What keeps an Instance for good although no plan runs; silence tells it from what takes a moment. */
function obstacleOf(
  observed: Instance,
  { quietMs, cleanup }: Pick<InstanceSituation, 'quietMs' | 'cleanup'>,
): string | undefined {
  const isHeld = observed.metadata.finalizers?.includes(CLEANUP_FINALIZER) === true;
  if (!isHeld || quietMs < SILENCE_MS) return undefined;
  const version = `OperatorVersion ${versionOf(observed)}`;
  if (cleanup === 'no-version') {
    return `${version} is gone, so KUDO cannot run the cleanup; ${wayOut(observed)}`;
  }
  const isKept = planStatusOf(observed, CLEANUP_PLAN)?.status === 'NEVER_RUN';
  if (cleanup !== 'no-plan' || !isKept) return undefined;
  return `${version} has no plan cleanup any more; ${wayOut(observed)}`;
}

const versionOf = ({ spec }: Instance): string => spec?.operatorVersion?.name ?? '';

function progressOf(
  observed: Instance,
  running: { readonly plan: string; readonly uid: string } | undefined,
): { progress: string | undefined; planUid: string | undefined } {
  if (running?.plan === CLEANUP_PLAN) {
    const progress = describePlanStatus(observed, CLEANUP_PLAN, running.uid);
    return { progress, planUid: running.uid };
  }
  const cleanup = planStatusOf(observed, CLEANUP_PLAN);
  const others = (observed.metadata.finalizers ?? []).filter((one) => one !== CLEANUP_FINALIZER);
  const waits =
    others.length > 0 ? `being deleted, held by finalizer ${others.join(', ')}` : undefined;
  const planUid = cleanup?.status === 'COMPLETE' ? cleanup.uid : undefined;
  return { progress: waits ?? 'being deleted', planUid };
}
