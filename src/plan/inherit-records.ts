import { tokenId } from '../model/change-token.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { oidOf } from '../model/revision.ts';
import type { ChangeRecord } from '../model/rollout.ts';

/** A Rollout that a newer one takes over from. */
export interface Predecessor {
  readonly uid: string;
  readonly revision: string;
  readonly records: ReadonlyMap<ObjectKey, readonly { n: number; record: ChangeRecord }[]>;
}

/** What the newer Rollout starts with, per Instance, and which records of the older one become `moved`. */
export interface Inheritance {
  readonly inherited: ReadonlyMap<ObjectKey, readonly ChangeRecord[]>;
  readonly moved: readonly { readonly key: ObjectKey; readonly n: number }[];
}

/**
 * Unsettled changes go on in the newer Rollout under the token they were written with. Failures go on
 * too, with the commit since which they stand, unless the newer revision touches their Instance
 * (invariants 5 and 6 of the design).
 *
 * @param revision of the newer Rollout
 * @param hashes what the newer revision says of each Instance
 */
export function inheritRecords(
  predecessor: Predecessor,
  revision: string,
  hashes: ReadonlyMap<ObjectKey, string>,
): Inheritance {
  const inherited = new Map<ObjectKey, ChangeRecord[]>();
  const moved: { key: ObjectKey; n: number }[] = [];
  for (const [key, records] of predecessor.records) {
    for (const { n, record } of records) {
      const heir = heirOf(record, n, predecessor, { revision, hash: hashes.get(key) });
      if (heir) inherited.set(key, [...(inherited.get(key) ?? []), heir]);
      if (!isFinal(record)) moved.push({ key, n });
    }
  }
  return { inherited, moved };
}

function heirOf(
  record: ChangeRecord,
  n: number,
  predecessor: Predecessor,
  newer: { revision: string; hash: string | undefined },
): ChangeRecord | undefined {
  if (record.state === 'sending' || record.state === 'running') {
    return { ...record, token: record.token ?? tokenId(predecessor.uid, n, record.attempt) };
  }
  if (record.state !== 'failed' || record.desiredHash !== newer.hash) return undefined;
  const isSameRevision = newer.revision === predecessor.revision;
  const since = record.since ?? (isSameRevision ? undefined : oidOf(predecessor.revision));
  return { ...record, since };
}

function isFinal({ state }: ChangeRecord): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'restarted' || state === 'moved';
}
