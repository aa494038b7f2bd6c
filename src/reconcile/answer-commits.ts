import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { Sync } from '../model/sync.ts';
import type { GitCommit } from '../source/git-source.ts';
import type { RevisionState } from './revision-reader.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';
import { rolloutsOf } from './rollout-store.ts';
import { statusContext, type ReconcileContext } from './reconcile-context.ts';

/** What is said about one commit. */
export interface Answer {
  readonly commit: string;
  readonly status: CommitStatus;
}

/** A head that was seen, and the Sync that says which commits were answered before it. */
export interface Arrival {
  readonly sync: Sync;
  readonly settings: SyncSettings;
  readonly job: SyncJob;
  readonly revision: RevisionState;
}

/** Commits answered when many arrive at once (invariant 10 of the design). */
const MAX_ANSWERS = 50;

/**
 * Answers for the commits that arrived together with the head and are rolled out as part of it: oldest
 * first, none at a first convergence. Whatever they ask for, the head says it too or says otherwise.
 */
export async function answersBetween(
  { sync, settings, job, revision }: Arrival,
  context: ReconcileContext,
  scope: Scope,
): Promise<readonly Answer[]> {
  const answered = sync.status?.answeredRevision;
  const { remote } = job;
  const head = revision.commit;
  if (answered === undefined || !remote || oidOf(answered) === head.oid) return [];
  // After a force push there is no line of commits from the last answer to the head.
  if (!(await context.source.isAncestor(remote, oidOf(answered), head.oid, scope))) return [];
  const options = { until: oidOf(answered), max: MAX_ANSWERS };
  const commits = await context.source.firstParents(remote, head.oid, options, scope);
  const rollouts = rolloutsOf(settings, context.view.caches).map(({ spec }) =>
    oidOf(spec.revision),
  );
  const own = new Set([head.oid, ...rollouts]);
  const answers: Answer[] = [];
  for (const commit of commits.filter(({ oid }) => !own.has(oid)).toReversed()) {
    const changed = await context.source.changedPaths(remote, commit.parents[0], commit.oid, scope);
    const touches = changed.some((path) => concerns(path, settings.paths));
    answers.push(answer(commit, touches ? `superseded by ${shortOid(head.oid)}` : NOTHING));
  }
  return answers;

  function answer({ oid }: GitCommit, description: string): Answer {
    const ours = statusContext(context.clusterName, settings);
    return { commit: oid, status: { context: ours, state: 'success', description } };
  }
}

const NOTHING = 'nothing to do here';

/** Whether a changed file may say something about Instances of these paths. */
function concerns(file: string, paths: readonly string[]): boolean {
  if (!/\.ya?ml$/.test(file)) return false;
  return paths.some((path) => {
    const folder = path.replace(/^\.?\/*/, '').replace(/\/+$/, '');
    return folder === '' || folder === '.' || file === folder || file.startsWith(`${folder}/`);
  });
}
