import { Command } from 'commander';
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
import { readSync } from './named-sync.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { withExamples } from './output.ts';
import { rolloutLines } from './rollout-lines.ts';
import { printable } from './table.ts';
import {
  parseGoal,
  rolloutsOfCommit,
  type WaitGoal,
  waitVerdict,
  type WaitVerdict,
} from './wait-verdict.ts';

interface WaitOptions extends NamespacedOptions {
  readonly for: string;
  readonly timeout: string;
}

/** `kudo-gitops wait`: follows a Sync until it is ready, or a commit until its verdict. */
export function waitCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('wait').description(
      'wait until a Sync is ready or a commit is rolled out, and show how it goes; exits with 1 when it fails or takes too long',
    ),
  )
    .argument('<sync>', 'sync/<name>, or <namespace>/<name>')
    .option('-n, --namespace <name>', "namespace of the Sync; the kubeconfig context's when absent")
    .option('--for <goal>', 'ready, or revision=<commit>', 'ready')
    .option('--timeout <duration>', 'longest wait, such as 90s or 1h', '5m')
    .action(async (name: string, options: WaitOptions) => {
      await wait(name.replace(/^syncs?\//, ''), options, context);
    });
  return withExamples(command, [
    [
      'After a push: wait for the verdict on this very commit',
      'wait sync/fleet -n shop --for=revision=$(git rev-parse HEAD)',
    ],
    ['Until the cluster is as the newest commit says', 'wait sync/fleet -n shop --timeout 10m'],
  ]);
}

async function wait(name: string, options: WaitOptions, context: CommandContext): Promise<void> {
  const goal = parseGoal(options.for);
  if (!goal) {
    const hint = 'write --for=ready or --for=revision=<commit>, at least 4 hex digits of it';
    throw new Failure('invalid', `--for=${options.for} is nothing to wait for`, { hint });
  }
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs === undefined) {
    throw new Failure('invalid', `--timeout ${options.timeout} is not a duration`, {
      hint: 'write a duration such as 30s, 5m or 1h',
    });
  }
  const cluster = await openCluster(options, context);
  const sync = await readSync(name, cluster, context.scope);
  const ended = new AbortController();
  const scope = withSignal(context.scope, ended.signal);
  try {
    const watched = watch(sync, cluster.client, scope);
    const say = (line: string): void => {
      context.out(`${printable(line)}\n`);
    };
    const verdict = await untilVerdict(goal, watched, { timeoutMs, say }, scope);
    if (verdict.kind === 'going-on') throw tooLate(options, keyOf(sync), verdict.text);
    if (verdict.kind === 'failed') {
      throw new Failure('invalid', `sync/${keyOf(sync)}: ${verdict.text}`, { hint: verdict.hint });
    }
    say(`sync/${keyOf(sync)}: ${verdict.text}`);
  } finally {
    ended.abort(new Error('the wait is over'));
  }
}

function tooLate(options: WaitOptions, key: ObjectKey, known: string): Failure {
  const what = options.for === 'ready' ? 'to be ready' : options.for;
  const advice =
    options.for === 'ready'
      ? 'raise --timeout if its plans take that long'
      : 'raise --timeout; a commit that was pushed together with a later one has no rollout of its own';
  return new Failure('timeout', `waited ${options.timeout} for sync/${key} ${what}: ${known}`, {
    hint: advice,
  });
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
