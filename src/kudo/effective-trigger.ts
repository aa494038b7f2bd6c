import { findParameter } from './find-parameter.ts';
import type { OperatorVersion } from './objects.ts';
import { fallbackPlan } from './upgrade-plan.ts';

/**
 * The plan that rolls out a change of one parameter alone: its trigger, else update, else deploy.
 * Undefined when the OperatorVersion knows neither the parameter nor a plan for it.
 */
export function effectiveTrigger(
  parameterName: string,
  operatorVersion: OperatorVersion,
): string | undefined {
  const trigger = findParameter(operatorVersion, parameterName)?.trigger ?? '';
  return trigger === '' ? fallbackPlan(operatorVersion) : trigger;
}

/** Edits that one write may carry and the plan that it runs. */
export interface TriggerGroup<Edit> {
  readonly plan: string;
  readonly edits: readonly Edit[];
}

/**
 * Splits edits so that each group runs the plan that each of its parameters asks for. KUDO would admit
 * a parameter with a trigger together with one without and then never run the plan of the second, so
 * those are two groups unless both mean the same plan. The fallback plan comes first, the others by
 * name; edits of unknown parameters go with the fallback plan, where admission refuses them.
 */
export function groupByEffectiveTrigger<Edit extends { readonly name: string }>(
  edits: readonly Edit[],
  operatorVersion: OperatorVersion,
): TriggerGroup<Edit>[] {
  const fallback = fallbackPlan(operatorVersion) ?? 'deploy';
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const plan = effectiveTrigger(edit.name, operatorVersion) ?? fallback;
    groups.set(plan, [...(groups.get(plan) ?? []), edit]);
  }
  const rank = (plan: string): string => (plan === fallback ? '' : plan);
  return [...groups]
    .toSorted(([a], [b]) => compare(rank(a), rank(b)))
    .map(([plan, group]) => ({
      plan,
      edits: group.toSorted((a, b) => compare(a.name, b.name)),
    }));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
