import { isAllComplete, lastRunStatus, runningPlan } from '../kudo/plan-status.ts';
import type { Instance } from '../kudo/objects.ts';
import { splitKey, type ObjectKey } from '../model/kube-object.ts';
import type { ChangeRecord } from '../model/rollout.ts';
import { SILENCE_MS, type DependencyObstacle, type NumberedRecord } from './instance-situation.ts';
import { isOutdone } from './rollout-verdict.ts';

/** What is known of an Instance that another one depends on. */
export interface DependencyFacts {
  /** Its records in the same Rollout. */
  readonly records: readonly NumberedRecord[];
  readonly observed: Instance | undefined;
  /** Milliseconds since the cluster last said anything new about it. */
  readonly quietMs: number;
}

/**
 * Why an Instance that depends on `dependsOn` may not be changed now: the plans of all of them must have
 * ended well, those of this Rollout and the last one that the cluster tells of. What stops comes first.
 */
export function dependencyObstacle(
  key: ObjectKey,
  dependsOn: readonly ObjectKey[],
  factsOf: (key: ObjectKey) => DependencyFacts,
): DependencyObstacle | undefined {
  const found = dependsOn.flatMap((dependency): DependencyObstacle[] => {
    const why = whyOf(factsOf(dependency));
    const name = nameBeside(key, dependency);
    return why ? [{ kind: why.kind, message: `waits for ${name}, ${why.text}` }] : [];
  });
  return found.find(({ kind }) => kind === 'stops') ?? found[0];
}

/** Its name alone in the same namespace. */
export function nameBeside(key: ObjectKey, other: ObjectKey): string {
  const { namespace, name } = splitKey(other);
  return namespace === splitKey(key).namespace ? name : other;
}

interface Why {
  readonly kind: DependencyObstacle['kind'];
  readonly text: string;
}

function whyOf(facts: DependencyFacts): Why | undefined {
  const { records } = facts;
  const live = records.filter(({ n, record }) => !isOutdone(n, record, records));
  const failed = live.find(({ record }) => record.state === 'failed');
  if (failed) return { kind: 'stops', text: failureOf(failed.record) };
  if (live.some(({ record }) => record.state === 'held')) {
    return { kind: 'stops', text: 'which is held' };
  }
  const open = live.find(({ record }) => OPEN.has(record.state));
  if (open) return { kind: 'waits', text: openText(open.record) };
  const hasSucceeded = live.some(({ record }) => record.state === 'succeeded');
  return clusterWhy(facts, hasSucceeded);
}

const OPEN: ReadonlySet<string> = new Set(['planned', 'waiting', 'sending', 'running']);

function failureOf({ cause, plan }: ChangeRecord): string {
  if (cause === 'denied') return 'whose change KUDO refused';
  if (cause === 'timeout') return `whose plan ${plan} does not end`;
  return `whose plan ${plan} failed`;
}

function openText({ state, plan }: ChangeRecord): string {
  if (plan === '-') return 'which is to be changed before';
  return state === 'running' ? `whose plan ${plan} runs` : `whose plan ${plan} is to run before`;
}

/** The plans by which KUDO itself judges whether an Instance is ready (instance_controller.go:279-284). */
const LIFECYCLE: ReadonlySet<string> = new Set(['deploy', 'update', 'upgrade']);

/** What the cluster says of an Instance with which this Rollout has nothing left to do. */
function clusterWhy(
  { observed, quietMs }: DependencyFacts,
  hasSucceeded: boolean,
): Why | undefined {
  if (!observed) return { kind: 'waits', text: 'which is not there' };
  if (observed.metadata.deletionTimestamp !== undefined) {
    return { kind: 'waits', text: 'which is being deleted' };
  }
  const running = runningPlan(observed);
  if (running) return { kind: 'waits', text: `whose plan ${running.plan} runs` };
  if (hasSucceeded) return undefined;
  const last = lastRunStatus(observed, LIFECYCLE);
  if (!last) return { kind: 'waits', text: 'which was never deployed' };
  if (last.status === 'COMPLETE' || isAllComplete(last)) return undefined;
  if (last.status === 'FATAL_ERROR') {
    return { kind: 'stops', text: `whose plan ${last.name} failed` };
  }
  return quietMs < SILENCE_MS
    ? { kind: 'waits', text: `whose plan ${last.name} is about to end` }
    : { kind: 'stops', text: `whose plan ${last.name} has no known outcome` };
}
