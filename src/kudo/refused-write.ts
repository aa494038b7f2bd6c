import { admitUpdate } from './admit-update.ts';
import type { AdmissionContext } from './admission.ts';
import { groupByEffectiveTrigger } from './effective-trigger.ts';
import type { Instance, OperatorVersion } from './objects.ts';
import type { UpgradeEdits, ValueEdit } from './upgrade-edits.ts';

/**
 * KUDO's text for the first write that it would refuse on the way from `observed`, when no plan runs, to
 * what is wanted: the edits before the upgrade by trigger, the upgrade, the edits after it by trigger.
 */
export function refusedWrite(
  observed: Instance,
  edits: UpgradeEdits<ValueEdit>,
  versions: { readonly from: OperatorVersion; readonly to: OperatorVersion },
): string | undefined {
  const { from, to } = versions;
  const old = from.metadata.name === to.metadata.name ? to : from;
  const context: AdmissionContext = {
    findOperatorVersion: (_namespace, name) => (name === from.metadata.name ? old : to),
    newUid: () => '',
  };
  let instance = idle(observed);
  for (const write of writes(instance, edits, versions)) {
    const answer = admitUpdate(instance, write(instance), context);
    if (!answer.allowed) return answer.message;
    instance = idle(answer.instance);
  }
  return undefined;
}

type Write = (instance: Instance) => Instance;

function writes(
  instance: Instance,
  { before, together, after }: UpgradeEdits<ValueEdit>,
  { from, to }: { readonly from: OperatorVersion; readonly to: OperatorVersion },
): Write[] {
  const isUpgrade = from !== to && instance.spec?.operatorVersion?.name !== to.metadata.name;
  return [
    ...byGroup(before, from),
    ...(isUpgrade ? [(now: Instance) => upgraded(edited(now, together), to)] : []),
    ...byGroup(after, to),
  ];
}

function byGroup(edits: readonly ValueEdit[], version: OperatorVersion): Write[] {
  return groupByEffectiveTrigger(edits, version).map((group) => (now) => edited(now, group.edits));
}

function edited(instance: Instance, edits: readonly ValueEdit[]): Instance {
  const parameters = new Map(Object.entries(instance.spec?.parameters ?? {}));
  for (const { name, to } of edits) {
    if (to === undefined) parameters.delete(name);
    else parameters.set(name, to);
  }
  return { ...instance, spec: { ...instance.spec, parameters: Object.fromEntries(parameters) } };
}

function upgraded(instance: Instance, to: OperatorVersion): Instance {
  return { ...instance, spec: { ...instance.spec, operatorVersion: { name: to.metadata.name } } };
}

function idle(instance: Instance): Instance {
  const { deletionTimestamp: _gone, ...metadata } = instance.metadata;
  return { ...instance, metadata, spec: { ...instance.spec, planExecution: {} } };
}
