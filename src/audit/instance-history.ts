import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Rollout, RolloutPart } from '../model/rollout.ts';
import type { GitCommit, GitRemote, GitSource } from '../source/git-source.ts';
import { compareStates, type InstanceAtCommit } from './compare-states.ts';
import { joinHistory, type GitChange, type InstanceHistory } from './join-history.ts';

/** Whose history, and from where. */
export interface HistoryQuery {
  readonly key: ObjectKey;
  readonly remote: GitRemote;
  /** Commit to begin at; it must have been fetched. */
  readonly head: string;
  /** Commits of the first-parent line to look at. */
  readonly maxCommits: number;
  /** The Sync's paths: commits that change nothing below them are not read. */
  readonly paths: readonly string[];
  /** The Sync's Rollouts and their parts, in any order. */
  readonly rollouts: readonly Rollout[];
  readonly parts: readonly RolloutPart[];
}

/**
 * What a commit says of the Instance; undefined when it has none. Throws Failure `invalid` when the
 * commit's files cannot tell: that commit then counts as if it said the same as the one before.
 */
export type ReadInstance = (oid: string, scope: Scope) => Promise<InstanceAtCommit | undefined>;

/**
 * Who changed an Instance in Git, when, how, and what became of it. Throws what `source` and
 * `readInstance` throw.
 */
export async function instanceHistory(
  query: HistoryQuery,
  source: GitSource,
  readInstance: ReadInstance,
  scope: Scope,
): Promise<InstanceHistory> {
  const { key, remote, head, maxCommits, paths } = query;
  const range = { max: maxCommits + 1 };
  const commits = await source.firstParents(remote, head, range, scope);
  const line = commits.slice(0, maxCommits);
  const changes: GitChange[] = [];
  let state = await stateBefore(commits[maxCommits], readInstance, scope);
  for (const commit of line.toReversed()) {
    const [parent] = commit.parents;
    const touched = await source.changedPaths(remote, parent, commit.oid, scope);
    if (!touched.some((path) => isBelow(path, paths))) continue;
    const next = await readOr(state, commit.oid, readInstance, scope);
    const change = compareStates(state, next);
    state = next;
    if (!change) continue;
    changes.unshift({ ...change, commit, ...(await mergedBy(commit, remote, source, scope)) });
  }
  return joinHistory(key, { line: line.map(({ oid }) => oid), changes }, query);
}

async function stateBefore(
  commit: GitCommit | undefined,
  readInstance: ReadInstance,
  scope: Scope,
): Promise<InstanceAtCommit | undefined> {
  return commit && readOr(undefined, commit.oid, readInstance, scope);
}

async function readOr(
  otherwise: InstanceAtCommit | undefined,
  oid: string,
  readInstance: ReadInstance,
  scope: Scope,
): Promise<InstanceAtCommit | undefined> {
  try {
    return await readInstance(oid, scope);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'invalid') return otherwise;
    throw thrown;
  }
}

async function mergedBy(
  { parents }: GitCommit,
  remote: GitRemote,
  source: GitSource,
  scope: Scope,
): Promise<Pick<GitChange, 'merged'>> {
  const [, second] = parents;
  return second === undefined ? {} : { merged: await source.readCommit(remote, second, scope) };
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    const parts = folder.split('/').filter((part) => part !== '' && part !== '.');
    const prefix = parts.join('/');
    return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
  });
}
