import type { Instance } from '../kudo/objects.ts';
import type { ParameterEdit } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { isDriftPolicy, type DriftPolicy } from '../model/drift-policy.ts';
import type { ParameterDifference } from './parameter-edits.ts';

/** What decides about values that others changed. */
export interface DriftContext {
  /** What the Sync says. */
  readonly driftPolicy: DriftPolicy;
  /** True while a field was set back so often that it is left to the other side for now. */
  isFought(key: ObjectKey, field: string): boolean;
}

/** The field under which a foreign change of the OperatorVersion is counted. */
export const VERSION_FIELD = 'operatorVersion';

/** The Instance's own policy, else that of the Sync. */
export function driftPolicyOf(
  { annotations }: Pick<DesiredInstance, 'annotations'>,
  { driftPolicy }: Pick<DriftContext, 'driftPolicy'>,
): DriftPolicy {
  const own = annotations[ANNOTATION.driftPolicy];
  return isDriftPolicy(own) ? own : driftPolicy;
}

/** Parameters to write, and those that are left as others set them. */
export interface DriftDecision {
  /** By name; those that set something back are marked. */
  readonly edits: readonly ParameterEdit[];
  /** Left alone, and worth saying. */
  readonly told: readonly ParameterEdit[];
}

/** Adds to what Git changed what is to be set back. */
export function withCorrections(
  desired: DesiredInstance,
  { edits, drifted }: ParameterDifference,
  context: DriftContext,
): DriftDecision {
  const policy = driftPolicyOf(desired, context);
  const corrects = ({ name }: ParameterEdit): boolean =>
    policy === 'correct' && !context.isFought(desired.key, name);
  const corrected = drifted.filter(corrects).map((edit) => ({ ...edit, isDrift: true }));
  return {
    edits: [...edits, ...corrected].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    told: policy === 'ignore' ? [] : drifted.filter((edit) => !corrects(edit)),
  };
}

/**
 * What to do about an OperatorVersion that is not Git's: it has drifted when Git still says what we last
 * wrote; otherwise a commit raised it.
 */
export function versionDrift(
  desired: DesiredInstance,
  observed: Instance,
  context: DriftContext,
): 'none' | 'corrected' | 'told' | 'ignored' {
  const { name, namespace = desired.namespace } = desired.operatorVersion;
  const written = observed.metadata.annotations?.[ANNOTATION.operatorVersion];
  if (written !== `${namespace}/${name}`) return 'none';
  const policy = driftPolicyOf(desired, context);
  if (policy === 'ignore') return 'ignored';
  if (policy === 'report' || context.isFought(desired.key, VERSION_FIELD)) return 'told';
  return 'corrected';
}
