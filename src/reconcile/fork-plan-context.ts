import type { OperatorVersion } from '../kudo/objects.ts';
import type { InstancePlan } from '../model/change.ts';
import type { Problem } from '../model/problem.ts';
import type { PlanContext } from '../plan/plan-instance.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import type { Caches } from './cluster-view.ts';
import { dependencyContext } from './dependency-context.ts';
import type { RevisionState } from './revision-reader.ts';

/**
 * How the planner sees the head of a fork: against the branch, and without what only the cluster knows. The
 * cluster's OperatorVersions are taken only where the branch names them already; no hint names another.
 */
export function forkPlanContext(
  head: Pick<RevisionState, 'desired'>,
  base: Pick<RevisionState, 'desired'>,
  caches: Pick<Caches, 'operatorVersions'>,
  syncUid: string,
): PlanContext {
  const named = new Set(
    [...base.desired.instances.values()].map((instance) => {
      const { namespace, name } = referenceOf(instance);
      return `${namespace}/${name}`;
    }),
  );
  const ofBranch = (namespace: string, name: string): OperatorVersion | undefined => {
    const key = `${namespace}/${name}` as const;
    const inGit = base.desired.operatorVersions.get(key)?.object;
    return inGit ?? (named.has(key) ? caches.operatorVersions.get(key) : undefined);
  };
  return {
    syncUid,
    dependencies: dependencyContext(head.desired.instances, undefined),
    findObserved: ofBranch,
    // Where the branch has an OperatorVersion the cluster has it, and keeps it as it is.
    findDesired: (namespace, name) =>
      ofBranch(namespace, name) ??
      head.desired.operatorVersions.get(`${namespace}/${name}`)?.object,
    knownNames: (namespace) => [
      ...new Set(
        [...head.desired.operatorVersions.values(), ...base.desired.operatorVersions.values()]
          .filter(({ key }) => key.startsWith(`${namespace}/`))
          .map(({ object }) => object.metadata.name),
      ),
    ],
  };
}

/** The plan without what it cannot say of a fork: whether the cluster has an OperatorVersion. */
export function forkPlan(plan: InstancePlan): InstancePlan {
  return { ...plan, problems: plan.problems.map(withoutCluster) };
}

function withoutCluster(problem: Problem): Problem {
  if (problem.id !== 'missing-operator-version') return problem;
  return {
    ...problem,
    severity: 'warning',
    message: problem.message.replace(
      'is neither in Git nor in the cluster',
      'is not in Git; whether the cluster has it is not told to a fork',
    ),
  };
}
