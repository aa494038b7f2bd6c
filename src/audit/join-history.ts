import type { ObjectKey } from '../model/kube-object.ts';
import { oidOf } from '../model/revision.ts';
import type { ChangeRecord, ChangeRecords, Rollout, RolloutPart } from '../model/rollout.ts';
import type { GitCommit } from '../source/git-source.ts';
import type { StateChange } from './compare-states.ts';

/** A commit on the first-parent line that changed one Instance. */
export interface GitChange extends StateChange {
  readonly commit: GitCommit;
  /** Of a merge: the commit that was merged, whose author wrote the change. */
  readonly merged?: GitCommit | undefined;
}

/** What Git says: the first-parent line and those of its commits that changed the Instance, newest first. */
export interface GitHistory {
  readonly line: readonly string[];
  readonly changes: readonly GitChange[];
}

/** One change that was carried out, or tried, in the cluster. */
export interface HistoryRun extends Omit<ChangeRecord, 'token' | 'desiredHash' | 'uidBefore'> {
  /** Name of the Rollout that recorded it last. */
  readonly rollout: string;
  /** Commit of the Rollout that recorded it first. */
  readonly oid: string;
}

export interface HistoryEntry extends GitChange {
  /**
   * The commit whose Rollout carried this one out: itself, or a later one that was pushed together
   * with it. Undefined while there is none (not yet, or its Rollout is no longer kept).
   */
  readonly rolledOutWith: string | undefined;
  /** What ran for it, oldest first: also retries, drift corrections, and what a later commit took over. */
  readonly runs: readonly HistoryRun[];
  /** State of the last run; undefined when nothing ran. */
  readonly outcome: ChangeRecord['state'] | undefined;
}

export interface InstanceHistory {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Runs for commits that are no longer on the branch, or older than the entries; oldest first. */
  readonly otherRuns: readonly HistoryRun[];
}

/**
 * Puts together what Git says of an Instance and what Rollouts say. A run belongs to the newest
 * change of the Instance that its revision contains: a later commit that does not touch the
 * Instance only carries on with what that change asked for.
 */
export function joinHistory(
  key: ObjectKey,
  git: GitHistory,
  cluster: { readonly rollouts: readonly Rollout[]; readonly parts: readonly RolloutPart[] },
): InstanceHistory {
  const position = new Map(git.line.map((oid, index) => [oid, index]));
  const changeAt = git.changes.map(({ commit }) => position.get(commit.oid) ?? Infinity);
  const runsOf = new Map<GitChange | undefined, HistoryRun[]>();
  for (const run of runsOfInstance(key, cluster.rollouts, cluster.parts)) {
    const at = position.get(run.oid);
    const change =
      at === undefined ? undefined : git.changes.find((_, index) => (changeAt[index] ?? 0) >= at);
    runsOf.set(change, [...(runsOf.get(change) ?? []), run]);
  }
  const rolledOut = rolledOutPositions(position, cluster.rollouts);
  return {
    entries: git.changes.map((change, index) => {
      const runs = runsOf.get(change) ?? [];
      const at = rolledOut.findLast((candidate) => candidate <= (changeAt[index] ?? 0));
      return {
        ...change,
        rolledOutWith: at === undefined ? undefined : git.line[at],
        runs,
        outcome: runs.findLast(({ state }) => !PASSED_ON.has(state))?.state ?? runs.at(-1)?.state,
      };
    }),
    otherRuns: runsOf.get(undefined) ?? [],
  };
}

const PASSED_ON: ReadonlySet<string> = new Set(['moved', 'restarted']);

/** Where on the line the revisions of the Rollouts are, newest first. */
function rolledOutPositions(
  position: ReadonlyMap<string, number>,
  rollouts: readonly Rollout[],
): number[] {
  const positions = rollouts.flatMap(({ spec }) => position.get(oidOf(spec.revision)) ?? []);
  return [...new Set(positions)].toSorted((a, b) => a - b);
}

/**
 * What Rollouts recorded of one Instance, oldest first. A run that a later Rollout took over is one run: its
 * newest record counts.
 */
export function runsOfInstance(
  key: ObjectKey,
  rollouts: readonly Rollout[],
  parts: readonly RolloutPart[],
): HistoryRun[] {
  const runs = new Map<string, HistoryRun>();
  for (const rollout of rollouts.toSorted((a, b) => a.spec.sequence - b.spec.sequence)) {
    for (const [name, record] of recordsOf(key, rollout, parts)) {
      const run = toRun(rollout, record);
      const id = record.planUid ?? `${rollout.metadata.uid ?? run.rollout}/${name}`;
      const earlier = runs.get(id);
      runs.set(id, earlier ? { ...run, oid: earlier.oid } : run);
    }
  }
  return [...runs.values()];
}

function recordsOf(
  key: ObjectKey,
  rollout: Rollout,
  parts: readonly RolloutPart[],
): [string, ChangeRecord][] {
  const { name, namespace } = rollout.metadata;
  const own = parts.filter(
    ({ metadata, spec }) => spec.rollout === name && metadata.namespace === namespace,
  );
  const all: (ChangeRecords | undefined)[] = [rollout, ...own].map(({ status }) => status?.changes);
  const numberOf = (change: string): number => Number(change.slice(key.length + 1));
  return all
    .flatMap((changes) => Object.entries(changes ?? {}))
    .filter(([change]) => change.startsWith(`${key}/`))
    .toSorted(([a], [b]) => numberOf(a) - numberOf(b));
}

function toRun(rollout: Rollout, record: ChangeRecord): HistoryRun {
  const { token: _token, desiredHash: _hash, uidBefore: _before, ...shown } = record;
  return { ...shown, rollout: rollout.metadata.name, oid: oidOf(rollout.spec.revision) };
}
