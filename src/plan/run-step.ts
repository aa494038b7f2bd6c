import type { Instance } from '../kudo/objects.ts';
import { planStatusOf } from '../kudo/plan-status.ts';
import { ANNOTATION } from '../model/names.ts';
import {
  hasEnded,
  isLeftRunning,
  stateOf,
  type PlanRun,
  type PlanRunStatus,
} from '../model/plan-run.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { untilSilence, type InstanceSituation } from './instance-situation.ts';
import { maskPlans } from './mask-secrets.ts';
import { busyWith } from './obstacle-to.ts';
import { lateEnd, leftOfTimeout, overdue } from './overdue-plan.ts';
import { SKIPPED_AT_FIRST } from './plan-runs.ts';
import { masked } from './record-updates.ts';
import { settleRecord } from './settle-record.ts';

/** Why a PlanRun may not start now. */
export interface RunObstacle {
  /** `waits` for what is under way, `stops` until somebody does something, `gone` for good. */
  readonly kind: 'waits' | 'stops' | 'gone';
  readonly message: string;
}

/** All that decides what happens next to one PlanRun. */
export interface RunSituation extends Pick<
  InstanceSituation,
  | 'observed'
  | 'children'
  | 'childrenQuietMs'
  | 'quietMs'
  | 'lastRun'
  | 'planTimeout'
  | 'secrets'
  | 'now'
> {
  readonly run: PlanRun;
  readonly obstacle: RunObstacle | undefined;
}

/** The one thing to do about a PlanRun now. */
export interface RunStep {
  /** To be stored; undefined when it says what is stored already. */
  readonly status?: PlanRunStatus | undefined;
  /** To be written to the Instance after the status is stored. */
  readonly send?: { readonly observed: Instance } | undefined;
  /** Look again after so long although nothing may happen till then. */
  readonly lookAgainMs?: number | undefined;
}

/**
 * Decides the next step of one PlanRun by the same protocol as changes (design.md §4), under the token
 * `<PlanRun uid>/0/<attempt>`. It differs in one thing: a run whose outcome is lost is not repeated.
 */
export function runStep(situation: RunSituation): RunStep {
  const { run } = situation;
  const state = stateOf(run);
  if (isLeftRunning(run)) return settleLate(run, situation);
  if (hasEnded(run)) return isToRetry(run) ? start(nextAttempt(run), situation) : {};
  if (run.metadata.annotations?.[ANNOTATION.skip] !== undefined) {
    return ended(situation, 'skipped', SKIPPED_AT_FIRST);
  }
  if (state !== 'sending' && state !== 'running') return start(run.status ?? {}, situation);
  return settle(run, situation);
}

/**
 * True when the failed attempt is the one after which another was asked for: `<attempt> <by what>`. One
 * whose plan still runs is not tried again.
 */
export function isToRetry(run: PlanRun): boolean {
  const { metadata, status } = run;
  if (isLeftRunning(run)) return false;
  const [asked] = (metadata.annotations?.[ANNOTATION.retry] ?? '').split(' ');
  return status?.state === 'failed' && asked === String(status.attempt ?? 1);
}

function nextAttempt({ status }: PlanRun): PlanRunStatus {
  return { state: 'waiting', attempt: (status?.attempt ?? 1) + 1 };
}

function settle(run: PlanRun, situation: RunSituation): RunStep {
  const record = recordOf(run);
  const settled = settleRecord({ n: 0, record }, asInstanceSituation(record, situation));
  if (settled.kind === 'unsent') return start(run.status ?? {}, situation);
  if (settled.kind === 'lost') return ended(situation, 'failed', LOST);
  const now = masked(overdue(settled.record, situation), situation.secrets);
  const leftMs = leftOfTimeout(now, situation) ?? Infinity;
  return {
    status: changed(run, statusOf(now)),
    ...(isOpen(now) ? { lookAgainMs: Math.min(untilSilence(situation), leftMs) } : {}),
  };
}

/** What was reported as a plan without end ends as KUDO says after all. */
function settleLate(run: PlanRun, situation: RunSituation): RunStep {
  const record = recordOf(run);
  const end = lateEnd({ n: 0, record }, asInstanceSituation(record, situation));
  return end ? { status: changed(run, statusOf(masked(end, situation.secrets))) } : {};
}

const LOST =
  'outcome unknown: KUDO lost it; look at what the plan does, then run it anew under another name';

const isOpen = ({ state }: ChangeRecord): boolean => state === 'sending' || state === 'running';

function start(status: PlanRunStatus, situation: RunSituation): RunStep {
  const { observed, obstacle } = situation;
  if (obstacle?.kind === 'gone') return ended(situation, 'skipped', obstacle.message);
  if (obstacle) return { status: unsent(status, obstacle, situation) };
  if (!observed) return later(status, 'there is no such Instance', situation);
  const busy = busyText(observed, situation);
  return busy === undefined ? send(status, observed, situation) : later(status, busy, situation);
}

function later(status: PlanRunStatus, message: string, situation: RunSituation): RunStep {
  const lookAgainMs = untilSilence(situation);
  return { status: unsent(status, { kind: 'waits', message }, situation), lookAgainMs };
}

/** The intent; one that is sent again keeps its attempt. */
function send(status: PlanRunStatus, observed: Instance, { run, now }: RunSituation): RunStep {
  const { plan } = run.spec;
  return {
    status: {
      state: 'sending',
      attempt: status.attempt ?? 1,
      plan,
      instanceUid: observed.metadata.uid,
      uidBefore: planStatusOf(observed, plan)?.uid,
      startedAt: status.startedAt ?? now,
    },
    send: { observed },
  };
}

function busyText(observed: Instance, situation: RunSituation): string | undefined {
  if (observed.metadata.deletionTimestamp !== undefined) return 'the Instance is being deleted';
  return busyWith(asInstanceSituation(recordOf(situation.run), situation));
}

/** What was recorded as an intent stays one: its write may still be on its way. */
function unsent(
  status: PlanRunStatus,
  { kind, message }: RunObstacle,
  { run }: RunSituation,
): PlanRunStatus | undefined {
  if (status.state === 'sending') return changed(run, { ...status, message });
  const state = kind === 'stops' ? 'held' : 'waiting';
  return changed(run, { state, attempt: status.attempt ?? 1, message });
}

function ended({ run, now }: RunSituation, state: 'failed' | 'skipped', message: string): RunStep {
  return { status: { ...run.status, state, message, finishedAt: now } };
}

/** A PlanRun as a Rollout's records have it. */
export function recordOf(run: PlanRun): ChangeRecord {
  const { state: _, ...status } = run.status ?? {};
  const state = stateOf(run);
  return {
    ...status,
    kind: 'run-plan',
    plan: status.plan ?? run.spec.plan,
    attempt: status.attempt ?? 1,
    state: state === 'skipped' ? 'held' : state,
  };
}

function statusOf(record: ChangeRecord): PlanRunStatus {
  const { plan, attempt, message, progress, instanceUid, planUid, uidBefore } = record;
  const { startedAt, finishedAt } = record;
  const state = record.state as PlanRunStatus['state'];
  const cause = record.cause === 'timeout' ? record.cause : undefined;
  const said = { cause, message, progress, instanceUid, planUid, uidBefore, startedAt, finishedAt };
  return { state, plan, attempt, ...said };
}

function asInstanceSituation(record: ChangeRecord, situation: RunSituation): InstanceSituation {
  const { run, obstacle: _, observed, secrets, ...rest } = situation;
  const key = `${run.metadata.namespace ?? ''}/${run.spec.instance}` as const;
  return {
    ...rest,
    secrets,
    // Masked before anything is cut.
    observed: observed && maskPlans(observed, secrets),
    children: situation.children.map((child) => maskPlans(child, secrets)),
    plan: { key, changes: [], problems: [], notes: [] },
    records: [{ n: 0, record }],
    rolloutUid: run.metadata.uid ?? '',
    desiredHash: '',
  };
}

/** Undefined when it says what is stored already. */
function changed({ status }: PlanRun, next: PlanRunStatus): PlanRunStatus | undefined {
  return textOf(status ?? {}) === textOf(next) ? undefined : next;
}

function textOf(status: PlanRunStatus): string {
  const said = Object.entries(status).filter(([, value]) => value !== undefined);
  return JSON.stringify(said.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
