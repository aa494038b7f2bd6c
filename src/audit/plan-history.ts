import type { Instance, PlanStatus } from '../kudo/objects.ts';
import { failureText, planStatusOf, runningPlan } from '../kudo/plan-status.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { stateOf, type PlanRun } from '../model/plan-run.ts';
import { oidOf } from '../model/revision.ts';
import type { Rollout, RolloutPart } from '../model/rollout.ts';
import { runsOfInstance, type HistoryRun } from './join-history.ts';

/** How a plan run ended, or stands. `unknown`: nobody kept its outcome. */
export type RunOutcome = 'running' | 'succeeded' | 'failed' | 'restarted' | 'unknown';

/** One execution of a plan of an Instance, and what asked for it. */
export interface RanPlan {
  readonly plan: string;
  readonly uid: string;
  readonly outcome: RunOutcome;
  readonly message?: string | undefined;
  /** Every phase with its steps, or how far it is. */
  readonly progress?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  /** Which try of the same change or PlanRun it was, from 1. */
  readonly attempt?: number | undefined;
  /** The commit that asked for it. */
  readonly commit?: RanFor | undefined;
  /** Name of the Rollout that recorded it. */
  readonly rollout?: string | undefined;
  readonly planRun?: string | undefined;
  /** The PlanSchedule that made the PlanRun. */
  readonly planSchedule?: string | undefined;
  /** Who made the PlanRun on the command line. */
  readonly requestedBy?: string | undefined;
}

/** A commit, as the Rollout that carried it out tells of it. */
export interface RanFor {
  readonly oid: string;
  readonly author: string;
  readonly subject: string;
}

/** Everything that tells of plans of one Instance. */
export interface PlanRecords {
  /** Undefined when it is gone. */
  readonly instance: Instance | undefined;
  readonly rollouts: readonly Rollout[];
  readonly parts: readonly RolloutPart[];
  /** Of the Instance's namespace. */
  readonly planRuns: readonly PlanRun[];
}

/**
 * Every plan run of an Instance that is recorded anywhere, newest first, each once by its uid: what
 * Rollouts and PlanRuns say, and what KUDO keeps itself, which is the last run of each plan, whoever asked.
 */
export function planHistory(key: ObjectKey, records: PlanRecords): readonly RanPlan[] {
  const runs = new Map<string, RanPlan>();
  const commits = commitsOf(records.rollouts);
  for (const run of runsOfInstance(key, records.rollouts, records.parts)) {
    if (run.planUid !== undefined) runs.set(run.planUid, ofRollout(run, run.planUid, commits));
  }
  for (const run of records.planRuns) {
    const uid = run.status?.planUid;
    if (run.spec.instance !== splitKey(key).name || uid === undefined) continue;
    runs.set(uid, ofPlanRun(run, { uid, commits, recorded: runs.get(uid) }));
  }
  const { instance } = records;
  for (const seen of instance ? seenOn(instance) : []) {
    runs.set(seen.uid, asSeen(runs.get(seen.uid), seen));
  }
  return [...runs.values()].toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
}

const timeOf = ({ startedAt, finishedAt }: RanPlan): string => startedAt ?? finishedAt ?? 'now';

type Commits = ReadonlyMap<string, RanFor>;

function commitsOf(rollouts: readonly Rollout[]): Commits {
  return new Map(
    rollouts.map(({ spec }) => {
      const { author, subject } = spec;
      const oid = oidOf(spec.revision);
      return [oid, { oid, author, subject }];
    }),
  );
}

function ofRollout(run: HistoryRun, uid: string, commits: Commits): RanPlan {
  const { plan, message, progress, startedAt, finishedAt, attempt, rollout } = run;
  const commit = commits.get(run.since ?? run.oid) ?? commits.get(run.oid);
  const outcome = OUTCOMES[run.state] ?? 'unknown';
  const said = { message, progress, startedAt, finishedAt, attempt };
  return { plan, uid, outcome, ...said, rollout, commit, planRun: run.run };
}

/** Of states that a run with a uid can be in. */
const OUTCOMES: Readonly<Partial<Record<HistoryRun['state'], RunOutcome>>> = {
  sending: 'running',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  restarted: 'restarted',
};

function ofPlanRun(
  run: PlanRun,
  { uid, commits, recorded }: { uid: string; commits: Commits; recorded: RanPlan | undefined },
): RanPlan {
  const { name } = run.metadata;
  const { message, progress, startedAt, finishedAt, attempt } = run.status ?? {};
  const state = stateOf(run);
  const outcome = state === 'succeeded' || state === 'failed' ? state : 'running';
  const said = { message, progress, startedAt, finishedAt, attempt };
  const { rollout, commit = commitOf(run, commits) } = recorded ?? {};
  const plan = run.status?.plan ?? run.spec.plan;
  return { plan, uid, outcome, ...said, rollout, commit, planRun: name, ...makerOf(run) };
}

function makerOf({ metadata }: PlanRun): Pick<RanPlan, 'planSchedule' | 'requestedBy'> {
  const schedule = metadata.ownerReferences?.find(({ kind }) => kind === 'PlanSchedule');
  const requestedBy = metadata.annotations?.[ANNOTATION.requestedBy];
  return { planSchedule: schedule?.name, requestedBy };
}

function commitOf({ metadata }: PlanRun, commits: Commits): RanFor | undefined {
  const revision = metadata.annotations?.[ANNOTATION.revision];
  return revision === undefined ? undefined : commits.get(oidOf(revision));
}

/** A run as the Instance itself shows it. */
interface Seen {
  readonly plan: string;
  readonly uid: string;
  readonly isScheduled: boolean;
  /** Undefined while KUDO has not begun with it. */
  readonly status: PlanStatus | undefined;
}

function seenOn(instance: Instance): readonly Seen[] {
  const running = runningPlan(instance);
  const kept = Object.entries(instance.status?.planStatus ?? {}).flatMap(([plan, status]) => {
    const { uid = '' } = status;
    if (uid === '' || status.status === 'NEVER_RUN') return [];
    return [{ plan, uid, isScheduled: running?.uid === uid, status }];
  });
  if (!running || kept.some(({ uid }) => uid === running.uid)) return kept;
  const status = planStatusOf(instance, running.plan);
  const isBegun = status?.uid === running.uid;
  return [...kept, { ...running, isScheduled: true, status: isBegun ? status : undefined }];
}

/**
 * What was recorded is kept, apart from an end that nobody has recorded yet, and one that was reported too
 * early.
 */
function asSeen(recorded: RanPlan | undefined, { plan, uid, isScheduled, status }: Seen): RanPlan {
  const run = recorded ?? { plan, uid, outcome: 'running' };
  const end = endOf(status);
  if (end) return recorded && recorded.outcome !== 'running' ? recorded : { ...run, ...end };
  if (isScheduled) return { ...run, outcome: 'running', finishedAt: undefined };
  return recorded ?? { plan, uid, outcome: 'unknown' };
}

function endOf(
  status: PlanStatus | undefined,
): Pick<RanPlan, 'outcome' | 'message' | 'finishedAt'> | undefined {
  const finishedAt = status?.lastUpdatedTimestamp ?? undefined;
  if (status?.status === 'COMPLETE')
    return { outcome: 'succeeded', finishedAt, message: undefined };
  if (status?.status !== 'FATAL_ERROR') return undefined;
  return { outcome: 'failed', finishedAt, message: failureText(status) };
}
