import { groupByEffectiveTrigger } from '../kudo/effective-trigger.ts';
import { findParameter, parametersOf } from '../kudo/find-parameter.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { placeUpgradeEdits } from '../kudo/upgrade-edits.ts';
import { upgradePlan } from '../kudo/upgrade-plan.ts';
import type { Change, ParameterEdit } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { versionAuthor } from '../model/field-author.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { secretNamesOf, type ParameterDifference } from './parameter-edits.ts';

/** The OperatorVersion that the Instance has and the one that Git wants; often the same. */
export interface Versions {
  readonly from: OperatorVersion;
  readonly to: OperatorVersion;
  /** True when the Instance is to have `to` although it has `from`. */
  readonly upgrade: boolean;
  /** True when the upgrade sets back what others changed. */
  readonly isDrift: boolean;
  /** What the reference has to say of content that was replaced. */
  readonly contentUid: string | undefined;
}

/** What is written to one Instance: the edits as admission sees them, and the changes in KUDO's order. */
export function changesBetween(
  desired: DesiredInstance,
  observed: Instance,
  difference: ParameterDifference,
  versions: Versions,
): { readonly edits: readonly ParameterEdit[]; readonly changes: readonly Change[] } {
  if (!versions.upgrade) {
    const { edits } = difference;
    return { edits, changes: changesOf(desired.key, edits, versions.to) };
  }
  const edits = withForcedValues(desired, observed, difference, versions);
  return { edits, changes: changesAroundUpgrade(desired, observed, edits, versions) };
}

/** One change per effective trigger. */
function changesOf(
  key: ObjectKey,
  edits: readonly ParameterEdit[],
  version: OperatorVersion,
): Change[] {
  return groupByEffectiveTrigger(edits, version).map((group) => ({
    key,
    kind: 'set-parameters',
    ...group,
  }));
}

/** The upgrade with what must travel with it, and the other edits where KUDO admits them. */
function changesAroundUpgrade(
  { key, operatorVersion }: DesiredInstance,
  observed: Instance,
  edits: readonly ParameterEdit[],
  { from, to, isDrift, contentUid }: Versions,
): Change[] {
  const { before, together, after } = placeUpgradeEdits(edits, from, to);
  const upgrade: Change = {
    key,
    kind: 'upgrade',
    plan: upgradePlan(to) ?? 'deploy',
    from: observed.spec?.operatorVersion?.name ?? '',
    to: contentUid === undefined ? operatorVersion : { ...operatorVersion, uid: contentUid },
    edits: together,
    ...(isDrift ? { isDrift, setBy: versionAuthor(observed) } : {}),
  };
  return [...changesOf(key, before, from), upgrade, ...changesOf(key, after, to)];
}

/**
 * The edits, and values that say what the default says but must stand in the Instance nevertheless:
 * KUDO upgrades to a version that makes a parameter immutable only with a value of it (kudo.md §2.6).
 */
function withForcedValues(
  desired: DesiredInstance,
  observed: Instance,
  { edits, drifted }: ParameterDifference,
  { from, to }: Versions,
): readonly ParameterEdit[] {
  const live = observed.spec?.parameters ?? {};
  const known = new Set([...edits, ...drifted].map(({ name }) => name));
  const secrets = secretNamesOf(desired, observed, to);
  const forced = parametersOf(to).flatMap(({ name, immutable }): ParameterEdit[] => {
    const value = desired.parameters[name];
    const isFrozen = immutable === true && findParameter(from, name)?.immutable !== true;
    if (!isFrozen || value === undefined || live[name] !== undefined || known.has(name)) return [];
    return [{ name, from: undefined, to: value, secret: secrets.has(name) }];
  });
  return [...edits, ...forced];
}
