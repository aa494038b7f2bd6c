import type { OperatorVersion } from '../kudo/objects.ts';
import type { Change, InstancePlan } from '../model/change.ts';
import type { DesiredState } from '../model/desired.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { referenceOf, type PlanContext } from '../plan/plan-instance.ts';

/**
 * Names of the phases that the plan of each change goes through, where the OperatorVersion is known. What
 * goes before an upgrade is carried out by the version before, and has none here.
 */
export function planPhases(
  plans: readonly InstancePlan[],
  { instances }: Pick<DesiredState<KubeObject, OperatorVersion>, 'instances'>,
  { findDesired }: Pick<PlanContext, 'findDesired'>,
): ReadonlyMap<Change, readonly string[]> {
  const phases = new Map<Change, readonly string[]>();
  for (const { key, changes } of plans) {
    const desired = instances.get(key);
    if (!desired) continue;
    const { namespace, name } = referenceOf(desired);
    const version = findDesired(namespace, name);
    const upgrade = changes.findIndex(({ kind }) => kind === 'upgrade');
    for (const change of changes.slice(Math.max(0, upgrade))) {
      phases.set(change, phasesOf(version, change.plan));
    }
  }
  return phases;
}

function phasesOf(version: OperatorVersion | undefined, plan: string): readonly string[] {
  return version?.spec?.plans?.[plan]?.phases?.map(({ name }) => name) ?? [];
}
