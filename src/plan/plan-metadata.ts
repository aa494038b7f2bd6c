import type { Instance } from '../kudo/objects.ts';
import type { Change } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { ANNOTATION } from '../model/names.ts';
import {
  carriedMetadata,
  formatMetadata,
  statedMetadata,
  type MetadataValues,
} from '../model/stated-metadata.ts';
import { parseWrittenKeys, valueHash } from '../model/written-keys.ts';

type Values = Record<string, string | null>;

/**
 * The labels and annotations that a commit changed, and `decisions` of ours, as one change that runs no plan.
 * What others changed since is left to them: labels steer other programs, which may have their reasons.
 */
export function metadataChange(
  desired: DesiredInstance,
  observed: Instance,
  decisions: Readonly<Record<string, string>>,
): Change | undefined {
  const wanted = statedMetadata(desired);
  const edits = editsBetween(wanted, observed);
  const annotations: Values = { ...decisions };
  const labels: Values = {};
  for (const [path, value] of edits) {
    const at = path.indexOf('.');
    const [kind, name] = [path.slice(0, at), path.slice(at + 1)];
    if (kind === 'labels') labels[name] = value;
    else annotations[name] = value;
  }
  if (edits.size > 0) annotations[ANNOTATION.metadata] = formatMetadata(wanted) || null;
  if (Object.keys(annotations).length === 0) return undefined;
  const { key } = desired;
  const change = { key, kind: 'annotate', plan: '-', annotations } as const;
  return Object.keys(labels).length === 0 ? change : { ...change, labels };
}

function editsBetween(
  wanted: MetadataValues,
  { metadata }: Instance,
): ReadonlyMap<string, string | null> {
  const written = parseWrittenKeys(metadata.annotations?.[ANNOTATION.metadata]);
  const carried = carriedMetadata(metadata);
  const edits = new Map<string, string | null>();
  for (const [path, value] of wanted) {
    if (written.get(path) !== valueHash(value) && carried.get(path) !== value)
      edits.set(path, value);
  }
  for (const path of written.keys()) {
    if (!wanted.has(path) && carried.has(path)) edits.set(path, null);
  }
  return edits;
}
