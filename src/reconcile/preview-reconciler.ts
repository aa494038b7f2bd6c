import { Failure, messageOf } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import type { PullRequest } from '../forge/forge.ts';
import { followedRef, type FollowedRef } from '../model/git-ref.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { PreviewRecord, Sync } from '../model/sync.ts';
import { fingerprint, previewBaseline, PreviewMemory } from './preview-memory.ts';
import { previewPull, type PreviewRound } from './preview-pull.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { SyncJob } from './sync-job.ts';
import { readForgeSecret, readSettings, type SyncSettings } from './sync-settings.ts';
import { patchSyncStatus } from './sync-status.ts';

/** Pull requests that get previews; of more, those that the forge names first. */
const MAX_PULL_REQUESTS = 50;

/** How long one pass may take before others have their turn. */
const MAX_PASS_MS = 15_000;
const PAUSE_MS = 1_000;

/** What one pass over the pull requests of a Sync works with. */
interface Turn extends PreviewRound {
  readonly sync: Sync;
  readonly baseline: string;
  readonly records: Map<number, PreviewRecord>;
}

/** Says on every open pull request what merging it would do: the planner on its head, never applied. */
export class PreviewReconciler {
  readonly #context: ReconcileContext;
  readonly #jobOf: (sync: ObjectKey) => SyncJob | undefined;
  readonly #memories = new WeakMap<SyncJob, PreviewMemory>();

  constructor(context: ReconcileContext, jobOf: (sync: ObjectKey) => SyncJob | undefined) {
    this.#context = context;
    this.#jobOf = jobOf;
  }

  async pass(key: ObjectKey, scope: Scope): Promise<PassResult> {
    const sync = this.#context.view.caches.syncs.get(key);
    const job = this.#jobOf(key);
    if (!sync || !job) return { kind: 'settled' };
    const inScope = withFields(scope, { sync: key });
    try {
      return await this.#previewAll(sync, job, inScope);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      inScope.log.warn('previews not brought up to date', { error: thrown });
      return failed(thrown);
    }
  }

  async #previewAll(sync: Sync, job: SyncJob, scope: Scope): Promise<PassResult> {
    const settings = readSettings(sync);
    const { client, view } = this.#context;
    const { remote, revision: base } = job;
    const followed = followedRef(settings.ref);
    // What merging does to a tag or a pinned commit nobody can say.
    if (!remote || !base || !isPreviewed(settings, followed)) return SETTLED;
    const secret = await readForgeSecret(settings, client, scope);
    if (!secret) return SETTLED;
    const forge = this.#context.forgeFor(settings, secret);
    const all = await forge.openPullRequests(scope);
    const open = all
      .filter(({ baseRef }) => baseRef === followed.branch)
      .slice(0, MAX_PULL_REQUESTS);
    const memory = this.#memories.get(job) ?? new PreviewMemory();
    this.#memories.set(job, memory);
    const baseline = previewBaseline(base, settings, view.caches);
    const records = recordsOf(sync, open);
    const rolledOut = job.record?.records();
    const shared = { remote, base, memory, settings, job, forge, context: this.#context };
    const turn = { ...shared, rolledOut, sync, baseline, records };
    const result = await this.#previewEach(memory.inOrder(open), turn, scope);
    await this.#store(turn, scope);
    return result;
  }

  /** One after the other; what one of them holds stops no other, unless nothing can be reached at all. */
  async #previewEach(open: readonly PullRequest[], turn: Turn, scope: Scope): Promise<PassResult> {
    const { memory, baseline } = turn;
    const until = scope.clock.now() + MAX_PASS_MS;
    let trouble: unknown;
    for (const pull of open) {
      scope.signal.throwIfAborted();
      if (memory.isCurrent(pull, baseline, this.#context.view.caches)) continue;
      if (scope.clock.now() > until) return { kind: 'again', afterMs: PAUSE_MS };
      try {
        trouble = (await this.#previewOne(pull, turn, scope)) ?? trouble;
      } catch (thrown) {
        scope.signal.throwIfAborted();
        scope.log.warn('preview not said', { pullRequest: pull.number, error: thrown });
        if (mayPass(thrown)) return failed(thrown);
        this.#settle(pull, [], turn);
      }
    }
    return trouble === undefined ? SETTLED : failed(trouble);
  }

  /** Gives why it is to be tried again, if it is. */
  async #previewOne(pull: PullRequest, turn: Turn, scope: Scope): Promise<Failure | undefined> {
    const { memory, records } = turn;
    memory.begin(pull);
    const before = records.get(pull.number);
    const { record, added, retry } = await previewPull(pull, before, turn, scope);
    records.set(pull.number, record);
    await this.#store(turn, scope);
    if (!retry) this.#settle(pull, added, turn);
    return retry;
  }

  #settle(pull: PullRequest, added: readonly ObjectKey[], { memory, baseline }: Turn): void {
    const { caches } = this.#context.view;
    memory.settle(pull, { added, fingerprint: fingerprint(pull, added, baseline, caches) });
  }

  async #store({ sync, records }: Turn, scope: Scope): Promise<void> {
    const previews = [...records.values()].toSorted((a, b) => a.number - b.number);
    await patchSyncStatus(sync, { previews }, this.#context, scope);
  }
}

function isPreviewed(
  { previews, suspend }: SyncSettings,
  followed: FollowedRef,
): followed is Extract<FollowedRef, { kind: 'branch' }> {
  return previews.enabled && !suspend && followed.kind === 'branch';
}

const SETTLED: PassResult = { kind: 'settled' };

function failed(thrown: unknown): PassResult {
  const afterMs = thrown instanceof Failure ? thrown.retryAfterMs : undefined;
  return { kind: 'failed', reason: messageOf(thrown), afterMs };
}

/** Whether waiting helps; what a forge refuses it refuses again. */
function mayPass(thrown: unknown): boolean {
  if (!(thrown instanceof Failure)) return false;
  return thrown.kind === 'unreachable' || thrown.kind === 'timeout' || thrown.kind === 'conflict';
}

function recordsOf(sync: Sync, open: readonly PullRequest[]): Map<number, PreviewRecord> {
  const numbers = new Set(open.map(({ number }) => number));
  const known = (sync.status?.previews ?? []).filter(({ number }) => numbers.has(number));
  return new Map(known.map((record) => [record.number, record]));
}
