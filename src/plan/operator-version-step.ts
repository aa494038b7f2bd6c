import type { OperatorVersion } from '../kudo/objects.ts';
import { sameContent } from '../kudo/same-content.ts';
import { CONVERTER_VERSION } from '../kudo/convert-package.ts';
import type { DesiredObject } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';

/** What is to be done about one OperatorVersion of a revision. */
export type OperatorVersionStep =
  | { readonly kind: 'create' | 'keep' }
  | { readonly kind: 'replace'; readonly observed: OperatorVersion }
  | { readonly kind: 'refuse'; readonly problem: Problem };

/** An Instance that refers to an OperatorVersion. */
export interface VersionUser {
  readonly key: ObjectKey;
  /** True when the same Sync sets its reference, and so can upgrade it. */
  readonly isOurs: boolean;
}

/** How the Sync that asks treats changed content. */
export interface ReplacePolicy {
  /** `replaceOperatorVersions` of the Sync. */
  readonly isAllowed: boolean;
  users(version: ObjectKey): readonly VersionUser[];
}

/**
 * Compares an OperatorVersion in Git with the one in the cluster. It is content under a name: KUDO runs no
 * plan when its content changes, and plans under way would change with it (kudo.md §1.3). So other content is
 * refused, unless the Sync allows to replace it, which is followed by an upgrade of every Instance.
 */
export function operatorVersionStep(
  wanted: DesiredObject<OperatorVersion>,
  observed: OperatorVersion | undefined,
  policy: ReplacePolicy,
): OperatorVersionStep {
  if (!observed) return { kind: 'create' };
  if (sameContent(observed, wanted.object) || isOnlyConverted(wanted, observed)) {
    return { kind: 'keep' };
  }
  const message = `OperatorVersion ${wanted.key} is in the cluster with other content under the same name`;
  if (!policy.isAllowed) return refused(wanted, message, RENAME);
  const stranger = policy.users(wanted.key).find(({ isOurs }) => !isOurs);
  if (!stranger) return { kind: 'replace', observed };
  const why = `and cannot be replaced: Instance ${stranger.key} refers to it, which this Sync does not set`;
  return refused(wanted, `${message} ${why}`, RENAME);
}

/** The same package, made into an object by another version of this program. */
function isOnlyConverted(
  wanted: DesiredObject<OperatorVersion>,
  { metadata: { annotations } }: OperatorVersion,
): boolean {
  const converter = annotations?.[ANNOTATION.converter];
  return (
    wanted.madeFrom !== undefined &&
    annotations?.[ANNOTATION.packageHash] === wanted.madeFrom.packageHash &&
    converter !== undefined &&
    converter !== CONVERTER_VERSION
  );
}

const RENAME =
  'raise operatorVersion in operator.yaml and let the Instances refer to the new name, or set replaceOperatorVersions in the Sync';

function refused(
  { position }: DesiredObject<OperatorVersion>,
  message: string,
  hint: string,
): OperatorVersionStep {
  const problem = { id: 'operator-version-changed', severity: 'error', ...position } as const;
  return { kind: 'refuse', problem: { ...problem, message, hint } };
}

/**
 * What `spec.operatorVersion.uid` of Instances must say: the hash of the content, once an OperatorVersion has
 * been replaced or is about to be. KUDO takes another uid for an upgrade (instance_admission.go:207). Undefined
 * while it says nothing.
 */
export function contentUid(
  wanted: DesiredObject<OperatorVersion>,
  observed: OperatorVersion | undefined,
  step: OperatorVersionStep,
): string | undefined {
  if (step.kind === 'replace') return wanted.contentHash;
  const annotations = observed?.metadata.annotations;
  const isReplaced = annotations?.[ANNOTATION.replaced] !== undefined;
  return isReplaced ? annotations?.[ANNOTATION.contentHash] : undefined;
}
