import type { InstancePlan } from '../model/change.ts';
import type { InstanceSituation, NumberedRecord } from '../plan/instance-situation.ts';
import type { ClusterView } from './cluster-view.ts';
import { dependencyOf } from './dependency-of.ts';
import { instanceFacts } from './instance-facts.ts';
import { secretsOf } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { removalObstacle } from './removal-obstacle.ts';
import { cleanupOf } from './removals.ts';
import type { RolloutTurn } from './rollout-turn.ts';

/** All that decides the next step of one Instance, as it is at `now` (epoch ms). */
export function situationOf(
  plan: InstancePlan,
  now: number,
  turn: RolloutTurn,
  context: ReconcileContext,
): InstanceSituation {
  const { revision, record, settings } = turn;
  const { key } = plan;
  const { view } = context;
  const instance = revision.desired.instances.get(key);
  const facts = instanceFacts(key, record, context, now);
  const { observed, records } = facts;
  return {
    ...facts,
    plan,
    desiredHash: revision.hashes.get(key) ?? '',
    dependency: hasToSend(plan, records) ? waitsOn(plan, turn, view) : undefined,
    planTimeout: { ms: settings.planTimeoutMs, text: settings.planTimeout },
    ...(observed?.metadata.deletionTimestamp === undefined
      ? {}
      : { cleanup: cleanupOf(observed, view.caches) }),
    secrets: secretsOf(
      { desired: instance, observed, children: facts.children },
      revision,
      view.caches,
    ),
  };
}

function waitsOn(
  plan: InstancePlan,
  turn: RolloutTurn,
  view: ClusterView,
): InstanceSituation['dependency'] {
  const instance = turn.revision.desired.instances.get(plan.key);
  return instance ? dependencyOf(instance, turn, view) : removalObstacle(plan, turn, view);
}

const hasToSend = (plan: InstancePlan, records: readonly NumberedRecord[]): boolean =>
  plan.changes.length > 0 || records.some(({ record }) => record.state === 'sending');
