import {
  type CronTimes,
  cronProblem,
  isTimeZone,
  latestTime,
  nextTime,
} from '../lib/cron-times.ts';
import { hasEnded, stateOf, type PlanRun } from '../model/plan-run.ts';
import type { PlanSchedule, PlanScheduleSpec, PlanScheduleStatus } from '../model/plan-schedule.ts';

/** All that decides what happens next to one PlanSchedule. */
export interface ScheduleSituation {
  readonly schedule: PlanSchedule;
  readonly spec: PlanScheduleSpec;
  /** Those that it made. */
  readonly runs: readonly PlanRun[];
  /** Epoch ms. */
  readonly nowMs: number;
}

/** What is to be done about a PlanSchedule now. */
export interface ScheduleStep {
  /** Name of the PlanRun to make; undefined when none is due. */
  readonly create?: string | undefined;
  /** Beyond the history limits. */
  readonly remove: readonly PlanRun[];
  /** To be stored after the PlanRun is made. */
  readonly status: PlanScheduleStatus;
  readonly lookAgainMs?: number | undefined;
}

/** Timers are not to sleep through a change of the clock. */
const LONGEST_SLEEP_MS = 6 * 3_600_000;

/**
 * Decides as a CronJob does. Of several missed times only the last is made up for, within the starting
 * deadline. A run under way is never replaced: KUDO cannot stop a plan, so Allow lets the new run wait for
 * its turn and Forbid leaves it out.
 */
export function scheduleStep(situation: ScheduleSituation): ScheduleStep {
  const { schedule, spec, runs, nowMs } = situation;
  const { status: before = {} } = schedule;
  const remove = beyondHistory(situation);
  const known = { ...before, ...activeOf(runs), ...lastSuccess(before, runs) };
  const idle = { ...known, nextScheduleTime: undefined };
  const problem = cronProblem(spec.schedule) ?? zoneProblem(spec.timeZone);
  if (problem !== undefined) return { remove, status: { ...idle, message: problem } };
  if (spec.suspend) return { remove, status: idle };

  const nextMs = nextTime(timesOf(spec), nowMs) ?? Infinity;
  const nextScheduleTime = nextMs === Infinity ? undefined : timeText(nextMs);
  const lookAgainMs = Math.min(nextMs - nowMs, LONGEST_SLEEP_MS);
  const due = dueStep(situation);
  const active = due.create === undefined ? known.active : [...(known.active ?? []), due.create];
  return {
    create: due.create,
    remove,
    status: { ...known, nextScheduleTime, ...due.status, active: active?.toSorted() },
    lookAgainMs,
  };
}

const timesOf = ({ schedule, timeZone }: PlanScheduleSpec): CronTimes => ({
  expression: schedule,
  timeZone,
});

/** The time that has come since the last one, and what becomes of it. */
function dueStep(situation: ScheduleSituation): {
  readonly create?: string | undefined;
  readonly status: PlanScheduleStatus;
} {
  const { schedule, spec, nowMs } = situation;
  const { name, creationTimestamp = '' } = schedule.metadata;
  const sinceMs = Date.parse(schedule.status?.lastScheduleTime ?? creationTimestamp);
  if (Number.isNaN(sinceMs)) return { status: {} };
  const dueMs = latestTime(timesOf(spec), sinceMs, nowMs);
  if (dueMs === undefined) return { status: {} };
  const lastScheduleTime = timeText(dueMs);
  const why = whyLeftOut(situation, dueMs);
  if (why !== undefined) {
    return { status: { lastScheduleTime, message: `${lastScheduleTime} was left out: ${why}` } };
  }
  const firstMs = nextTime(timesOf(spec), sinceMs) ?? dueMs;
  const message =
    firstMs === dueMs
      ? undefined
      : `times from ${timeText(firstMs)} on were missed; the last of them, ${lastScheduleTime}, is made up for`;
  return { create: runName(name, dueMs), status: { lastScheduleTime, message } };
}

/** `<schedule>-20261122t0300z`: the scheduled time in UTC makes the name, so that none is made twice. */
export function runName(schedule: string, timeMs: number): string {
  const [day = '', time = ''] = timeText(timeMs).split('T');
  return `${schedule}-${day.replaceAll('-', '')}t${time.slice(0, 5).replace(':', '')}z`;
}

function whyLeftOut({ spec, runs, nowMs }: ScheduleSituation, dueMs: number): string | undefined {
  const { startingDeadlineSeconds: deadline, concurrencyPolicy } = spec;
  const lateS = Math.floor((nowMs - dueMs) / 1000);
  if (deadline !== undefined && lateS > deadline) {
    return `${String(lateS)} s late, and startingDeadlineSeconds is ${String(deadline)}`;
  }
  const active = runs.find((run) => !hasEnded(run));
  if (concurrencyPolicy === 'Allow' || !active) return undefined;
  return `PlanRun ${active.metadata.name} had not ended, and concurrencyPolicy is Forbid`;
}

function zoneProblem(timeZone: string): string | undefined {
  return isTimeZone(timeZone) ? undefined : `there is no time zone ${JSON.stringify(timeZone)}`;
}

function activeOf(runs: readonly PlanRun[]): Pick<PlanScheduleStatus, 'active'> {
  const active = runs.filter((run) => !hasEnded(run)).map(({ metadata }) => metadata.name);
  return { active: active.length === 0 ? undefined : active.toSorted() };
}

function lastSuccess(
  { lastSuccessfulTime }: PlanScheduleStatus,
  runs: readonly PlanRun[],
): Pick<PlanScheduleStatus, 'lastSuccessfulTime'> {
  const ends = runs
    .filter((run) => stateOf(run) === 'succeeded')
    .map(({ status }) => `${(status?.finishedAt ?? '').slice(0, 19)}Z`);
  return { lastSuccessfulTime: [lastSuccessfulTime ?? '', ...ends].toSorted().at(-1) || undefined };
}

/** The oldest first; what has not ended stays. */
function beyondHistory({ spec, runs }: ScheduleSituation): readonly PlanRun[] {
  const byAge = runs.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const ended = byAge.filter((run) => hasEnded(run));
  const good = ended.filter((run) => stateOf(run) === 'succeeded');
  const bad = ended.filter((run) => stateOf(run) !== 'succeeded');
  return [
    ...good.slice(0, Math.max(0, good.length - spec.successfulRunsHistoryLimit)),
    ...bad.slice(0, Math.max(0, bad.length - spec.failedRunsHistoryLimit)),
  ];
}

/** Whole seconds, as Kubernetes writes times. */
const timeText = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
