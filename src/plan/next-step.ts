import { planStatusOf, runningPlan } from '../kudo/plan-status.ts';
import type { Change } from '../model/change.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { dependentRecords, heldRecords, plannedRecord, type Numbers } from './held-records.ts';
import {
  SILENCE_MS,
  untilSilence,
  type InstanceSituation,
  type NumberedRecord,
} from './instance-situation.ts';
import { busyWith, obstacleTo, type SendMode } from './obstacle-to.ts';
import { endOfFailure } from './end-of-failure.ts';
import { leftOfTimeout, overdue } from './overdue-plan.ts';
import { maskPlans } from './mask-secrets.ts';
import { masked, numbersFor, withoutNoise } from './record-updates.ts';
import { failedCleanup } from './settle-deletion.ts';
import { settleRecord } from './settle-record.ts';

/** The one thing to do to an Instance now. */
export interface InstanceStep {
  /** Records to store, by number; undefined takes a record away that was never sent. */
  readonly records: ReadonlyMap<number, ChangeRecord | undefined>;
  /** To be written after the records are stored. */
  readonly send?: {
    readonly n: number;
    readonly change: Change | undefined;
    readonly mode: SendMode;
  };
  /** Look again after so long although nothing may happen till then. */
  readonly lookAgainMs?: number | undefined;
}

const UNSENT: ReadonlySet<string> = new Set(['planned', 'waiting', 'held']);

/**
 * Decides the next step of one Instance: settles what was sent, then names at most one change to send.
 * Pure and level-triggered: the same situation always gives the same step.
 */
export function nextStep(situation: InstanceSituation): InstanceStep {
  const { observed, secrets } = situation;
  // Masked before anything is cut: the rest of a value that was cut is not known again.
  const step = decide({
    ...situation,
    observed: observed && maskPlans(observed, secrets),
    children: situation.children.map((child) => maskPlans(child, secrets)),
  });
  const records = new Map(
    [...step.records].map(([n, record]) => [n, record && masked(record, secrets)]),
  );
  return { ...step, records: withoutNoise(records, situation.records) };
}

function decide(situation: InstanceSituation): InstanceStep {
  const records = new Map<number, ChangeRecord | undefined>();
  let waiting = false;
  let resend: NumberedRecord | undefined;
  for (const { n, record } of unsettled(situation)) {
    const now = { ...situation, records: merged(situation, records) };
    const settled = settleRecord({ n, record }, now);
    if (settled.kind === 'lost') return retrigger({ n, record }, situation, records, 1);
    const isRepeat = record.attempt > 1 && situation.observed !== undefined;
    if (settled.kind === 'unsent' && isRepeat) return repeat({ n, record }, situation, records);
    if (settled.kind === 'unsent') resend = { n, record };
    else records.set(n, overdue(settled.record, situation));
    waiting ||= settled.kind === 'record' && isUnsettled(records.get(n));
  }
  settleFailures(situation, records);
  if (isBeingDeleted(merged(situation, records))) {
    // After a silence only news tells more.
    return settledStep(records, situation.quietMs < SILENCE_MS, situation);
  }
  return advance({ ...situation, records: merged(situation, records) }, records, {
    waiting,
    resend,
  });
}

/** Plans that were reported as ones without end and have ended after all, and failures that were made good. */
function settleFailures(situation: InstanceSituation, records: Updates): void {
  for (const one of situation.records) {
    const now = { ...situation, records: merged(situation, records) };
    const late = endOfFailure(one, now);
    if (late) records.set(one.n, late);
  }
}

/** Whatever follows a delete waits until the Instance is gone. */
function isBeingDeleted(records: readonly NumberedRecord[]): boolean {
  return records.some(({ record }) => record.kind === 'delete' && record.state === 'running');
}

/** What was sent first: it tells which of the runs are ours. */
function unsettled({ records, observed }: InstanceSituation): readonly NumberedRecord[] {
  const inState = (state: ChangeRecord['state']): readonly NumberedRecord[] =>
    records.filter(({ record }) => record.state === state);
  // A delete that failed succeeds when a person lets the Instance go.
  const stuck = observed ? [] : inState('failed').filter(({ record }) => record.kind === 'delete');
  return [...inState('sending'), ...inState('running'), ...stuck];
}

const isUnsettled = (record: ChangeRecord | undefined): boolean =>
  record?.state === 'sending' || record?.state === 'running';

function merged(
  { records }: InstanceSituation,
  updates: ReadonlyMap<number, ChangeRecord | undefined>,
): NumberedRecord[] {
  return records.map(({ n, record }) => ({ n, record: updates.get(n) ?? record }));
}

type Updates = Map<number, ChangeRecord | undefined>;

/** A plan that is to run again, and was not written yet; it keeps to the order as a first run does. */
function repeat(one: NumberedRecord, situation: InstanceSituation, records: Updates): InstanceStep {
  const { dependency, now } = situation;
  if (!dependency) return retrigger(one, situation, records, 0);
  const { message } = dependency;
  const isOver = dependency.kind === 'stops';
  records.set(one.n, {
    ...one.record,
    message,
    ...(isOver ? ({ state: 'failed', cause: 'plan', finishedAt: now } as const) : {}),
  });
  return isOver ? { records } : { records, lookAgainMs: SILENCE_MS };
}

/** @param more 1 for another attempt, 0 for one whose write never happened */
function retrigger(
  { n, record }: NumberedRecord,
  situation: InstanceSituation,
  records: Updates,
  more: 0 | 1,
): InstanceStep {
  const failedUid = record.kind === 'delete' ? failedCleanup(situation.observed) : undefined;
  const busy = failedUid === undefined ? busyWith(situation) : undefined;
  if (busy) {
    const message = more === 1 ? `its outcome was lost; ${busy}` : busy;
    records.set(n, { ...record, message });
    return { records, lookAgainMs: untilSilence(situation) };
  }
  records.set(n, {
    ...record,
    state: 'sending',
    attempt: record.attempt + more,
    token: undefined,
    planUid: undefined,
    uidBefore: situation.observed && planStatusOf(situation.observed, record.plan)?.uid,
    startedAt: situation.now,
    message:
      more === 1 ? 'KUDO lost the outcome of its plan, which runs once more' : record.message,
  });
  const mode =
    failedUid === undefined
      ? ({ kind: 'retrigger' } as const)
      : ({ kind: 'clean-again', failedUid } as const);
  return { records, send: { n, change: undefined, mode } };
}

/** What follows when every sent record is settled, or still runs. */
function advance(
  situation: InstanceSituation,
  records: Updates,
  { waiting, resend }: { waiting: boolean; resend: NumberedRecord | undefined },
): InstanceStep {
  const { plan } = situation;
  const unsent = situation.records.filter(({ record }) => UNSENT.has(record.state));
  const free = [...(resend ? [resend.n] : []), ...unsent.map(({ n }) => n)];
  const numbers = numbersFor(plan.changes.length, free, situation.records);
  for (const n of free) records.set(n, undefined);

  const isNext = !resend && (!waiting || plan.changes.some(({ kind }) => kind === 'delete'));
  const kept = keptBack(situation, { numbers, free }, isNext);
  if (kept) return { ...kept, records: new Map([...records, ...kept.records]) };
  plan.changes.forEach((change, index) => {
    records.set(numbers[index] ?? 0, plannedRecord(change, situation, 'planned'));
  });
  const next = nextIndex(situation);
  const [change, n] = [plan.changes[next], numbers[next]];
  if (!change || n === undefined) return settledStep(records, waiting, situation);
  return sendOrWait({ change, n, resend, waiting }, situation, records);
}

/** The records of changes of which none may be sent: for a failure, a problem, or what others have to do first. */
function keptBack(
  situation: InstanceSituation,
  numbers: Numbers,
  isNext: boolean,
): InstanceStep | undefined {
  const { plan, dependency, desiredHash } = situation;
  const isHeld = situation.records.some(({ record }) => holds(record, desiredHash));
  if (isHeld || plan.problems.length > 0) {
    return { records: new Map(heldRecords(situation, numbers)) };
  }
  if (!dependency || !isNext) return undefined;
  const records = new Map(dependentRecords(situation, numbers, dependency));
  const { kind, lookAgainMs = SILENCE_MS } = dependency;
  return { records, lookAgainMs: kind === 'waits' ? lookAgainMs : undefined };
}

/** A failure of what Git still says holds what follows it. */
function holds(record: ChangeRecord, desiredHash: string): boolean {
  const { state, redoneBy } = record;
  return state === 'failed' && redoneBy === undefined && record.desiredHash === desiredHash;
}

function settledStep(
  records: Updates,
  waiting: boolean,
  situation: InstanceSituation,
): InstanceStep {
  if (!waiting) return { records };
  const runs = situation.observed && runningPlan(situation.observed) !== undefined;
  // While a plan runs, only its end and its timeout matter; what KUDO lost shows in its silence.
  if (runs !== true) return { records, lookAgainMs: untilSilence(situation) };
  const left = merged(situation, records).flatMap(
    ({ record }) => leftOfTimeout(record, situation) ?? [],
  );
  return { records, lookAgainMs: left.length > 0 ? Math.min(...left) : undefined };
}

/** The first change; of those that wait for the end of a plan, the one that cures it. */
function nextIndex(situation: InstanceSituation): number {
  if (situation.versionWait === undefined) return 0;
  const { changes } = situation.plan;
  return Math.max(
    0,
    changes.findIndex((change) => isCure(obstacleTo(change, situation))),
  );
}

const isCure = (obstacle: string | SendMode): boolean =>
  typeof obstacle !== 'string' && obstacle.kind === 'cure';

interface Candidate {
  readonly change: Change;
  readonly n: number;
  readonly resend: NumberedRecord | undefined;
  /** True while an earlier change of the Instance is not settled. */
  readonly waiting: boolean;
}

function sendOrWait(
  { change, n, resend, waiting }: Candidate,
  situation: InstanceSituation,
  records: Updates,
): InstanceStep {
  const own = obstacleTo(change, situation);
  const isFree = change.kind === 'delete' || isCure(own);
  const obstacle = isFree ? own : (situation.versionWait ?? own);
  if (waiting && change.kind !== 'delete' && followsOwn(situation, obstacle))
    return settledStep(records, waiting, situation);
  if (typeof obstacle === 'string') {
    const record = plannedRecord(change, situation, 'waiting');
    records.set(n, { ...record, message: obstacle });
    const lookAgainMs = untilSilence(situation);
    return { records, lookAgainMs };
  }
  const before = resend?.n === n ? resend.record : undefined;
  records.set(n, sendingRecord(change, before, situation));
  return { records, send: { n, change, mode: obstacle } };
}

/** The intent, stored before the write; a resend keeps its attempt. */
function sendingRecord(
  change: Change,
  before: ChangeRecord | undefined,
  situation: InstanceSituation,
): ChangeRecord {
  const { observed, now } = situation;
  return {
    ...plannedRecord(change, situation, 'sending'),
    attempt: before?.attempt ?? 1,
    // The first write may be on its way still: under its token it is recognised whenever it lands.
    ...(before?.token === undefined ? {} : { token: before.token }),
    instanceUid: observed?.metadata.uid,
    uidBefore: observed && planStatusOf(observed, change.plan)?.uid,
    startedAt: before?.startedAt ?? now,
  };
}

/** True when the change merely comes after one of the same Rollout; only a cure, or giving it up, goes before its end. */
function followsOwn({ records }: InstanceSituation, obstacle: string | SendMode): boolean {
  if (typeof obstacle !== 'string') return obstacle.kind !== 'cure' && obstacle.kind !== 'abandon';
  return records.some(({ record }) => record.state === 'running' && record.token === undefined);
}
