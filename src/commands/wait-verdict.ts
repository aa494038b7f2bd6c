import { oidOf, shortOid } from '../model/revision.ts';
import { keyOf } from '../model/kube-object.ts';
import { isVerdict, type Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { readyOf } from './get-columns.ts';

/**
 * What is waited for: that the Sync is ready, that it is after a look that somebody asked for, or that one
 * commit (its first digits at least) has its verdict.
 */
export type WaitGoal =
  | { readonly kind: 'ready' }
  | { readonly kind: 'request'; readonly requestedAt: string }
  | { readonly kind: 'revision'; readonly oid: string };

export type WaitVerdict =
  | { readonly kind: 'reached'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string; readonly hint?: string }
  /** `text` says what is known so far. */
  | { readonly kind: 'going-on'; readonly text: string };

/** `ready` or `revision=<sha>`; undefined for anything else. */
export function parseGoal(text: string): WaitGoal | undefined {
  if (text === 'ready') return { kind: 'ready' };
  const oid = /^revision=(?:.*@sha1:)?([0-9a-f]{4,40})$/i.exec(text)?.[1];
  return oid === undefined ? undefined : { kind: 'revision', oid: oid.toLowerCase() };
}

/**
 * Whether the wait is over. `rollouts` are those of this Sync; a Sync that was edited since the service
 * last looked at it is neither ready nor failed.
 */
export function waitVerdict(
  goal: WaitGoal,
  sync: Sync | undefined,
  rollouts: readonly Rollout[],
): WaitVerdict {
  if (!sync) return { kind: 'failed', text: 'the Sync was deleted' };
  const decided = goal.kind === 'revision' ? rolloutVerdict(goal.oid, rollouts) : undefined;
  return decided ?? syncVerdict(goal, sync);
}

function syncVerdict(goal: WaitGoal, sync: Sync): WaitVerdict {
  const ready = readyOf(sync);
  if (!ready) return { kind: 'going-on', text: 'not looked at yet; is kudo-gitops running?' };
  const text = ready.message;
  if (ready.observedGeneration !== sync.metadata.generation) return { kind: 'going-on', text };
  if (ready.reason === 'Suspended') {
    const hint = `kudo-gitops resume ${keyOf(sync)}`;
    return { kind: 'failed', text, hint };
  }
  if (!mayDecide(goal, sync)) return { kind: 'going-on', text };
  if (ready.status === 'True') return { kind: 'reached', text };
  return { kind: isStalled(sync) ? 'failed' : 'going-on', text };
}

/** Whether how the Sync stands says anything about the goal. */
function mayDecide(goal: WaitGoal, { status }: Sync): boolean {
  if (goal.kind === 'request') return status?.lastHandledReconcileAt === goal.requestedAt;
  return goal.kind === 'ready';
}

function isStalled({ status }: Sync): boolean {
  return (
    status?.conditions?.some((one) => one.type === 'Stalled' && one.status === 'True') === true
  );
}

/** Undefined while the commit has no Rollout that has ended. */
function rolloutVerdict(oid: string, rollouts: readonly Rollout[]): WaitVerdict | undefined {
  const newest = rolloutsOfCommit(oid, rollouts).at(-1);
  const { phase, message = '' } = newest?.status ?? {};
  if (!newest || !isVerdict(phase)) return undefined;
  const text = `${shortOid(oidOf(newest.spec.revision))} ${phase}: ${message}`;
  switch (phase) {
    case 'succeeded':
      return { kind: 'reached', text };
    case 'failed':
      return { kind: 'failed', text };
    case 'superseded':
      return { kind: 'failed', text, hint: 'wait for the newer commit, which carries on with it' };
  }
}

/** The Rollouts of a commit, oldest first. */
export function rolloutsOfCommit(oid: string, rollouts: readonly Rollout[]): readonly Rollout[] {
  return rollouts
    .filter(({ spec }) => oidOf(spec.revision).startsWith(oid))
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence);
}
