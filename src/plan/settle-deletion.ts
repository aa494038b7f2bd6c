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
  | { readonly kind: 'failed'; readonly message: string; readonly planUid?: string | undefined };

export const CLEANUP_PLAN = 'cleanup';

/**
 * How a delete stands. It is done when the Instance of that uid is gone, and not before: KUDO takes its
 * finalizer away only after a cleanup that is COMPLETE (instance_types_helpers.go:159-179).
 */
export function settleDeletion(
  record: DeleteRecord,
  situation: Pick<InstanceSituation, 'observed' | 'quietMs' | 'cleanup'>,
): Deletion {
  const { observed } = situation;
  const { instanceUid } = record;
  if (!observed || (instanceUid !== undefined && observed.metadata.uid !== instanceUid)) {
    return { kind: 'gone' };
  }
  if (observed.metadata.deletionTimestamp === undefined) return { kind: 'unsent' };
  const cleanup = planStatusOf(observed, CLEANUP_PLAN);
  const running = runningPlan(observed);
  if (cleanup?.status === 'FATAL_ERROR' && !isLaterRun(running, cleanup)) {
    if (isToRunAgain(record, observed)) return { kind: 'unsent' };
    const message = `${failureText(cleanup)}; ${retryText(observed)}; else ${wayOut(observed)}`;
    return { kind: 'failed', message, planUid: cleanup.uid };
  }
  const obstacle = obstacleOf(observed, situation);
  if (obstacle !== undefined) return { kind: 'failed', message: obstacle };
  return { kind: 'under-way', ...progressOf(observed, running) };
}

type DeleteRecord = Pick<ChangeRecord, 'instanceUid' | 'uidBefore'> &
  Partial<Pick<ChangeRecord, 'state' | 'attempt'>>;

/**
 * uid of the cleanup that has failed and is still scheduled; undefined when there is none. It runs once more
 * when it is given another uid, and not by itself.
 */
export function failedCleanup(observed: Instance | undefined): string | undefined {
  if (observed?.metadata.deletionTimestamp === undefined) return undefined;
  const { status, uid } = planStatusOf(observed, CLEANUP_PLAN) ?? {};
  const running = runningPlan(observed);
  const isScheduled = running?.plan === CLEANUP_PLAN && running.uid === uid;
  return status === 'FATAL_ERROR' && isScheduled ? uid : undefined;
}

/** True while another try was asked for, and the run that failed is the one from before it. */
function isToRunAgain(
  { state, attempt = 1, uidBefore }: DeleteRecord,
  observed: Instance,
): boolean {
  const failed = failedCleanup(observed);
  if (state !== 'sending' || attempt === 1 || failed === undefined) return false;
  return uidBefore === undefined || uidBefore === failed;
}

function isLaterRun(
  running: { readonly plan: string; readonly uid: string } | undefined,
  { uid }: PlanStatus,
): boolean {
  return running?.plan === CLEANUP_PLAN && running.uid !== uid;
}

function retryText({ metadata }: Instance): string {
  const { namespace = '', name } = metadata;
  return `mend the cause, then kudo-gitops plan retry ${namespace}/${name}`;
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
