import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { ROLLOUTS, SYNCS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { parseDuration } from '../model/duration.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import type { CommandContext } from './command-context.ts';
import { rolloutLines } from './rollout-lines.ts';
import { printable } from './table.ts';
import { rolloutsOfCommit, type WaitGoal, waitVerdict, type WaitVerdict } from './wait-verdict.ts';

/** What is waited for, and how long. */
export interface Following {
  readonly sync: Sync;
  readonly goal: WaitGoal;
  readonly timeoutMs: number;
}

/** Milliseconds of `--timeout`. */
export function timeoutOf(text: string): number {
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined) return timeoutMs;
  throw new Failure('invalid', `--timeout ${text} is not a duration`, {
    hint: 'write a duration such as 30s, 5m or 1h',
  });
}

/** Prints how a Sync goes on until the goal is decided; the verdict is `going-on` when the time is over. */
export async function followSync(
  { sync, goal, timeoutMs }: Following,
  client: KubeClient,
  context: CommandContext,
): Promise<WaitVerdict> {
  const ended = new AbortController();
  const scope = withSignal(context.scope, ended.signal);
  const say = (line: string): void => {
    context.out(`${printable(line)}\n`);
  };
  try {
    return await untilVerdict(goal, watch(sync, client, scope), { timeoutMs, say }, scope);
  } finally {
    ended.abort(new Error('the wait is over'));
  }
}

/**
 * Prints a good verdict.
 *
 * @param waited how long was waited, and for what if that is to be said
 * @throws {Failure} for every other one
 */
export function requireVerdict(
  verdict: WaitVerdict,
  name: string,
  waited: string,
  { out }: CommandContext,
): void {
  if (verdict.kind === 'going-on') {
    throw new Failure('timeout', `waited ${waited} for ${name}: ${verdict.text}`, {
      hint: 'raise --timeout if its plans take that long; a commit that was pushed together with a later one has no rollout of its own',
    });
  }
  if (verdict.kind === 'failed') {
    throw new Failure('invalid', `${name}: ${verdict.text}`, { hint: verdict.hint });
  }
  out(`${printable(`${name}: ${verdict.text}`)}\n`);
}

interface Watched {
  readonly uid: string | undefined;
  readonly key: ObjectKey;
  readonly syncs: ObjectCache<Sync>;
  readonly rollouts: ObjectCache<Rollout>;
}

function watch({ metadata, ...sync }: Sync, client: KubeClient, scope: Scope): Watched {
  const { namespace, name, uid } = metadata;
  const at = { client, fieldSelector: `metadata.name=${name}` };
  const syncs = new ObjectCache<Sync>({ ...at, path: { ...SYNCS, namespace } });
  const rollouts = new ObjectCache<Rollout>({ client, path: { ...ROLLOUTS, namespace } });
  syncs.start(scope);
  rollouts.start(scope);
  return { uid, key: keyOf({ ...sync, metadata }), syncs, rollouts };
}

const LOOK_MS = 1_000;

/** The verdict; `going-on` when the time is over. */
async function untilVerdict(
  goal: WaitGoal,
  watched: Watched,
  { timeoutMs, say }: { readonly timeoutMs: number; readonly say: (line: string) => void },
  scope: Scope,
): Promise<WaitVerdict> {
  const until = scope.clock.now() + timeoutMs;
  const tell = narrator(goal, say);
  let verdict: WaitVerdict = { kind: 'going-on', text: 'the cluster has not answered' };
  for (;;) {
    if (hasSynced(watched)) {
      const rollouts = ownRollouts(watched);
      verdict = waitVerdict(goal, watched.syncs.get(watched.key), rollouts);
      tell(rollouts, verdict);
    }
    const leftMs = until - scope.clock.now();
    if (verdict.kind !== 'going-on' || leftMs <= 0) return verdict;
    await nextChange(watched, Math.min(LOOK_MS, leftMs), scope);
  }
}

function hasSynced({ syncs, rollouts }: Watched): boolean {
  return syncs.resourceVersion !== undefined && rollouts.resourceVersion !== undefined;
}

function ownRollouts({ key, uid, rollouts }: Watched): readonly Rollout[] {
  return rollouts
    .list()
    .filter(
      ({ metadata, spec }) =>
        `${metadata.namespace ?? ''}/${spec.sync}` === key &&
        metadata.ownerReferences?.some((owner) => owner.uid === uid) === true,
    )
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence);
}

/** Says what is new of the Rollouts that matter, and what keeps the Sync from going on. */
function narrator(
  goal: WaitGoal,
  say: (line: string) => void,
): (rollouts: readonly Rollout[], verdict: WaitVerdict) => void {
  const seen = new Map<string, Rollout>();
  let said: string | undefined;
  return (rollouts, verdict) => {
    const mattering =
      goal.kind === 'revision' ? rolloutsOfCommit(goal.oid, rollouts) : rollouts.slice(-1);
    for (const rollout of mattering) {
      const before = seen.get(keyOf(rollout));
      seen.set(keyOf(rollout), rollout);
      const isOver = before === undefined && verdict.kind !== 'going-on';
      if (!isOver) rolloutLines(before, rollout).forEach(say);
    }
    if (verdict.kind === 'going-on' && seen.size === 0 && verdict.text !== said) say(verdict.text);
    said = verdict.text;
  };
}

async function nextChange({ syncs, rollouts }: Watched, ms: number, scope: Scope): Promise<void> {
  const changed = new AbortController();
  const wake = (): void => {
    changed.abort();
  };
  const stops = [syncs.onChange(wake), rollouts.onChange(wake)];
  try {
    await scope.clock.sleep(ms, AbortSignal.any([scope.signal, changed.signal]));
  } catch (thrown) {
    if (!changed.signal.aborted) throw thrown;
  } finally {
    for (const stop of stops) stop();
  }
}
