import type { ChangeRecords, Rollout } from '../model/rollout.ts';
import type { Caches } from '../reconcile/cluster-view.ts';

/** Changes of a Rollout and of all its parts. */
export function allChanges(
  { metadata: { name, namespace = '' }, status }: Rollout,
  { rolloutParts }: Pick<Caches, 'rolloutParts'>,
): ChangeRecords {
  const parts = Array.from({ length: status?.parts ?? 0 }, (_, index) =>
    rolloutParts.get(`${namespace}/${name}-p${String(index + 1)}`),
  );
  const records = [status?.changes, ...parts.map((part) => part?.status?.changes)];
  return Object.assign({}, ...records) as ChangeRecords;
}
