import { oidOf } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';

/** What is asked about: a commit, under what of a Sync's spec decides what is desired. */
export interface SyncedCommit {
  readonly settingsHash?: string | undefined;
  /** Undefined for one that nobody has made yet. */
  readonly oid: string | undefined;
  /** Only Rollouts before this one count. */
  readonly sequence: number;
}

/**
 * True when the Sync, or what it reads, is new: no earlier Rollout of it under the same settings carried
 * out another commit. What is in Git then may have run long ago, elsewhere.
 */
export function isFirstSync(
  { settingsHash, oid, sequence }: SyncedCommit,
  rollouts: readonly Rollout[],
): boolean {
  return !rollouts.some(
    ({ spec }) =>
      spec.sequence < sequence &&
      spec.settingsHash === settingsHash &&
      oidOf(spec.revision) !== oid,
  );
}
