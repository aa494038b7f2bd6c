import type { OperatorVersion } from './objects.ts';

/** Whether `operatorVersion` has the plan; a plan without content is one too. */
export function hasPlan(operatorVersion: OperatorVersion, plan: string): boolean {
  return Object.hasOwn(operatorVersion.spec?.plans ?? {}, plan);
}

/** The first of `plans` that `operatorVersion` has. */
export function firstPlan(
  operatorVersion: OperatorVersion,
  plans: readonly string[],
): string | undefined {
  return plans.find((plan) => hasPlan(operatorVersion, plan));
}

/** The plan that an upgrade to `operatorVersion` runs: upgrade, else update, else deploy. */
export function upgradePlan(operatorVersion: OperatorVersion): string | undefined {
  return firstPlan(operatorVersion, ['upgrade', 'update', 'deploy']);
}

/** The plan of a change of parameters that have no trigger of their own: update, else deploy. */
export function fallbackPlan(operatorVersion: OperatorVersion): string | undefined {
  return firstPlan(operatorVersion, ['update', 'deploy']);
}
