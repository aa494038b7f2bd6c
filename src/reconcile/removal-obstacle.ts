import { messageOf } from '../lib/failure.ts';
import type { InstancePlan } from '../model/change.ts';
import { dependentObstacle } from '../plan/dependent-obstacle.ts';
import type { DependencyObstacle } from '../plan/instance-situation.ts';
import { changesAmong } from '../plan/run-records.ts';
import type { Caches, ClusterView } from './cluster-view.ts';
import { cleanupOf } from './removals.ts';
import { runsBefore } from './run-order.ts';
import type { RolloutTurn } from './rollout-turn.ts';

const LOOK_AGAIN_MS = 2_000;

/**
 * What keeps an Instance that Git no longer has from being deleted now: a cluster or a Git that is not
 * known as it is, a PlanRun that comes before, or what depends on the Instance and goes first.
 */
export function removalObstacle(
  { key, changes, waitsFor = [] }: InstancePlan,
  { job, revision, record }: Pick<RolloutTurn, 'job' | 'revision' | 'record'>,
  view: ClusterView,
): DependencyObstacle | undefined {
  if (!changes.some(({ kind }) => kind === 'delete')) return undefined;
  const { caches } = view;
  return (
    unseen(caches) ??
    unread(job.standingOf(key)) ??
    runsBefore(key, revision, caches) ??
    dependentObstacle(key, waitsFor, (dependent) => {
      const observed = caches.instances.get(dependent);
      return {
        observed,
        records: changesAmong(record.recordsOf(dependent)),
        quietMs: view.quietMs(dependent),
        ...(observed ? { cleanup: cleanupOf(observed, caches) } : {}),
      };
    })
  );
}

/** While the API server tells nothing, what was seen last may not hold: a Sync may have been told not to prune. */
function unseen({ instances, operatorVersions, syncs }: Caches): DependencyObstacle | undefined {
  const [error] = [instances, operatorVersions, syncs].flatMap(
    ({ health }) => health.lastError ?? [],
  );
  if (!error) return undefined;
  const message = `waits until the cluster can be seen again: ${messageOf(error)}`;
  return { kind: 'waits', message, lookAgainMs: LOOK_AGAIN_MS };
}

function unread(
  standing: ReturnType<RolloutTurn['job']['standingOf']>,
): DependencyObstacle | undefined {
  if (standing?.kind !== 'unread-yet') return undefined;
  const message = `waits: ${standing.why}, and may have it`;
  return { kind: 'waits', message, lookAgainMs: LOOK_AGAIN_MS };
}
