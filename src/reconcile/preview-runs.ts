import type { DesiredPlanRun, DesiredPlanSchedule } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { planRun, type PlannedRun } from '../plan/plan-runs.ts';
import { planSchedule } from '../plan/plan-schedules.ts';
import type { Caches } from './cluster-view.ts';
import { planRunContext } from './plan-run-context.ts';
import type { RevisionState } from './revision-reader.ts';

interface Compared {
  readonly head: RevisionState;
  /** The branch as it was last read. */
  readonly base: RevisionState;
}

/** What a preview says of PlanRuns and PlanSchedules, one sentence each, and what is wrong with them. */
export interface PreviewedRuns {
  /** In the order in which they come. */
  readonly runs: readonly string[];
  /** What the head adds and will not run, and why. */
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

/** The plans that merging the head would run, by the rules of the rollout. */
export function previewRuns(
  { head, base }: Compared,
  caches: Caches,
  syncUid: string,
): PreviewedRuns {
  const judged = planRunContext(head, caches, { uid: syncUid });
  const planned = [...head.desired.planRuns.values()].map((desired) => planRun(desired, judged));
  const schedules = [...head.desired.planSchedules.values()].map((desired) =>
    planSchedule(desired, judged),
  );
  const good = planned.filter(({ problems }) => problems.length === 0);
  const news = schedules.filter(
    ({ desired, problems }) => problems.length === 0 && isNewSchedule(desired, base),
  );
  return {
    runs: [...runsToCome(good), ...news.map(({ desired }) => scheduleText(desired))],
    notes: [
      ...good.filter(({ desired }) => isNewRun(desired, base)).flatMap(whyNotText),
      ...removedTexts({ head, base }),
    ],
    problems: [
      ...planned.flatMap(({ problems }) => problems),
      ...schedules.flatMap(({ problems }) => problems),
    ],
  };
}

/** The same against the branch, for the head of a fork: nothing of the cluster is told. */
export function forkRuns({ head, base }: Compared): PreviewedRuns {
  const runs = [...head.desired.planRuns.values()].filter(
    ({ key }) => !base.desired.planRuns.has(key),
  );
  const schedules = [...head.desired.planSchedules.values()];
  return {
    runs: [
      ...inOrder(runs).map(runText),
      ...schedules.filter((one) => isNewSchedule(one, base)).map(scheduleText),
    ],
    notes: removedTexts({ head, base }),
    problems: [],
  };
}

/** Sentences about those that will run, in the order in which they come. */
export function runsToCome(planned: readonly PlannedRun[]): readonly string[] {
  const toCome = planned.filter(({ whyNot }) => whyNot === undefined);
  return inOrder(toCome.map(({ desired }) => desired)).map(runText);
}

/** A sentence about one that will not run; none about another. */
export function whyNotText({ desired, whyNot }: PlannedRun): readonly string[] {
  return whyNot === undefined ? [] : [`PlanRun ${desired.key} does not run: ${whyNot}`];
}

function inOrder(runs: readonly DesiredPlanRun[]): readonly DesiredPlanRun[] {
  const [before, after] = (['before', 'after'] as const).map((when) =>
    runs.filter(({ spec }) => spec.when === when),
  );
  return [...(before ?? []), ...(after ?? [])];
}

function isNewRun({ key, spec }: DesiredPlanRun, { desired }: RevisionState): boolean {
  return JSON.stringify(desired.planRuns.get(key)?.spec) !== JSON.stringify(spec);
}

function isNewSchedule({ key, spec }: DesiredPlanSchedule, { desired }: RevisionState): boolean {
  return JSON.stringify(desired.planSchedules.get(key)?.spec) !== JSON.stringify(spec);
}

function removedTexts({ head, base }: Compared): readonly string[] {
  if (head.desired.incomplete || base.desired.incomplete) return [];
  return [...base.desired.planSchedules.keys()]
    .filter((key) => !head.desired.planSchedules.has(key))
    .map(suspendedText);
}

/** What becomes of a PlanSchedule that Git no longer has. */
export function suspendedText(key: string): string {
  return `PlanSchedule ${key} would be removed from Git: it is suspended, not deleted`;
}

function runText({ name, namespace, spec }: DesiredPlanRun): string {
  const { plan, instance, when } = spec;
  return `plan ${plan} of ${namespace}/${instance} would run once, ${when} other changes (PlanRun ${name})`;
}

/** What a PlanSchedule of the files would do. */
export function scheduleText({ name, namespace, spec }: DesiredPlanSchedule): string {
  const { plan, instance, schedule, timeZone, suspend } = spec;
  const times = suspend ? 'at no time: it is suspended' : `at "${schedule}", ${timeZone}`;
  return `plan ${plan} of ${namespace}/${instance} would run ${times} (PlanSchedule ${name})`;
}
