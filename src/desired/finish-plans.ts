import type { OperatorVersion } from '../kudo/objects.ts';
import type {
  DesiredInstance,
  DesiredObject,
  DesiredPlan,
  DesiredPlanRun,
  DesiredPlanSchedule,
  RefusedRun,
} from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { byKey, lastWins } from './layered-objects.ts';
import type { Reading } from './reading.ts';
import { suggestionHint } from './suggest.ts';

interface Finished {
  readonly instances: ReadonlyMap<ObjectKey, DesiredInstance>;
  readonly versions: ReadonlyMap<ObjectKey, DesiredObject<OperatorVersion>>;
}

type AnyPlan = DesiredPlan<{ readonly instance: string; readonly plan: string }>;

/** PlanRuns and PlanSchedules whose plan is one of their Instance, as far as Git alone can tell. */
export function finishPlans(
  reading: Reading,
  finished: Finished,
): {
  readonly planRuns: ReadonlyMap<ObjectKey, DesiredPlanRun>;
  readonly planSchedules: ReadonlyMap<ObjectKey, DesiredPlanSchedule>;
  readonly refusedRuns: readonly RefusedRun[];
} {
  const { unreadable, problems } = reading;
  const isUsable = ({ object, layers }: { object: AnyPlan; layers: readonly number[] }): boolean =>
    hasPlan(object, finished, reading) && !unreadable.holds(object, layers, problems);
  const runs = reading.planRuns.merged(lastWins);
  const planRuns = byKey(runs.filter(isUsable).map(({ object }) => object));
  const wrong = [...reading.planRuns.leftOut(), ...runs.map(({ object }) => object)]
    .filter(({ key, spec }) => spec.when === 'before' && !planRuns.has(key))
    .map(({ key, namespace, spec }): RefusedRun => {
      return { key, instance: `${namespace}/${spec.instance}` };
    });
  return {
    planRuns,
    refusedRuns: [...reading.refusedRuns, ...wrong],
    planSchedules: byKey(
      reading.planSchedules
        .merged(lastWins)
        .filter(isUsable)
        .map(({ object }) => object),
    ),
  };
}

/** True also when the Instance or its OperatorVersion is not in Git: then the cluster may have it. */
function hasPlan(
  { namespace, spec, planPosition }: AnyPlan,
  { instances, versions }: Finished,
  { problems }: Reading,
): boolean {
  const instance = instances.get(`${namespace}/${spec.instance}`);
  if (!instance) return true;
  const { name, namespace: elsewhere = namespace } = instance.operatorVersion;
  const plans = versions.get(`${elsewhere}/${name}`)?.object.spec?.plans;
  if (!plans || Object.hasOwn(plans, spec.plan)) return true;
  const known = Object.keys(plans).toSorted();
  problems.error(planPosition, {
    id: 'unknown-plan',
    message: `${name} has no plan ${spec.plan}`,
    hint: suggestionHint(spec.plan, known) ?? `it has: ${known.join(', ')}`,
  });
  return false;
}
