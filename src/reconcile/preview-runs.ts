import type { DesiredPlanRun, DesiredPlanSchedule } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { planProblems, planRun } from '../plan/plan-runs.ts';
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
  readonly runs: readonly string[];
  readonly problems: readonly Problem[];
}

/** The plans that merging the head would run, by the rules of the rollout. */
export function previewRuns(
  { head, base }: Compared,
  caches: Caches,
  syncUid: string,
): PreviewedRuns {
  const judged = planRunContext(head, caches, syncUid);
  const planned = [...head.desired.planRuns.values()].map((desired) => planRun(desired, judged));
  const schedules = [...head.desired.planSchedules.values()];
  const toCome = planned.filter(({ isToCome, problems }) => isToCome && problems.length === 0);
  return {
    runs: [
      ...toCome.map(({ desired }) => runText(desired)),
      ...schedules.filter((one) => isNews(one, base)).map(scheduleText),
    ],
    problems: [
      ...planned.flatMap(({ problems }) => problems),
      ...schedules.flatMap((desired) => planProblems(desired, judged)),
    ],
  };
}

/** The same against the branch, for the head of a fork: nothing of the cluster is told. */
export function forkRuns({ head, base }: Compared): PreviewedRuns {
  const runs = [...head.desired.planRuns.values()];
  return {
    runs: [
      ...runs.filter(({ key }) => !base.desired.planRuns.has(key)).map(runText),
      ...[...head.desired.planSchedules.values()]
        .filter((one) => isNews(one, base))
        .map(scheduleText),
    ],
    problems: [],
  };
}

function isNews({ key, spec }: DesiredPlanSchedule, { desired }: RevisionState): boolean {
  return JSON.stringify(desired.planSchedules.get(key)?.spec) !== JSON.stringify(spec);
}

function runText({ name, namespace, spec }: DesiredPlanRun): string {
  const { plan, instance, when } = spec;
  return `plan ${plan} of ${namespace}/${instance} would run once, ${when} other changes (PlanRun ${name})`;
}

function scheduleText({ name, namespace, spec }: DesiredPlanSchedule): string {
  const { plan, instance, schedule, timeZone } = spec;
  return `plan ${plan} of ${namespace}/${instance} would run at "${schedule}", ${timeZone} (PlanSchedule ${name})`;
}
