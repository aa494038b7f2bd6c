import type { CommitStatus } from '../model/commit-status.ts';
import type { OutboxEntry } from '../model/rollout.ts';
import { shorten } from './shorten.ts';

/** Progress entries per commit and context; a verdict is never counted or dropped. */
export const MAX_PROGRESS = 8;

/** More than any forge keeps, and little enough for an object in the cluster. */
const MAX_DESCRIPTION = 512;

/**
 * The outbox with `status` to be said about `commit`: progress that was not sent yet is replaced by
 * newer progress, the same answer never follows itself, and after `maxProgress` entries only
 * verdicts are taken. Returns the same array when nothing changes.
 */
export function enqueue(
  outbox: readonly OutboxEntry[],
  commit: string,
  status: CommitStatus,
  maxProgress = MAX_PROGRESS,
): readonly OutboxEntry[] {
  const entry = toEntry(commit, status);
  const own = outbox.filter((other) => isSameThread(other, entry));
  const last = own.at(-1);
  if (last && saysTheSame(last, entry)) return outbox;
  const isUnsentProgress = last !== undefined && isProgress(last) && !last.sent;
  if (isProgress(entry) && isUnsentProgress) return replace(outbox, last, entry, own.at(-2));
  if (!isProgress(entry)) return [...outbox, entry];
  const progress = own.filter(isProgress).length;
  return progress < maxProgress ? [...outbox, entry] : outbox;
}

/** GitHub takes 1,000 statuses per commit and context; every attempt at one commit counts towards them. */
const ATTEMPTS_WITH_PROGRESS = 50;
const ATTEMPTS_SAID = 500;

/**
 * How much may be said of an attempt at a commit, so that all of them together stay below what forges
 * take: first everything, then verdicts, at last nothing.
 */
export function attemptBudget(attempt: number): {
  readonly progress: number;
  readonly verdict: boolean;
} {
  const progress = attempt <= ATTEMPTS_WITH_PROGRESS ? MAX_PROGRESS : 0;
  return { progress, verdict: attempt <= ATTEMPTS_SAID };
}

/**
 * The outbox of a Rollout that ended a while ago without progress that nobody saw: when a forge was away,
 * only the answers are left to say. Returns the same array when nothing changes.
 */
export function withoutOldProgress(outbox: readonly OutboxEntry[]): readonly OutboxEntry[] {
  const kept = outbox.filter((entry, index) => {
    const isOvertaken = outbox.slice(index + 1).some((later) => isSameThread(later, entry));
    return entry.sent || !isProgress(entry) || !isOvertaken;
  });
  return kept.length === outbox.length ? outbox : kept;
}

/** A trouble passes as progress does; only the two verdicts end a rollout. */
export const isProgress = ({ state }: Pick<OutboxEntry, 'state'>): boolean =>
  state === 'pending' || state === 'error';

/** The first entry that was not sent; entries of one commit and context leave in their order. */
export function nextToSend(
  outbox: readonly OutboxEntry[],
  isBlocked: (entry: OutboxEntry) => boolean = () => false,
): OutboxEntry | undefined {
  return outbox.find((entry) => !entry.sent && !isBlocked(entry));
}

/** The outbox with `entry`, one of its own, marked as sent. */
export function markSent(
  outbox: readonly OutboxEntry[],
  entry: OutboxEntry,
): readonly OutboxEntry[] {
  return outbox.map((other) => (other === entry ? { ...other, sent: true } : other));
}

/**
 * Settles entries whose sending is in doubt, after a crash or a failed send: when the newest status
 * that the forge shows for the thread of `entry` is one of them, that one and all before it have
 * arrived. `cut` makes a description as short as it is made for the forge.
 */
export function settleInDoubt(
  outbox: readonly OutboxEntry[],
  entry: Pick<OutboxEntry, 'commit' | 'context'>,
  newestAtForge: Pick<CommitStatus, 'state' | 'description'> | undefined,
  cut: (description: string) => string = (description) => description,
): readonly OutboxEntry[] {
  if (!newestAtForge) return outbox;
  const arrived = outbox.findLastIndex(
    (other) =>
      isSameThread(other, entry) &&
      other.state === newestAtForge.state &&
      cut(other.description) === cut(newestAtForge.description),
  );
  return outbox.map((other, index) =>
    index <= arrived && !other.sent && isSameThread(other, entry)
      ? { ...other, sent: true }
      : other,
  );
}

/** Statuses of one context on one commit follow each other; all others are independent. */
export function isSameThread(
  a: Pick<OutboxEntry, 'commit' | 'context'>,
  b: Pick<OutboxEntry, 'commit' | 'context'>,
): boolean {
  return a.commit === b.commit && a.context === b.context;
}

function toEntry(commit: string, status: CommitStatus): OutboxEntry {
  const { context, state, targetUrl } = status;
  const description = shorten(status.description, MAX_DESCRIPTION);
  const url = targetUrl === undefined ? {} : { url: targetUrl };
  return { commit, context, state, description, ...url, sent: false };
}

function saysTheSame(a: OutboxEntry, b: OutboxEntry): boolean {
  return a.state === b.state && a.description === b.description;
}

function replace(
  outbox: readonly OutboxEntry[],
  unsent: OutboxEntry,
  entry: OutboxEntry,
  before: OutboxEntry | undefined,
): readonly OutboxEntry[] {
  if (before && saysTheSame(before, entry)) return outbox.filter((other) => other !== unsent);
  return outbox.map((other) => (other === unsent ? entry : other));
}
