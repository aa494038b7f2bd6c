import { KubeError } from '../cluster/kube-client.ts';
import type { PacedForge } from '../forge/forge-registry.ts';
import { messageOf, type Failure } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { OutboxEntry, Rollout } from '../model/rollout.ts';
import { deliverOutbox } from '../report/deliver-outbox.ts';
import { KnownThreads } from '../report/known-threads.ts';
import { isSameThread, withoutOldProgress } from '../report/outbox.ts';
import { sendingOrder } from '../report/sending-order.ts';
import { HoldOffs } from './hold-offs.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { loadRecord, rolloutsOf } from './rollout-store.ts';
import { readForgeSecret, readSettings } from './sync-settings.ts';

const BACKOFF = { minMs: 500, maxMs: 60_000 };
/** A forge that refuses so many commits one after the other is taken to be down. */
const MAX_REFUSALS = 3;
/** How long after its end a Rollout's statuses are offered to a forge that does not take them. */
const PATIENCE_MS = 3_600_000;
/** The same where nothing shows that the forge is in order: some say "missing" to a token that lost its rights. */
const LONG_PATIENCE_MS = 72 * 3_600_000;
/** How long after a Rollout's end nobody wants to know what it was doing before. */
const PROGRESS_AGE_MS = 60_000;
/** Rollouts of one pass; then others have their turn, and the Secret is read again. */
const MAX_ROLLOUTS = 20;

interface Refusal {
  readonly rollout: Rollout;
  readonly failure: Failure;
}

/** Where the records of Rollouts under way are. */
export interface OpenRecords {
  /** The record that somebody writes already, so that a Rollout has one writer. */
  readonly open: (rollout: ObjectKey) => RolloutRecord | undefined;
  /** Told when somebody else wrote a Rollout, so that its record is read again. */
  readonly forget: (rollout: ObjectKey) => void;
}

/** How far one pass came. */
interface Sent {
  /** What is left goes on after so long; undefined when there is nobody to send to. */
  readonly afterMs: number | undefined;
}

/**
 * Sends the statuses of a Sync's Rollouts, the newest commit first and for each commit in their order. A
 * forge that is down holds up nothing else, and a commit that it does not know only itself.
 */
export class OutboxSender {
  readonly #context: ReconcileContext;
  readonly #records: OpenRecords;
  readonly #known = new KnownThreads();
  readonly #holdOffs: HoldOffs;

  constructor(context: ReconcileContext, records: OpenRecords) {
    this.#context = context;
    this.#records = records;
    this.#holdOffs = new HoldOffs(BACKOFF, context.random);
  }

  /** True when a Rollout of the Sync has statuses that were not sent. */
  hasWork(sync: ObjectKey): boolean {
    return this.#waiting(sync).length > 0;
  }

  async pass(sync: ObjectKey, scope: Scope): Promise<PassResult> {
    // News of a Rollout must not call a forge that asked for a pause, or that does not answer.
    const waitMs = this.#holdOffs.waitMs(sync, scope.clock.now());
    if (!this.hasWork(sync)) return { kind: 'settled' };
    if (waitMs > 0) return { kind: 'again', afterMs: waitMs };
    try {
      const { afterMs } = await this.#deliverAll(sync, withFields(scope, { sync }));
      this.#holdOffs.succeeded(sync);
      if (afterMs === undefined || !this.hasWork(sync)) return { kind: 'settled' };
      return { kind: 'again', afterMs };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      scope.log.warn('commit status not sent', { sync, error: thrown });
      const afterMs = this.#holdOffs.failed(sync, thrown, scope.clock.now());
      return { kind: 'failed', reason: messageOf(thrown), afterMs };
    }
  }

  #waiting(sync: ObjectKey): readonly Rollout[] {
    const { syncs } = this.#context.view.caches;
    const owner = syncs.get(sync);
    if (!owner) return [];
    const { namespace = '', name, uid = '' } = owner.metadata;
    return rolloutsOf({ namespace, name, uid }, this.#context.view.caches).filter((rollout) => {
      return this.#outboxOf(rollout).some(({ sent }) => !sent);
    });
  }

  #outboxOf(rollout: Rollout): readonly OutboxEntry[] {
    return this.#records.open(keyOf(rollout))?.outbox ?? rollout.status?.outbox ?? [];
  }

  async #deliverAll(sync: ObjectKey, scope: Scope): Promise<Sent> {
    const { client, view, forgeFor } = this.#context;
    const owner = view.caches.syncs.get(sync);
    if (!owner) return { afterMs: undefined };
    const settings = readSettings(owner);
    const secret = await readForgeSecret(settings, client, scope);
    if (!secret) return { afterMs: undefined };
    const forge = forgeFor(settings, secret);
    const waitMs = forge.writeWaitMs(scope.clock.now());
    // Another Sync with the same token was asked for patience, or has found out that nobody answers.
    if (waitMs > 0) return { afterMs: waitMs };
    await this.#deliverEach(this.#inOrder(sync), forge, scope);
    return { afterMs: Math.max(100, forge.writeWaitMs(scope.clock.now())) };
  }

  #inOrder(sync: ObjectKey): readonly Rollout[] {
    const outboxes = this.#waiting(sync).map((rollout) => {
      const unsent = this.#outboxOf(rollout).filter((entry) => !entry.sent);
      return { rollout, commits: [...new Set(unsent.map(({ commit }) => commit))] };
    });
    return sendingOrder(outboxes).map(({ rollout }) => rollout);
  }

  async #deliverEach(rollouts: readonly Rollout[], forge: PacedForge, scope: Scope): Promise<void> {
    const refusals = new Map<string, Refusal>();
    let delivered = 0;
    for (const rollout of rollouts) {
      const { revision } = rollout.spec;
      if (refusals.has(revision)) continue;
      const failure = await this.#deliver(rollout, forge, scope);
      if (failure) refusals.set(revision, { rollout, failure });
      else delivered += 1;
      const isDown = failure?.retryAfterMs !== undefined || refusals.size >= MAX_REFUSALS;
      if (failure && isDown) throw failure;
      if (delivered >= MAX_ROLLOUTS) break;
    }
    await this.#settleRefusals([...refusals.values()], delivered > 0, scope);
  }

  /** A commit that was pushed over is refused for ever: after a while nobody waits for its answer. */
  async #settleRefusals(
    refusals: readonly Refusal[],
    isForgeUp: boolean,
    scope: Scope,
  ): Promise<void> {
    const left: Failure[] = [];
    for (const { rollout, failure } of refusals) {
      const isLost = isForgeUp || failure.kind === 'missing';
      const patienceMs = isForgeUp ? PATIENCE_MS : LONG_PATIENCE_MS;
      if (isLost && isOlder(rollout, patienceMs, scope))
        await this.#giveUp(rollout, failure, scope);
      else left.push(failure);
    }
    const [first] = left;
    if (first) throw first;
  }

  async #giveUp(rollout: Rollout, failure: Failure, scope: Scope): Promise<void> {
    const key = keyOf(rollout);
    const record = this.#records.open(key) ?? (await this.#load(key, scope));
    if (!record) return;
    scope.log.warn('commit statuses given up', { rollout: key, error: failure });
    record.update({ outbox: record.outbox.map((entry) => ({ ...entry, sent: true })) });
    await record.flush(this.#context.client, scope);
  }

  /** Why something of the Rollout is left. */
  async #deliver(rollout: Rollout, forge: PacedForge, scope: Scope): Promise<Failure | undefined> {
    const key = keyOf(rollout);
    const record = this.#records.open(key) ?? (await this.#load(key, scope));
    if (!record) return undefined;
    if (isOlder(rollout, PROGRESS_AGE_MS, scope)) {
      record.update({ outbox: withoutOldProgress(record.outbox) });
    }
    // What is said must be known to whoever comes after a kill: it is stored before it is sent.
    const { outbox } = record;
    await this.#store(record, scope);
    const persist = async (delivered: readonly OutboxEntry[]): Promise<void> => {
      record.update({ outbox: withSent(record.outbox, delivered) });
      await this.#store(record, scope);
    };
    const delivery = { rollout: key, forge, known: this.#known, persist };
    return (await deliverOutbox(outbox, delivery, scope)).failure;
  }

  async #store(record: RolloutRecord, scope: Scope): Promise<void> {
    try {
      await record.flush(this.#context.client, scope);
    } catch (thrown) {
      for (const entry of record.outbox) this.#known.doubt(entry);
      if (thrown instanceof KubeError && thrown.code === 409) this.#records.forget(record.key);
      throw thrown;
    }
  }

  async #load(key: ObjectKey, scope: Scope): Promise<RolloutRecord | undefined> {
    try {
      return await loadRecord(key, this.#context.client, scope);
    } catch (thrown) {
      if (thrown instanceof KubeError && thrown.code === 404) return undefined;
      throw thrown;
    }
  }
}

/** Whether it ended longer ago. */
function isOlder({ status }: Rollout, ms: number, { clock }: Scope): boolean {
  const finishedAt = status?.finishedAt;
  return finishedAt !== undefined && clock.now() - Date.parse(finishedAt) > ms;
}

/** What is on its way by now, without what has arrived meanwhile: others add to it during a delivery. */
function withSent(
  current: readonly OutboxEntry[],
  delivered: readonly OutboxEntry[],
): readonly OutboxEntry[] {
  return current.map((entry, index) => {
    const other = delivered[index];
    const hasArrived =
      other?.sent === true && isSameThread(other, entry) && saysTheSame(other, entry);
    return hasArrived ? { ...entry, sent: true } : entry;
  });
}

const saysTheSame = (a: OutboxEntry, b: OutboxEntry): boolean =>
  a.state === b.state && a.description === b.description;
