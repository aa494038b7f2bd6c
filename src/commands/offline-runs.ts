import { suggestionHint } from '../desired/suggest.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type { DesiredPlan, DesiredState } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { instanceOf, planProblems, planRun, type PlanRunContext } from '../plan/plan-runs.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import { runsToCome, scheduleText } from '../reconcile/preview-runs.ts';
import type { Styles } from './styles.ts';
import { printable } from './table.ts';

/** What the files alone tell of their PlanRuns and PlanSchedules. */
export interface OfflineRuns {
  readonly problems: readonly Problem[];
  /** What would run where nothing of it has run yet. */
  readonly lines: (styles: Styles) => string;
}

type Desired = DesiredState<Operator, OperatorVersion>;

const MAX_LINES = 10;

/** PlanRuns and PlanSchedules without a cluster; what only the cluster tells is a warning. */
export function offlineRuns(desired: Desired): OfflineRuns {
  const context = withoutCluster(desired);
  const runs = [...desired.planRuns.values()];
  const schedules = [...desired.planSchedules.values()];
  const problems = [...runs, ...schedules].flatMap((one) => problemsOf(one, context));
  const texts = [
    ...runsToCome(runs.map((one) => planRun(one, context))),
    ...schedules.map(scheduleText),
  ];
  return { problems, lines: (styles) => linesOf(texts, styles) };
}

function linesOf(texts: readonly string[], styles: Styles): string {
  const more = texts.length - MAX_LINES;
  const shown = [...texts.slice(0, MAX_LINES), ...(more > 0 ? [`… and ${String(more)} more`] : [])];
  return shown.map((text) => styles.dim(`▶ ${printable(text)}\n`)).join('');
}

function withoutCluster({ instances, operatorVersions }: Desired): PlanRunContext {
  return {
    syncUid: undefined,
    isFirstSync: () => false,
    findDesired: (key) => instances.get(key),
    findObserved: () => undefined,
    findRun: () => undefined,
    findSchedule: () => undefined,
    isSync: () => false,
    plansOf: (key) => {
      const instance = instances.get(key);
      if (!instance) return undefined;
      const { namespace, name } = referenceOf(instance);
      const plans = operatorVersions.get(`${namespace}/${name}`)?.object.spec?.plans;
      return plans ? Object.keys(plans) : undefined;
    },
    instancesIn: (namespace) =>
      [...instances.values()].filter((one) => one.namespace === namespace).map(({ name }) => name),
    suggest: suggestionHint,
  };
}

type AnyPlan = DesiredPlan<{ readonly instance: string; readonly plan: string }>;

function problemsOf(wanted: AnyPlan, context: PlanRunContext): readonly Problem[] {
  return planProblems(wanted, context).map((problem) =>
    problem.id === 'unknown-instance' ? notInFiles(wanted, problem) : problem,
  );
}

/** It may be in the cluster, of which nothing is known here. */
function notInFiles(wanted: AnyPlan, { hint, ...problem }: Problem): Problem {
  return {
    ...problem,
    severity: 'warning',
    message: `Instance ${instanceOf(wanted)} is not in these files: the plan of ${wanted.key} is not checked`,
    hint: hint ?? 'it must be in the cluster, or its file be added',
  };
}
