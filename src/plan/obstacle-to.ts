import type { Instance } from '../kudo/objects.ts';
import { runningPlan } from '../kudo/plan-status.ts';
import { editsOf, type Change } from '../model/change.ts';
import { abandonedBy } from './abandoned-run.ts';
import { SILENCE_MS, type InstanceSituation } from './instance-situation.ts';

/** How a change is written. */
export type SendMode =
  /** A write of an idle Instance, or the POST of a new one. */
  | { readonly kind: 'plain' }
  /** Restarts the run of the same plan that hangs on an older value. */
  | { readonly kind: 'cure'; readonly runningUid: string }
  /** Gives up the run that is under way. */
  | { readonly kind: 'abandon'; readonly runningUid: string }
  /** Runs the plan once more because its outcome was lost; nothing else is written. */
  | { readonly kind: 'retrigger' }
  /** Runs a failed cleanup of an Instance that is being deleted once more. */
  | { readonly kind: 'clean-again'; readonly failedUid: string };

/** Why the change cannot be written now, or how it can. */
export function obstacleTo(change: Change, situation: InstanceSituation): string | SendMode {
  const { observed } = situation;
  // KUDO lets a delete go before whatever runs.
  if (!observed || change.kind === 'delete') return { kind: 'plain' };
  if (observed.metadata.deletionTimestamp !== undefined) return 'the Instance is being deleted';
  const running = runningPlan(observed);
  if (change.kind === 'abandon') return { kind: 'abandon', runningUid: change.run.uid };
  const canCure = change.kind === 'set-parameters' && running?.plan === change.plan;
  if (canCure && mayRestart(running.uid, change, situation))
    return { kind: 'cure', runningUid: running.uid };
  return busyWith(situation) ?? { kind: 'plain' };
}

function isOurs(uid: string, { records }: Pick<InstanceSituation, 'records'>): boolean {
  return records.some(({ record }) => record.planUid === uid);
}

const mayRestart = (uid: string, change: Change, situation: InstanceSituation): boolean =>
  isInherited(uid, situation) || setsBack(change, uid, situation);

/** A value that others changed is set back while the plan that they started with it still runs. */
function setsBack(change: Change, uid: string, situation: InstanceSituation): boolean {
  return !isOurs(uid, situation) && editsOf(change).some(({ isDrift }) => isDrift === true);
}

/** Only a newer revision restarts a run; changes of the same one wait for its end. */
function isInherited(uid: string, { records }: InstanceSituation): boolean {
  return records.some(({ record }) => record.planUid === uid && record.token !== undefined);
}

/** The plan that keeps the Instance from being idle, named for people (design.md §4, Idle). */
export function busyWith(
  situation: Pick<InstanceSituation, 'observed' | 'quietMs' | 'lastRun' | 'records'>,
): string | undefined {
  const { observed, quietMs, lastRun } = situation;
  const running = observed && runningPlan(observed);
  if (running) {
    const whose = isOurs(running.uid, situation) ? '' : ', which others started';
    return `blocked by plan ${running.plan} (${running.uid})${whose}`;
  }
  if (quietMs >= SILENCE_MS || !observed || !lastRun) return undefined;
  const ended = hasEnded(observed, lastRun);
  return ended
    ? undefined
    : `plan ${lastRun.plan} (${lastRun.uid}), whose outcome is still to come`;
}

function hasEnded(observed: Instance, run: { plan: string; uid: string }): boolean {
  if (abandonedBy(observed, run.uid) !== undefined) return true;
  const status = observed.status?.planStatus?.[run.plan];
  if (status?.uid !== run.uid) return false;
  return status.status === 'COMPLETE' || status.status === 'FATAL_ERROR';
}
