import type { PlannedRun } from '../plan/plan-runs.ts';
import type { PlannedSchedule } from '../plan/plan-schedules.ts';
import { runsToCome, scheduleText, suspendedText, whyNotText } from '../reconcile/preview-runs.ts';
import { counted } from './output.ts';
import type { ClusterRuns } from './runs-against-cluster.ts';
import type { Styles } from './styles.ts';
import { printable } from './table.ts';

/** PlanRuns that will not run of which each is named; a repository keeps many that have run. */
const MAX_QUIET = 5;

/** The plans that PlanRuns and PlanSchedules would run, one sentence each, in the order in which they come. */
export function comingRuns(runs: ClusterRuns): readonly string[] {
  return [
    ...runsToCome(runs.runs.filter(isGood)),
    ...runs.schedules.filter(isNews).map(({ desired }) => scheduleText(desired)),
  ];
}

/** What would not run, and why; PlanSchedules that would be suspended. */
export function quietRuns({ runs, suspended }: ClusterRuns): readonly string[] {
  const texts = runs.filter(isGood).flatMap(whyNotText);
  const more = texts.length - MAX_QUIET;
  return [
    ...suspended.map(suspendedText),
    ...texts.slice(0, MAX_QUIET),
    ...(more > 0 ? [`… and ${counted(more, 'more PlanRun')} that would not run`] : []),
  ];
}

/** Lines of a diff. */
export function runLines(runs: ClusterRuns, styles: Styles): readonly string[] {
  return [
    ...comingRuns(runs).map((text) => styles.green(`▶ ${printable(text)}\n`)),
    ...quietRuns(runs).map((text) => styles.dim(`· ${printable(text)}\n`)),
  ];
}

/** What of them a rollout would do something about, for a summary. */
export function runCounts({ runs, schedules, suspended }: ClusterRuns): readonly string[] {
  const coming = runs.filter((one) => isGood(one) && one.whyNot === undefined).length;
  const changing = schedules.filter(isNews).length + suspended.length;
  return [
    ...(coming > 0 ? [counted(coming, 'plan run')] : []),
    ...(changing > 0 ? [`${counted(changing, 'PlanSchedule')} to change`] : []),
  ];
}

/** The same for programs. */
export function runReport({ runs, schedules, suspended }: ClusterRuns): object {
  return {
    planRuns: runs.map(({ desired: { key, spec }, whyNot, problems }) => ({
      key,
      instance: spec.instance,
      plan: spec.plan,
      when: spec.when,
      runs: whyNot === undefined && problems.length === 0,
      ...(whyNot === undefined ? {} : { whyNot }),
    })),
    planSchedules: [
      ...schedules.map(({ desired: { key, spec }, change }) => ({
        key,
        ...(change ? { change } : {}),
        ...spec,
      })),
      ...suspended.map((key) => ({ key, change: 'suspend' })),
    ],
  };
}

const isGood = ({ problems }: PlannedRun | PlannedSchedule): boolean => problems.length === 0;

const isNews = (one: PlannedSchedule): boolean => isGood(one) && one.change !== undefined;
