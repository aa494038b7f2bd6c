import {
  denied,
  invalidParameter,
  referencedOperatorVersion,
  type Admission,
  type AdmissionContext,
} from './admission.ts';
import { chooseUpdatePlan, type UpdateSituation } from './choose-update-plan.ts';
import type { Instance, InstanceSpec, OperatorVersion } from './objects.ts';
import {
  changedDefinitions,
  triggeredPlan,
  updatedParameters,
  upgradedParameters,
} from './parameter-change.ts';
import { sameReference, sameSpecAndStatus } from './same-instance.ts';
import { hasPlan } from './upgrade-plan.ts';

/**
 * KUDO's answer to the update of an Instance from `before` to `after` (handleUpdate and admitUpdate of
 * pkg/webhook/instance_admission.go). Where KUDO names any of several parameters or plans, because it
 * walks a Go map, this names the first by name.
 */
export function admitUpdate(
  before: Instance,
  after: Instance,
  context: AdmissionContext,
): Admission {
  if (sameSpecAndStatus(before, after)) return { allowed: true, instance: after };
  const to = referencedOperatorVersion(after, context.findOperatorVersion);
  if ('allowed' in to) return to;
  const isUpgrade = !sameReference(before.spec?.operatorVersion, after.spec?.operatorVersion);
  const from = isUpgrade ? referencedOperatorVersion(before, context.findOperatorVersion) : to;
  if ('allowed' in from) return from;

  return decide(updateOf(before, after, from, to), context);
}

function decide(update: Update, context: AdmissionContext): Admission {
  const { after } = update;
  const checked = checkParameters(update);
  if ('refused' in checked) return denied(checked.refused);
  const decision = chooseUpdatePlan({ ...update, triggered: checked.triggered });
  if ('refused' in decision) return denied(decision.refused);
  const { plan } = decision;
  if (plan === undefined) return { allowed: true, instance: after };
  const instance = withPlan(after, checked.parameters, plan, context);
  return { allowed: true, instance, ...(plan !== '' && { scheduled: plan }) };
}

type Values = Readonly<Record<string, string>>;
type Refused = { readonly refused: string };

interface Update extends Omit<UpdateSituation, 'triggered'> {
  readonly from: OperatorVersion;
  readonly old: Values;
  readonly given: Values;
  readonly newPlan: string;
  /** The names of the Instance before and after, which differ only in a broken request. */
  readonly oldName: string;
  readonly name: string;
}

function updateOf(
  before: Instance,
  after: Instance,
  from: OperatorVersion,
  to: OperatorVersion,
): Update {
  return {
    before,
    after,
    from,
    to,
    isUpgrade: !sameReference(before.spec?.operatorVersion, after.spec?.operatorVersion),
    old: before.spec?.parameters ?? {},
    given: after.spec?.parameters ?? {},
    newPlan: after.spec?.planExecution?.planName ?? '',
    oldName: nameOf(before),
    name: nameOf(after),
  };
}

/** What every update must pass, in KUDO's order; the parameters to store and the plan they trigger. */
function checkParameters(
  update: Update,
): Refused | { readonly parameters: Values; readonly triggered: string | undefined } {
  const { from, to, old, given, newPlan, name, oldName } = update;
  if (newPlan !== '' && !hasPlan(to, newPlan)) return { refused: `plan ${newPlan} does not exist` };
  const failed = `failed to update Instance ${oldName}`;
  const changes = changedDefinitions([old, given], [from, to]);
  if ('refused' in changes) return { refused: `${failed}: ${changes.refused}` };

  const kept = update.isUpgrade
    ? upgradedParameters(given, from, to)
    : updatedParameters(given, old, changes.changed);
  if ('refused' in kept)
    return {
      refused: `failed to check immutable parameters for Instance ${oldName}: ${kept.refused}`,
    };
  const { parameters } = kept;
  const invalid = invalidParameter(to, parameters);
  if (invalid !== undefined)
    return { refused: `failed to validate parameters for Instance ${name}: ${invalid}` };

  const triggered = triggeredPlan(changes, to);
  if ('refused' in triggered) return { refused: `${failed}: ${triggered.refused}` };
  return { parameters, triggered: triggered.plan };
}

function withPlan(
  instance: Instance,
  parameters: Values,
  plan: string,
  { newUid }: AdmissionContext,
): Instance {
  const { parameters: _sent, ...spec } = instance.spec ?? {};
  const scheduled: InstanceSpec = {
    ...spec,
    ...(Object.keys(parameters).length > 0 && { parameters }),
    planExecution: plan === '' ? {} : { planName: plan, uid: newUid(), status: 'NEVER_RUN' },
  };
  return { ...instance, spec: scheduled };
}

function nameOf({ metadata }: Instance): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
