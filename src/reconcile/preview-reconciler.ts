import { Failure, messageOf } from '../lib/failure.ts';
import { sha256 } from '../lib/sha256.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import type { Forge, PullRequest } from '../forge/forge.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { PreviewRecord, Sync } from '../model/sync.ts';
import { previewComment, previewMarker, type Preview } from '../report/preview-comment.ts';
import { previewStatus } from '../report/preview-status.ts';
import { upsertComment } from '../report/upsert-comment.ts';
import { readCommitOf } from './look-at-repository.ts';
import { previewOf } from './preview-of.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { SyncJob } from './sync-job.ts';
import { readForgeSecret, readSettings, type SyncSettings } from './sync-settings.ts';
import { patchSyncStatus } from './sync-status.ts';

/** Pull requests of one pass; more wait for the next. */
const MAX_PULL_REQUESTS = 50;

/** Says on every open pull request what merging it would do: the planner on its head, never applied. */
export class PreviewReconciler {
  readonly #context: ReconcileContext;
  readonly #jobOf: (sync: ObjectKey) => SyncJob | undefined;

  constructor(context: ReconcileContext, jobOf: (sync: ObjectKey) => SyncJob | undefined) {
    this.#context = context;
    this.#jobOf = jobOf;
  }

  async pass(key: ObjectKey, scope: Scope): Promise<PassResult> {
    const sync = this.#context.view.caches.syncs.get(key);
    const job = this.#jobOf(key);
    if (!sync || !job?.remote || !job.revision) return { kind: 'settled' };
    const inScope = withFields(scope, { sync: key });
    try {
      await this.#previewAll(sync, job, inScope);
      return { kind: 'settled' };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      inScope.log.warn('previews not brought up to date', { error: thrown });
      const afterMs = thrown instanceof Failure ? thrown.retryAfterMs : undefined;
      return { kind: 'failed', reason: messageOf(thrown), afterMs };
    }
  }

  async #previewAll(sync: Sync, job: SyncJob, scope: Scope): Promise<void> {
    const settings = readSettings(sync);
    const { client } = this.#context;
    if (!settings.previews.enabled || settings.suspend) return;
    const secret = await readForgeSecret(settings, client, scope);
    if (!secret) return;
    const forge = this.#context.forgeFor(settings, secret);
    const open = await forge.openPullRequests(scope);
    const ours = open.filter(({ baseRef }) => baseRef === settings.ref.branch);
    const known = sync.status?.previews ?? [];
    const records: PreviewRecord[] = [];
    for (const pull of ours.slice(0, MAX_PULL_REQUESTS)) {
      const before = known.find(({ number }) => number === pull.number);
      records.push(await this.#previewOne(pull, before, { settings, job, forge }, scope));
    }
    await patchSyncStatus(sync, { previews: records }, this.#context, scope);
  }

  async #previewOne(
    pull: PullRequest,
    before: PreviewRecord | undefined,
    { settings, job, forge }: { settings: SyncSettings; job: SyncJob; forge: Forge },
    scope: Scope,
  ): Promise<PreviewRecord> {
    const { remote, revision: base } = job;
    if (!remote || !base) throw new Failure('conflict', 'the repository was not read yet');
    const ref = `refs/pull/${String(pull.number)}/head`;
    const at = { remote, oid: pull.headSha, ref };
    const head = await readCommitOf(at, settings, this.#context, scope);
    const target = `${this.#context.clusterName}/${settings.namespace}/${settings.name}`;
    const preview = previewOf({ target, pull, head, base, syncUid: settings.uid }, this.#context);
    const body = previewComment(preview);
    const digest = sha256(body).slice(0, 16);
    if (before?.headSha === pull.headSha && before.digest === digest) return before;
    await this.#say({ pull, preview, body }, forge, scope);
    scope.log.info('preview written', { pullRequest: pull.number, commit: pull.headSha });
    return { number: pull.number, headSha: pull.headSha, digest };
  }

  async #say(
    { pull, preview, body }: { pull: PullRequest; preview: Preview; body: string },
    forge: Forge,
    scope: Scope,
  ): Promise<void> {
    const marker = previewMarker(preview.target);
    const isWorthIt = preview.plans.some(({ changes }) => changes.length > 0);
    const hasProblems = preview.plans.some(({ problems }) => problems.length > 0);
    const mayCreate = isWorthIt || hasProblems || preview.problems.length > 0;
    const wanted = { pullRequest: pull.number, marker, body, mayCreate };
    await upsertComment(wanted, forge, scope);
    await forge.setStatus(pull.headSha, previewStatus(preview), scope);
  }
}
