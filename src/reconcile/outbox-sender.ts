import { KubeError } from '../cluster/kube-client.ts';
import { backoffMs } from '../lib/backoff.ts';
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

const BACKOFF = { minMs: 500, maxMs: 60_000 };

/** Sends the statuses of Rollouts; a forge that is down holds up nothing else. */
export class OutboxSender {
  readonly #context: ReconcileContext;
  /** The record that somebody writes already, so that a Rollout has one writer. */
  readonly #openRecord: (rollout: ObjectKey) => RolloutRecord | undefined;
  /** Told when somebody else wrote a Rollout, so that its record is read again. */
  readonly #forget: (rollout: ObjectKey) => void;
  readonly #known = new KnownThreads();
  readonly #notBefore = new Map<string, { readonly at: number; readonly failures: number }>();

  constructor(
    context: ReconcileContext,
    records: {
      readonly open: (rollout: ObjectKey) => RolloutRecord | undefined;
      readonly forget: (rollout: ObjectKey) => void;
    },
  ) {
    this.#context = context;
    this.#openRecord = records.open;
    this.#forget = records.forget;
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
      const waitMs = (this.#notBefore.get(this.#syncOf(key))?.at ?? 0) - scope.clock.now();
      if (waitMs > 0) return { kind: 'again', afterMs: waitMs };
      const isTaken = await this.#deliver(key, inScope);
      this.#notBefore.delete(this.#syncOf(key));
      return isTaken && this.hasWork(key) ? { kind: 'again', afterMs: 100 } : { kind: 'settled' };
    } catch (thrown) {
      scope.signal.throwIfAborted();
      if (thrown instanceof KubeError && thrown.code === 409) this.#forget(key);
      scope.log.warn('commit status not sent', { rollout: key, error: thrown });
      return {
        kind: 'failed',
        reason: messageOf(thrown),
        afterMs: this.#holdOff(key, thrown, scope),
      };
    }
  }

  /** Rollouts of one Sync share a forge. */
  #syncOf(key: ObjectKey): string {
    const sync = this.#context.view.caches.rollouts.get(key)?.spec.sync ?? '';
    return `${key.slice(0, key.indexOf('/'))}/${sync}`;
  }

  /** News of the Rollout must not call a forge that asked for a pause, or that does not answer. */
  #holdOff(key: ObjectKey, thrown: unknown, { clock }: Scope): number {
    const sync = this.#syncOf(key);
    const failures = (this.#notBefore.get(sync)?.failures ?? 0) + 1;
    const asked = thrown instanceof Failure ? thrown.retryAfterMs : undefined;
    const afterMs = asked ?? backoffMs(failures, BACKOFF, this.#context.random);
    this.#notBefore.set(sync, { at: clock.now() + afterMs, failures });
    return afterMs;
  }

  /** False when there is nobody to send to: the Sync is gone, or it has no forge any more. */
  async #deliver(key: ObjectKey, scope: Scope): Promise<boolean> {
    const { client, view, forgeFor } = this.#context;
    const rollout = view.caches.rollouts.get(key);
    const namespace = key.slice(0, key.indexOf('/'));
    const sync = rollout && view.caches.syncs.get(`${namespace}/${rollout.spec.sync}`);
    if (!sync) return false;
    const settings = readSettings(sync);
    const secret = await readForgeSecret(settings, client, scope);
    if (!secret) return false;
    const record = this.#openRecord(key) ?? (await this.#load(key, scope));
    if (!record) return false;
    const delivery = {
      forge: forgeFor(settings, secret),
      known: this.#known,
      persist: async (outbox: readonly OutboxEntry[]): Promise<void> => {
        record.update({ outbox: withSent(record.outbox, outbox) });
        try {
          await record.flush(client, scope);
        } catch (thrown) {
          for (const entry of outbox) this.#known.doubt(entry);
          throw thrown;
        }
      },
    };
    const { failure } = await deliverOutbox(record.outbox, delivery, scope);
    if (failure) throw failure;
    return true;
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
