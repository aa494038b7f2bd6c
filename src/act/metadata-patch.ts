import type { Instance } from '../kudo/objects.ts';
import type { MetadataChange } from '../model/change.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION, LABEL } from '../model/names.ts';
import { formatWrittenKeys, valueHash } from '../model/written-keys.ts';
import { referenceText, type Provenance } from './instance-write.ts';

/**
 * A JSON merge patch of metadata alone, guarded by uid and resourceVersion: KUDO admits it always and runs
 * no plan for it (instance_admission.go:119-122).
 */
export function metadataPatch(
  change: MetadataChange & { readonly key: ObjectKey },
  observed: Instance,
  provenance: Provenance,
): unknown {
  const { uid, resourceVersion } = observed.metadata;
  return { metadata: { uid, resourceVersion, ...marks(change, provenance) } };
}

function marks(
  change: MetadataChange & { readonly key: ObjectKey },
  provenance: Provenance,
): { annotations: Record<string, string | null>; labels?: Record<string, string | null> } {
  switch (change.kind) {
    case 'adopt':
      return {
        annotations: adoption(change.key, change, provenance),
        labels: { [LABEL.syncUid]: provenance.syncUid },
      };
    case 'release':
      return { annotations: NO_MARKS, labels: { [LABEL.syncUid]: null } };
    case 'annotate':
      return {
        annotations: { ...change.annotations },
        ...(change.labels ? { labels: { ...change.labels } } : {}),
      };
  }
}

/**
 * No change token: there is no plan to recognise. Only parameters that Git says already are remembered as
 * written, so that the others are changes and no drift.
 */
function adoption(
  key: ObjectKey,
  { desired, same, sameVersion }: Extract<MetadataChange, { kind: 'adopt' }>,
  { token, syncUid, revision, path }: Provenance,
): Record<string, string | null> {
  const keys = new Map(same.map((name) => [name, valueHash(desired.parameters[name] ?? '')]));
  const { [ANNOTATION.prune]: prune, [ANNOTATION.secretParameters]: secret } = desired.annotations;
  return {
    ...NO_MARKS,
    [ANNOTATION.owner]: `${syncUid}:${key}`,
    [ANNOTATION.keys]: formatWrittenKeys(keys),
    ...(sameVersion
      ? { [ANNOTATION.operatorVersion]: referenceText(key, desired.operatorVersion) }
      : {}),
    [ANNOTATION.adopted]: `${token.id} ${revision}`,
    [ANNOTATION.revision]: revision,
    [ANNOTATION.path]: path,
    ...(prune === undefined ? {} : { [ANNOTATION.prune]: prune }),
    ...(secret === undefined ? {} : { [ANNOTATION.secretParameters]: secret }),
  };
}

const NO_MARKS: Readonly<Record<string, null>> = {
  [ANNOTATION.change]: null,
  [ANNOTATION.keys]: null,
  [ANNOTATION.owner]: null,
  [ANNOTATION.revision]: null,
  [ANNOTATION.path]: null,
  [ANNOTATION.operatorVersion]: null,
  [ANNOTATION.adopted]: null,
  [ANNOTATION.metadata]: null,
};
