import type { Instance, PlanStatus } from '../kudo/objects.ts';
import {
  describePhases,
  describePlanStatus,
  failureText,
  isAllComplete,
  lastRunStatus,
  planStatusOf,
  runningPlan,
} from '../kudo/plan-status.ts';
import { parseToken, tokenId } from '../model/change-token.ts';
import { isMetadataKind } from '../model/change.ts';
import { ANNOTATION } from '../model/names.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { abandonedBy } from './abandoned-run.ts';
import { SILENCE_MS, type InstanceSituation, type NumberedRecord } from './instance-situation.ts';
import { settleDeletion } from './settle-deletion.ts';
import { isMetadataWritten } from './settle-metadata.ts';

/** What became of a record that was being sent or whose plan ran. */
export type Settled =
  /** The record as it is now; the same object when nothing changed. */
  | { readonly kind: 'record'; readonly record: ChangeRecord }
  /** The write never happened: it may be sent (again). */
  | { readonly kind: 'unsent' }
  /** The plan's outcome is lost (kudo.md §8.4): its plan must run once more. */
  | { readonly kind: 'lost' };

/** Derives the present state of a `sending` or `running` record from the Instance alone. */
export function settleRecord({ n, record }: NumberedRecord, situation: InstanceSituation): Settled {
  if (record.kind === 'delete') return settleDelete(record, situation);
  if (isMetadataKind(record.kind)) {
    if (!isMetadataWritten({ n, record }, situation)) return { kind: 'unsent' };
    return { kind: 'record', record: finish(record, situation, 'succeeded') };
  }
  if (isCutShort(record, situation)) {
    const message = 'cut short by the deletion of the Instance';
    const cutShort = { ...record, message, progress: undefined, finishedAt: situation.now };
    return { kind: 'record', record: { ...cutShort, state: 'restarted' } };
  }
  const observed = sameInstance(record, situation.observed);
  if (record.state === 'sending') {
    return settleSending({ n, record }, { ...situation, observed });
  }
  if (!observed) return ended(record, situation, 'the Instance was deleted while its plan ran');
  return settleRunning(record, observed, situation);
}

function settleDelete(record: ChangeRecord, situation: InstanceSituation): Settled {
  const deletion = settleDeletion(record, situation);
  switch (deletion.kind) {
    case 'gone': {
      const { lastRun } = situation;
      const seen = lastRun?.plan === record.plan ? lastRun.uid : undefined;
      const gone = { ...record, planUid: record.planUid ?? seen };
      return { kind: 'record', record: finish(gone, situation, 'succeeded') };
    }
    case 'failed':
      return ended(withUidOf(deletion, record), situation, deletion.message);
    case 'unsent':
      // Once it was accepted it will show.
      return record.state === 'sending' ? { kind: 'unsent' } : { kind: 'record', record };
    case 'under-way': {
      const { progress } = deletion;
      const running = { ...withUidOf(deletion, record), state: 'running', progress } as const;
      return { kind: 'record', record: running };
    }
  }
}

function withUidOf(
  { planUid }: { readonly planUid?: string | undefined },
  record: ChangeRecord,
): ChangeRecord {
  return { ...record, planUid: planUid ?? record.planUid };
}

/** KUDO lets the cleanup take the place of whatever runs. */
function isCutShort(
  { instanceUid }: ChangeRecord,
  { observed, records }: InstanceSituation,
): boolean {
  if (instanceUid === undefined) return false;
  const isGone = observed?.metadata.uid !== instanceUid;
  if (!isGone && observed.metadata.deletionTimestamp === undefined) return false;
  return records.some(
    ({ record }) => record.kind === 'delete' && record.instanceUid === instanceUid,
  );
}

/** Undefined when another Instance has taken the name since the change was sent. */
function sameInstance(
  { instanceUid }: ChangeRecord,
  observed: Instance | undefined,
): Instance | undefined {
  const isOther = instanceUid !== undefined && observed?.metadata.uid !== instanceUid;
  return isOther ? undefined : observed;
}

function settleSending({ n, record }: NumberedRecord, situation: InstanceSituation): Settled {
  const { observed, rolloutUid } = situation;
  if (!observed) {
    if (record.kind === 'create') return { kind: 'unsent' };
    return ended(record, situation, 'the Instance was deleted before the change was written');
  }
  const id = record.token ?? tokenId(rolloutUid, n, record.attempt);
  const token = parseToken(observed.metadata.annotations?.[ANNOTATION.change]);
  if (token?.id !== id) return { kind: 'unsent' };
  if (record.plan === '-')
    return { kind: 'record', record: finish(record, situation, 'succeeded') };

  const planUid = startedRun(observed, record);
  if (planUid === undefined) return silence(record, situation);
  const instanceUid = observed.metadata.uid;
  return { kind: 'record', record: { ...record, state: 'running', planUid, instanceUid } };
}

/** The uid of the run that our own write started (design.md §4, the Instance as intent log). */
function startedRun(observed: Instance, record: ChangeRecord): string | undefined {
  const running = runningPlan(observed);
  if (running?.plan === record.plan) return running.uid;
  const uid = planStatusOf(observed, record.plan)?.uid;
  return uid && uid !== record.uidBefore ? uid : undefined;
}

function settleRunning(
  record: ChangeRecord,
  observed: Instance,
  situation: InstanceSituation,
): Settled {
  const status = planStatusOf(observed, record.plan);
  const end = endOf(record, status, situation);
  if (end) return end;
  const by = givenUpBy(record, observed);
  if (by !== undefined) {
    return ended(record, situation, `plan ${record.plan} was given up by ${by}`);
  }
  const running = runningPlan(observed);
  if (running) return settleExecution(record, running, observed, situation);
  if (status?.uid === record.planUid && status && isAllComplete(status)) {
    return settleComplete(record, situation);
  }
  const laterRun = laterRunOf(record, status);
  if (laterRun === undefined) return silence(record, situation);
  return settleRunning(adopt(record, laterRun), observed, situation);
}

/** What KUDO said of this very run, if it has ended. */
function endOf(
  record: ChangeRecord,
  status: PlanStatus | undefined,
  situation: InstanceSituation,
): Settled | undefined {
  if (!status || status.uid !== record.planUid) return undefined;
  if (status.status === 'COMPLETE') return settleComplete(record, situation);
  if (status.status !== 'FATAL_ERROR') return undefined;
  return ended(record, situation, failureText(status));
}

/** Who gave its run up, once KUDO has let go of it. */
function givenUpBy({ planUid }: ChangeRecord, observed: Instance): string | undefined {
  return runningPlan(observed)?.uid === planUid ? undefined : abandonedBy(observed, planUid);
}

/** The run of the same plan that took the place of ours and has ended by now. */
function laterRunOf(record: ChangeRecord, status: PlanStatus | undefined): string | undefined {
  const uid = status?.uid;
  if (!uid || uid === record.planUid || uid === record.uidBefore) return undefined;
  return uid;
}

/** A plan is scheduled: ours, ours restarted by somebody, or another one. */
function settleExecution(
  record: ChangeRecord,
  { plan, uid }: { readonly plan: string; readonly uid: string },
  observed: Instance,
  situation: InstanceSituation,
): Settled {
  if (plan !== record.plan) return { kind: 'lost' };
  if (uid === record.planUid) {
    const progress = describePlanStatus(observed, record.plan, uid);
    return unchangedOr(record, { ...record, progress });
  }
  const isOurs = situation.records.some((other) => other.record.planUid === uid);
  if (!isOurs) return { kind: 'record', record: adopt(record, uid) };
  const message = `restarted as ${uid}`;
  const restarted = { ...record, message, progress: undefined, finishedAt: situation.now };
  return { kind: 'record', record: { ...restarted, state: 'restarted' } };
}

/** Somebody ran the same plan again: that run carries our parameters too, so its end is ours. */
function adopt(record: ChangeRecord, planUid: string): ChangeRecord {
  return { ...record, planUid, message: `restarted by others as ${planUid}` };
}

/** COMPLETE counts only when every descendant's last plan did (kudo.md §5.3). */
function settleComplete(record: ChangeRecord, situation: InstanceSituation): Settled {
  for (const child of situation.children) {
    const name = `child ${child.metadata.name}`;
    const running = runningPlan(child);
    if (running) {
      return unchangedOr(record, { ...record, progress: `${name}: ${running.plan} runs` });
    }
    const last = lastRunStatus(child);
    if (!last || last.status === 'COMPLETE' || isAllComplete(last)) continue;
    if (last.status === 'FATAL_ERROR') {
      return ended(record, situation, `${name}: ${failureText(last)}`);
    }
    if ((situation.childrenQuietMs ?? 0) < SILENCE_MS) {
      const progress = `${name}: the outcome of ${last.name} is still to come`;
      return unchangedOr(record, { ...record, progress });
    }
    return ended(record, situation, `${name}: KUDO lost the outcome of its plan ${last.name}`);
  }
  return { kind: 'record', record: finish(record, situation, 'succeeded') };
}

/** How often a plan is run once more because KUDO lost its outcome. */
const MAX_ATTEMPTS = 3;

function silence(record: ChangeRecord, situation: InstanceSituation): Settled {
  if (situation.quietMs < SILENCE_MS) return { kind: 'record', record };
  const lost = record.attempt - (record.retries ?? 0);
  if (lost < MAX_ATTEMPTS) return { kind: 'lost' };
  return ended(record, situation, `outcome unknown: KUDO lost it ${String(lost)} times`);
}

function ended(record: ChangeRecord, situation: InstanceSituation, message: string): Settled {
  const failed = finish({ ...record, message: cut(message), cause: 'plan' }, situation, 'failed');
  return { kind: 'record', record: failed };
}

/** A plan that ended leaves its phases and steps in `progress`: KUDO keeps only the last run of a plan. */
function finish(
  record: ChangeRecord,
  { now, observed }: InstanceSituation,
  state: 'succeeded' | 'failed',
): ChangeRecord {
  const status = observed && planStatusOf(observed, record.plan);
  const isThisRun = status !== undefined && status.uid === record.planUid;
  const progress = isThisRun ? cut(describePhases(status)) : undefined;
  return { ...record, state, progress, finishedAt: now };
}

function unchangedOr(before: ChangeRecord, after: ChangeRecord): Settled {
  return { kind: 'record', record: before.progress === after.progress ? before : after };
}

/** At most 512 bytes, cut between characters. */
export function cut(text: string): string {
  const LIMIT = 512;
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > LIMIT - 3) return `${kept}…`;
    kept += character;
  }
  return kept;
}
