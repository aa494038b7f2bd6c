import { KubeError } from '../cluster/kube-client.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { withFields, type Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import { deliverOutbox } from '../report/deliver-outbox.ts';
import { KnownThreads } from '../report/known-threads.ts';
import { isSameThread } from '../report/outbox.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { loadRecord } from './rollout-store.ts';
import { readForgeSecret, readSettings } from './sync-settings.ts';

/** Sends the statuses of Rollouts; a forge that is down holds up nothing else. */
export class OutboxSender {
  readonly #context: ReconcileContext;
  /** The record that somebody writes already, so that a Rollout has one writer. */
  readonly #openRecord: (rollout: ObjectKey) => RolloutRecord | undefined;
  readonly #known = new KnownThreads();

  constructor(
    context: ReconcileContext,
    openRecord: (rollout: ObjectKey) => RolloutRecord | undefined,
  ) {
    this.#context = context;
    this.#openRecord = openRecord;
  }

  /** True when the Rollout has statuses that were not sent. */
  hasWork(key: ObjectKey): boolean {
    const open = this.#openRecord(key);
    const stored = this.#context.view.caches.rollouts.get(key)?.status?.outbox;
    return (open?.outbox ?? stored ?? []).some(({ sent }) => !sent);
  }

  async pass(key: ObjectKey, scope: Scope): Promise<PassResult> {
    try {
      const inScope = withFields(scope, { rollout: key });
      if (!this.hasWork(key)) return { kind: 'settled' };
      await this.#deliver(key, inScope);
      return this.hasWork(key) ? { kind: 'again', afterMs: 100 } : { kind: 'settled' };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      scope.log.warn('commit status not sent', { rollout: key, error: thrown });
      const afterMs = thrown instanceof Failure ? thrown.retryAfterMs : undefined;
      return { kind: 'failed', reason: messageOf(thrown), afterMs };
    }
  }

  async #deliver(key: ObjectKey, scope: Scope): Promise<void> {
    const { client, view, forgeFor } = this.#context;
    const rollout = view.caches.rollouts.get(key);
    const namespace = key.slice(0, key.indexOf('/'));
    const sync = rollout && view.caches.syncs.get(`${namespace}/${rollout.spec.sync}`);
    if (!sync) return;
    const settings = readSettings(sync);
    const secret = await readForgeSecret(settings, client, scope);
    if (!secret) return;
    const record = this.#openRecord(key) ?? (await this.#load(key, scope));
    if (!record) return;
    const delivery = {
      forge: forgeFor(settings, secret),
      known: this.#known,
      persist: async (outbox: readonly OutboxEntry[]): Promise<void> => {
        record.update({ outbox: withSent(record.outbox, outbox) });
        await record.flush(client, scope);
      },
    };
    const { failure } = await deliverOutbox(record.outbox, delivery, scope);
    if (failure) throw failure;
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
