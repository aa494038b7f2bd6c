import type { KubeClient, ResourcePath } from '../cluster/kube-client.ts';
import type { Scope } from '../lib/scope.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import type { ChangeRecord } from '../model/rollout.ts';

/** What one object holds of a Rollout's changes: the Rollout itself the first, RolloutParts the others. */
export interface RecordPart {
  resourceVersion: string | undefined;
  size: number;
  /** Changes not stored yet; null takes one away. */
  readonly dirty: Map<string, ChangeRecord | null>;
}

/** Stores what is dirty; when that fails it stays dirty, for the next try. */
export async function storePart(
  part: RecordPart,
  { path, status }: { readonly path: ResourcePath; readonly status: object },
  client: KubeClient,
  scope: Scope,
): Promise<void> {
  const { resourceVersion } = part;
  const body = { metadata: { resourceVersion }, status: { ...status, ...changesPatch(part) } };
  const taken = new Map(part.dirty);
  part.dirty.clear();
  try {
    const patch = { type: 'merge', body, fieldManager: FIELD_MANAGER } as const;
    const stored = await client.patch(path, patch, scope);
    part.resourceVersion = stored.metadata.resourceVersion;
  } catch (thrown) {
    for (const [key, record] of taken) {
      if (!part.dirty.has(key)) part.dirty.set(key, record);
    }
    throw thrown;
  }
}

/** A merge patch keeps fields that are left out, so a whole record names its absent fields too. */
function changesPatch({ dirty }: RecordPart): { changes?: Record<string, unknown> } {
  if (dirty.size === 0) return {};
  const entries = [...dirty].map(([key, record]) => [
    key,
    record && { ...ABSENT, ...nulled(record) },
  ]);
  return { changes: Object.fromEntries(entries) as Record<string, unknown> };
}

type OptionalField = {
  [Field in keyof ChangeRecord]-?: undefined extends ChangeRecord[Field] ? Field : never;
}[keyof ChangeRecord];

const ABSENT: Readonly<Record<OptionalField, null>> = {
  summary: null,
  message: null,
  instanceUid: null,
  planUid: null,
  uidBefore: null,
  token: null,
  run: null,
  desiredHash: null,
  retries: null,
  redoneBy: null,
  since: null,
  cause: null,
  progress: null,
  startedAt: null,
  finishedAt: null,
};

/** Fields of a merge patch, in which null takes away what is undefined. */
export const nulled = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null]));
