import type { Instance, OperatorVersion } from './objects.ts';
import { goReferenceText } from './same-instance.ts';
import { upgradePlan } from './upgrade-plan.ts';

/** An update that passed the checks of its parameters. */
export interface UpdateSituation {
  readonly before: Instance;
  readonly after: Instance;
  readonly to: OperatorVersion;
  readonly isUpgrade: boolean;
  /** The plan that changed parameters trigger; undefined when none changed. */
  readonly triggered: string | undefined;
}

/**
 * The plan to schedule: its name, empty to clear what ran, undefined to leave planExecution alone; or
 * why KUDO refuses the update. The rows are those of admitUpdate in instance_admission.go, in its order.
 */
export function chooseUpdatePlan(
  update: UpdateSituation,
): { readonly plan: string | undefined } | { readonly refused: string } {
  const facts = factsOf(update);
  const isDeleting = (update.after.metadata.deletionTimestamp ?? '') !== '';
  const refusal = (isDeleting ? refusalWhileDeleting : refusalInNormalLife)(facts);
  if (refusal === undefined) return { plan: isDeleting ? undefined : planFor(facts) };
  const { namespace = '', name } = update.before.metadata;
  return { refused: `failed to update Instance ${namespace}/${name}: ${refusal}` };
}

interface Facts extends UpdateSituation {
  readonly oldPlan: string;
  readonly newPlan: string;
  readonly hadPlan: boolean;
  readonly isNovelPlan: boolean;
  readonly upgrade: string;
}

function factsOf(update: UpdateSituation): Facts {
  const oldPlan = update.before.spec?.planExecution?.planName ?? '';
  const newPlan = update.after.spec?.planExecution?.planName ?? '';
  const hadPlan = oldPlan !== '';
  const upgrade = `upgrade to new OperatorVersion ${goReferenceText(update.after.spec?.operatorVersion)}`;
  return { ...update, oldPlan, newPlan, hadPlan, isNovelPlan: !hadPlan && newPlan !== '', upgrade };
}

/** Only the controller acts while an Instance is being deleted, and only with `cleanup`. */
function refusalWhileDeleting({
  oldPlan,
  newPlan,
  triggered,
  isUpgrade,
}: Facts): string | undefined {
  if (oldPlan === 'cleanup' && newPlan !== oldPlan)
    return `'${oldPlan}' plan can not be cancelled or overridden by another plan since the instance is being deleted`;
  if (triggered !== undefined || isUpgrade)
    return 'parameter update and/or upgrade is not allowed when an instance is being deleted';
  if (newPlan !== '' && newPlan !== 'cleanup')
    return "only 'cleanup' plan can be scheduled when an instance is being deleted";
  return undefined;
}

function refusalInNormalLife(facts: Facts): string | undefined {
  const { hadPlan, oldPlan, triggered } = facts;
  if (hadPlan && triggered !== undefined && triggered !== oldPlan)
    return `plan '${oldPlan}' is scheduled (or running) and an update would trigger a different plan '${triggered}'`;
  const refusal = (facts.isUpgrade ? refusalOfUpgrade(facts) : undefined) ?? refusalOfPlan(facts);
  if (refusal !== undefined || !facts.isUpgrade || upgradePlan(facts.to) !== undefined)
    return refusal;
  return "couldn't find any suitable plan that would be triggered by an OperatorVersion upgrade";
}

function refusalOfUpgrade(facts: Facts): string | undefined {
  const { upgrade, hadPlan, oldPlan, newPlan, triggered } = facts;
  if (hadPlan)
    return `${upgrade} while a plan '${oldPlan}' is scheduled (or running) is not allowed`;
  if (facts.isNovelPlan) return `${upgrade} and triggering new plan '${newPlan}' is not allowed`;
  if (triggered !== undefined && triggered !== 'deploy')
    return `${upgrade} together with a parameter update triggering '${triggered}' is not allowed`;
  return undefined;
}

function refusalOfPlan({
  hadPlan,
  oldPlan,
  newPlan,
  isNovelPlan,
  triggered,
}: Facts): string | undefined {
  if (hadPlan && newPlan === '')
    return `cancelling currently scheduled (or running) plan '${oldPlan}' is not supported`;
  if (hadPlan && newPlan !== oldPlan)
    return `overriding currently scheduled (or running) plan '${oldPlan}' with '${newPlan}' is not supported`;
  if (triggered !== undefined && isNovelPlan)
    return `triggering one plan '${oldPlan}' directly and through parameter update '${newPlan}' is not allowed`;
  if (newPlan === 'cleanup')
    return `only the controller schedules the '${newPlan}' plan when the instance is deleted`;
  return undefined;
}

function planFor(facts: Facts): string | undefined {
  if (facts.isUpgrade) return upgradePlan(facts.to);
  if (facts.triggered !== undefined) return facts.triggered;
  if (facts.isNovelPlan) return facts.newPlan;
  const status = facts.after.spec?.planExecution?.status;
  if (status === 'COMPLETE' || status === 'FATAL_ERROR') return '';
  return facts.hadPlan && uidOf(facts.after) !== uidOf(facts.before) ? facts.newPlan : undefined;
}

function uidOf({ spec }: Instance): string {
  return spec?.planExecution?.uid ?? '';
}
