import { Failure } from '../lib/failure.ts';
import type { Rollout } from '../model/rollout.ts';
import { parseNote, type NotedRollout } from './rollout-note.ts';

/** Of which Sync, and of which cluster if that is known. */
export interface NotesQuestion {
  readonly namespace: string;
  readonly name: string;
  readonly clusterName: string | undefined;
}

/**
 * The Rollouts of a Sync that notes tell of and the cluster no longer has. Without a name the cluster is
 * the one that has a Rollout of a note still, or else the only one that notes tell of.
 *
 * @param notes text by commit
 * @param own the Sync's Rollouts that the cluster has
 * @throws {Failure} `invalid` when several clusters wrote notes for such a Sync and none can be told
 */
export function notedRollouts(
  notes: ReadonlyMap<string, string>,
  own: readonly Rollout[],
  { namespace, name, clusterName }: NotesQuestion,
): readonly Rollout[] {
  const all = [...notes].flatMap(([commit, note]) => parseNote(commit, note));
  const ofSync = all.filter(
    ({ rollout }) => rollout.metadata.namespace === namespace && rollout.spec.sync === name,
  );
  const uids = new Set(own.map(({ metadata }) => metadata.uid));
  const cluster = clusterName ?? clusterOf(ofSync, uids);
  return ofSync
    .filter((noted) => noted.cluster === cluster && !uids.has(noted.rollout.metadata.uid))
    .map(({ rollout }) => rollout);
}

function clusterOf(
  noted: readonly NotedRollout[],
  uids: ReadonlySet<string | undefined>,
): string | undefined {
  const known = noted.find(({ rollout }) => uids.has(rollout.metadata.uid));
  const clusters = [...new Set(noted.map(({ cluster }) => cluster))];
  if (known || clusters.length <= 1) return known?.cluster ?? clusters[0];
  throw new Failure('invalid', 'the Git notes tell of Syncs of this name in several clusters', {
    hint: `name one with --cluster: ${clusters.slice(0, 10).join(', ')}`,
  });
}
