import type { Forge } from '../forge/forge.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { CommitStatus } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import type { KnownThreads } from './known-threads.ts';
import { isSameThread, markSent, nextToSend, settleInDoubt } from './outbox.ts';
import { shorten } from './shorten.ts';

/** What of a forge a delivery needs. */
export type OutboxForge = Pick<Forge, 'maxDescription' | 'setStatus' | 'newestStatus'>;

/** Where statuses go, and where it is recorded that they did. */
export interface OutboxDelivery {
  /** Whose outbox it is. */
  readonly rollout: string;
  readonly forge: OutboxForge;
  readonly known: KnownThreads;
  /** Stores the outbox after each entry that has arrived; what it throws ends the delivery. */
  readonly persist: (outbox: readonly OutboxEntry[]) => Promise<void>;
}

/** How far a delivery came. */
export interface Delivered {
  readonly outbox: readonly OutboxEntry[];
  /** Why something is left; try again after `failure.retryAfterMs` or a back-off. */
  readonly failure: Failure | undefined;
}

/**
 * Sends what the outbox holds, in order, and stops at the first trouble of the forge. A thread in
 * doubt is compared with the forge's newest status first, so that no answer stands twice in a row.
 * A commit that the forge does not have holds up only itself; an entry that the forge refuses as
 * invalid is given up. Never throws a Failure of the forge.
 */
export async function deliverOutbox(
  outbox: readonly OutboxEntry[],
  delivery: OutboxDelivery,
  scope: Scope,
): Promise<Delivered> {
  let current = outbox;
  let failure: Failure | undefined;
  const blocked: OutboxEntry[] = [];
  const isBlocked = (entry: OutboxEntry): boolean =>
    blocked.some((other) => isSameThread(other, entry));
  for (;;) {
    scope.signal.throwIfAborted();
    const entry = nextToSend(current, isBlocked);
    if (!entry) return { outbox: current, failure };
    const step = await takeStep(current, entry, delivery, scope);
    if (step.outbox !== current) {
      current = step.outbox;
      await delivery.persist(current);
    }
    if (!step.failure) continue;
    failure = step.failure;
    if (failure.kind !== 'missing') return { outbox: current, failure };
    blocked.push(entry);
  }
}

async function takeStep(
  outbox: readonly OutboxEntry[],
  entry: OutboxEntry,
  { rollout, forge, known }: OutboxDelivery,
  scope: Scope,
): Promise<Delivered> {
  const cut = (description: string): string => shorten(description, forge.maxDescription);
  let isTold = false;
  try {
    if (!known.has(entry)) {
      const newest = await forge.newestStatus(entry.commit, entry.context, scope);
      known.add(entry, newest && { ...newest, description: cut(newest.description) }, rollout);
      return { outbox: settled(outbox, entry, newest, cut), failure: undefined };
    }
    // The outbox may have been read before this process noted in it what it sent.
    const arrived = settled(outbox, entry, known.newestOf(entry, rollout), cut);
    if (arrived !== outbox) return { outbox: arrived, failure: undefined };
    const short = { ...entry, description: cut(entry.description) };
    // Another Rollout of the same commit may have ended with the same words.
    if (known.says(entry, short)) return { outbox: markSent(outbox, entry), failure: undefined };
    isTold = true;
    await forge.setStatus(entry.commit, toStatus(short), scope);
    known.add(entry, short, rollout);
    scope.log.info('commit status sent', logFields(entry));
    return { outbox: markSent(outbox, entry), failure: undefined };
  } catch (thrown) {
    known.doubt(entry);
    if (!(thrown instanceof Failure)) throw thrown;
    // What cannot be read may be another program that answers: nothing is lost for that.
    if (!isTold || thrown.kind !== 'invalid') return { outbox, failure: thrown };
    scope.log.warn('commit status refused by the forge', {
      ...logFields(entry),
      reason: thrown.message,
    });
    return { outbox: markSent(outbox, entry), failure: undefined };
  }
}

/** The same array when nothing was settled, so that nothing is stored. */
function settled(
  outbox: readonly OutboxEntry[],
  entry: OutboxEntry,
  newest: Pick<CommitStatus, 'state' | 'description'> | undefined,
  cut: (description: string) => string,
): readonly OutboxEntry[] {
  const after = settleInDoubt(outbox, entry, newest, cut);
  return after.every(({ sent }, index) => sent === outbox[index]?.sent) ? outbox : after;
}

function toStatus({ context, state, description, url }: OutboxEntry): CommitStatus {
  return { context, state, description, ...(url === undefined ? {} : { targetUrl: url }) };
}

function logFields({ commit, context, state, description }: OutboxEntry) {
  return { commit, context, state, description };
}
