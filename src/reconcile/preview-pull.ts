import type { Forge, PullRequest } from '../forge/forge.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { sha256 } from '../lib/sha256.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { PreviewRecord } from '../model/sync.ts';
import { previewComment, previewMarker, type Preview } from '../report/preview-comment.ts';
import { noPreviewStatus, previewStatus } from '../report/preview-status.ts';
import { setStatusOnce } from '../report/set-status-once.ts';
import { upsertComment, type WantedComment } from '../report/upsert-comment.ts';
import type { GitRemote, ReadLimits } from '../source/git-source.ts';
import { readCommitOf } from './look-at-repository.ts';
import type { PreviewMemory } from './preview-memory.ts';
import { previewOf } from './preview-of.ts';
import { overviewUrl, type ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { RevisionState } from './revision-reader.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';
import { isUntouched, untouchedPreview } from './untouched-pull.ts';

/** Far less than a branch may have: whoever may open a pull request can make us read it. */
const LIMITS: ReadLimits = {
  maxFiles: 5_000,
  maxFileBytes: 512 * 1024,
  maxTotalBytes: 8 * 1024 * 1024,
};

/** What the pull requests of one pass have in common. */
export interface PreviewRound {
  readonly settings: SyncSettings;
  readonly job: SyncJob;
  readonly remote: GitRemote;
  readonly base: RevisionState;
  /** What became of the branch's changes so far. */
  readonly rolledOut: ReturnType<RolloutRecord['records']> | undefined;
  readonly forge: Forge;
  readonly memory: PreviewMemory;
  readonly context: ReconcileContext;
}

/** What is to be said of a pull request. */
interface Words {
  readonly status: CommitStatus;
  readonly comment?: WantedComment;
  /** Instances that the head has and the branch has not. */
  readonly added: readonly ObjectKey[];
  /** Why it could not be read; worth another try. */
  readonly retry?: Failure;
}

/** How a pull request stands after a try. */
export type PreviewOutcome = Pick<Words, 'added' | 'retry'> & { readonly record: PreviewRecord };

/**
 * Says on one pull request what merging it would do, or why that cannot be said; nothing when `before`
 * says the same.
 *
 * @throws {Failure} of the forge, or when the repository cannot be reached
 */
export async function previewPull(
  pull: PullRequest,
  before: PreviewRecord | undefined,
  round: PreviewRound,
  scope: Scope,
): Promise<PreviewOutcome> {
  const { status, comment, added, retry } = await wordsFor(pull, round, scope);
  const { number, headSha } = pull;
  const digest = sha256(JSON.stringify([status, comment?.body])).slice(0, 16);
  const record = { number, headSha, digest };
  const outcome = { record, added, ...(retry ? { retry } : {}) };
  if (before?.headSha === headSha && before.digest === digest) return outcome;
  if (comment) await upsertComment(comment, round.forge, scope);
  await setStatusOnce(round.forge, headSha, status, scope);
  scope.log.info('preview said', { pullRequest: number, commit: headSha, state: status.state });
  return outcome;
}

async function wordsFor(pull: PullRequest, round: PreviewRound, scope: Scope): Promise<Words> {
  const { settings, base, context } = round;
  const { namespace, name } = settings;
  const target = `${context.clusterName}/${namespace}/${name}`;
  const url = overviewUrl(context.publicUrl, namespace, name);
  try {
    if (
      await round.memory.untouched(pull, () => isUntouched(pull, { ...settings, ...round }, scope))
    ) {
      const preview = untouchedPreview(target, pull, settings.paths);
      const comment = commentOf(pull, preview, round.forge);
      return { status: previewStatus(preview, url), comment, added: [] };
    }
    const head = await readHead(pull, round, scope);
    const input = { target, pull, head, base, sync: settings, records: round.rolledOut };
    const preview = previewOf({ ...input, memory: round.job }, context);
    const added = [...head.desired.instances.keys()].filter(
      (key) => !base.desired.instances.has(key),
    );
    const words = {
      status: previewStatus(preview, url),
      comment: commentOf(pull, preview, round.forge),
      added,
    };
    return head.isWorthAnotherLook ? { ...words, retry: NOT_LOADED } : words;
  } catch (thrown) {
    scope.signal.throwIfAborted();
    if (thrown instanceof Failure && WHOLE_REPOSITORY.includes(thrown.kind)) throw thrown;
    const status = noPreviewStatus(target, reasonOf(thrown, pull, scope), url);
    const mayPass = thrown instanceof Failure && WORTH_RETRY.includes(thrown.kind);
    return { status, added: [], ...(mayPass ? { retry: thrown } : {}) };
  }
}

/** Troubles that are not of one pull request. */
const WHOLE_REPOSITORY: readonly Failure['kind'][] = ['unreachable', 'conflict'];

/** Troubles that a later try may not meet. */
const WORTH_RETRY: readonly Failure['kind'][] = ['timeout', 'denied'];

const NOT_LOADED = new Failure('unreachable', 'a package that it names cannot be loaded');

async function readHead(
  { fetchRef: ref, headSha: oid, fromFork }: PullRequest,
  { settings, remote, memory, context }: PreviewRound,
  scope: Scope,
): Promise<RevisionState> {
  const at = { remote, head: { oid, ref } };
  return readCommitOf(
    at,
    { ...settings, cache: memory.cache, limits: LIMITS, mayFetch: !fromFork },
    context,
    scope,
  );
}

function commentOf(
  { number: pullRequest }: PullRequest,
  preview: Preview,
  { commentStyle }: Forge,
): WantedComment {
  const { target, plans, problems, runs = [] } = preview;
  const isWorthIt = plans.some((plan) => plan.changes.length > 0 || plan.problems.length > 0);
  const mayCreate = isWorthIt || runs.length > 0 || problems.length > 0;
  const marker = previewMarker(target, commentStyle).trim();
  return { pullRequest, marker, body: previewComment(preview, commentStyle), mayCreate };
}

function reasonOf(thrown: unknown, { number, headSha }: PullRequest, { log }: Scope): string {
  const fields = { pullRequest: number, commit: headSha, error: thrown };
  if (thrown instanceof Failure) {
    log.warn('pull request cannot be read', fields);
    return thrown.message;
  }
  log.error('preview failed', fields);
  return 'something unexpected went wrong; the log of kudo-gitops says what';
}
