import { effectiveTrigger } from './effective-trigger.ts';
import { findParameter } from './find-parameter.ts';
import type { OperatorVersion, Parameter } from './objects.ts';
import { upgradePlan } from './upgrade-plan.ts';
import { validateParameter } from './validate-parameter.ts';

/** A wanted change of one value; undefined means "not set". */
export interface ValueEdit {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** When each edit is written, seen from the upgrade. */
export interface UpgradeEdits<Edit> {
  /** Under the old version, because the new one refuses the value there is now, or freezes it. */
  readonly before: readonly Edit[];
  /** In the upgrade's own write. */
  readonly together: readonly Edit[];
  /** Under the new version. */
  readonly after: readonly Edit[];
}

/**
 * Places edits around the upgrade from `from` to `to` so that KUDO admits each write. Beside an upgrade
 * KUDO accepts values of parameters that only the new version knows, removals of those that only the
 * old one knows, and changes that trigger `deploy`; nothing else (instance_admission.go).
 */
export function placeUpgradeEdits<Edit extends ValueEdit>(
  edits: readonly Edit[],
  from: OperatorVersion,
  to: OperatorVersion,
): UpgradeEdits<Edit> {
  const placed = { before: [] as Edit[], together: [] as Edit[], after: [] as Edit[] };
  for (const edit of edits) placed[placeOf(edit, from, to)].push(edit);
  return placed;
}

function placeOf(
  edit: ValueEdit,
  from: OperatorVersion,
  to: OperatorVersion,
): keyof UpgradeEdits<ValueEdit> {
  const [old, now] = [findParameter(from, edit.name), findParameter(to, edit.name)];
  if (now === undefined || old === undefined)
    return isDropped(edit, old, now) ? 'together' : 'after';
  const mayTravel = effectiveTrigger(edit.name, to) === 'deploy';
  if (isBarred(edit, old, now)) return mayTravel ? 'together' : 'before';
  // The upgrade runs the plan that the edit asks for: one run is enough for both.
  return mayTravel && upgradePlan(to) === 'deploy' ? 'together' : 'after';
}

/** True when only one of the versions knows the parameter and the edit fits the one that does. */
function isDropped(
  edit: ValueEdit,
  old: Parameter | undefined,
  now: Parameter | undefined,
): boolean {
  return edit.to === undefined
    ? old !== undefined && now === undefined
    : old === undefined && now !== undefined;
}

/** Whether the new version would refuse the upgrade, or this edit after it, with the value that is there now. */
function isBarred(edit: ValueEdit, old: Parameter, now: Parameter): boolean {
  const becomesImmutable = now.immutable === true && old.immutable !== true;
  return becomesImmutable || validateParameter(now, edit.from ?? '') !== undefined;
}
