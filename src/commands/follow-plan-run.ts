import type { KubeClient } from '../cluster/kube-client.ts';
import { ObjectCache } from '../cluster/object-cache.ts';
import { PLAN_RUNS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { hasEnded, stateOf, type PlanRun } from '../model/plan-run.ts';
import { humanDuration } from '../sandbox/human-age.ts';
import type { CommandContext } from './command-context.ts';
import { printable } from './table.ts';

/** Prints how a PlanRun goes until it has ended, or the time is over; gives it as it was seen last. */
export async function followPlanRun(
  run: PlanRun,
  timeoutMs: number,
  client: KubeClient,
  context: CommandContext,
): Promise<PlanRun> {
  const ended = new AbortController();
  const scope = withSignal(context.scope, ended.signal);
  const { namespace, name } = run.metadata;
  const fieldSelector = `metadata.name=${name}`;
  const runs = new ObjectCache<PlanRun>({
    client,
    fieldSelector,
    path: { ...PLAN_RUNS, namespace },
  });
  runs.start(scope);
  try {
    return await untilEnd(run, { runs, timeoutMs, out: context.out }, scope);
  } finally {
    ended.abort(new Error('the wait is over'));
  }
}

interface Watch {
  readonly runs: ObjectCache<PlanRun>;
  readonly timeoutMs: number;
  readonly out: (text: string) => void;
}

const LOOK_MS = 1_000;

async function untilEnd(
  first: PlanRun,
  { runs, timeoutMs, out }: Watch,
  scope: Scope,
): Promise<PlanRun> {
  const until = scope.clock.now() + timeoutMs;
  let run = first;
  let said = '';
  let wasSeen = false;
  for (;;) {
    const known = runs.get(keyOf(first));
    if (!known && wasSeen) {
      throw new Failure('missing', `PlanRun ${first.metadata.name} was deleted`);
    }
    wasSeen = known !== undefined;
    run = known ?? run;
    const line = lineOf(run);
    if (line !== said && line !== '') out(`${printable(line)}\n`);
    said = line;
    const leftMs = until - scope.clock.now();
    if (hasEnded(run) || leftMs <= 0) return run;
    await nextChange(runs, Math.min(LOOK_MS, leftMs), scope);
  }
}

async function nextChange(runs: ObjectCache<PlanRun>, ms: number, scope: Scope): Promise<void> {
  const changed = new AbortController();
  const stop = runs.onChange(() => {
    changed.abort();
  });
  try {
    await scope.clock.sleep(ms, AbortSignal.any([scope.signal, changed.signal]));
  } catch (thrown) {
    if (!changed.signal.aborted) throw thrown;
  } finally {
    stop();
  }
}

function lineOf(run: PlanRun): string {
  const { message, progress } = run.status ?? {};
  const state = stateOf(run);
  if (state === 'running') return `  ◎ ${progress ?? `${run.spec.plan} scheduled`}`;
  if (state !== 'waiting' && state !== 'held') return '';
  return message === undefined ? '' : `  ◌ ${state}: ${message}`;
}

/**
 * Says how it went.
 *
 * @param waited how long was waited
 * @throws {Failure} when it has not succeeded
 */
export function requireSuccess(run: PlanRun, waited: string, { out }: CommandContext): void {
  const { name } = run.metadata;
  const { plan, instance } = run.spec;
  const { message = '', planUid } = run.status ?? {};
  const state = stateOf(run);
  const text = message === '' ? '' : `: ${printable(message)}`;
  const history = `kudo-gitops plan history ${run.metadata.namespace ?? ''}/${instance}`;
  if (!hasEnded(run)) {
    const hint =
      run.status === undefined
        ? 'nobody has looked at it: is the service running? It runs when one does'
        : `it goes on without you; later: ${history}`;
    throw new Failure('timeout', `waited ${waited} for planrun/${name}: ${state}${text}`, { hint });
  }
  if (state !== 'succeeded') {
    throw new Failure('invalid', `planrun/${name}: plan ${plan} ${state}${text}`, {
      hint: history,
    });
  }
  out(`  ✔ plan ${plan} succeeded${tookText(run)} (${planUid ?? 'uid unknown'})\n`);
}

function tookText({ status }: PlanRun): string {
  const ms = Date.parse(status?.finishedAt ?? '') - Date.parse(status?.startedAt ?? '');
  if (Number.isNaN(ms)) return '';
  return ms < 1_000 ? ' in under a second' : ` after ${humanDuration(ms)}`;
}
