import type { OperatorVersion } from '../kudo/objects.ts';
import type { InstancePlan } from '../model/change.ts';
import type { Problem } from '../model/problem.ts';
import type { PlanContext } from '../plan/plan-instance.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import { operatorVersionStep, type ReplacePolicy } from '../plan/operator-version-step.ts';
import type { Caches } from './cluster-view.ts';
import { dependencyContext } from './dependency-context.ts';
import { judgedVersions, type VersionStep } from './plan-revision.ts';
import type { ReplacingRevision } from './replace-policy.ts';
import type { RevisionState } from './revision-reader.ts';

/**
 * How the planner sees the head of a fork: against the branch, and without what only the cluster knows. The
 * cluster's OperatorVersions are taken only where the branch names them already; no hint names another.
 */
export function forkPlanContext(
  head: ReplacingRevision,
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
    // Where the branch has an OperatorVersion the cluster has it.
    ...judgedVersions({
      desired: head.desired.operatorVersions,
      observed: ofBranch,
      policy: forkPolicy(head),
    }),
    knownNames: (namespace) => [
      ...new Set(
        [...head.desired.operatorVersions.values(), ...base.desired.operatorVersions.values()]
          .filter(({ key }) => key.startsWith(`${namespace}/`))
          .map(({ object }) => object.metadata.name),
      ),
    ],
    // What is compared is the branch, where nothing drifts and every Instance is the Sync's own.
    ownerName: () => undefined,
    driftPolicy: 'ignore',
    isFought: () => false,
  };
}

/** What would become of the OperatorVersions, as far as the branch tells. */
export function forkVersionSteps(
  head: ReplacingRevision,
  base: Pick<RevisionState, 'desired'>,
): readonly VersionStep[] {
  const policy = forkPolicy(head);
  return [...head.desired.operatorVersions.values()].map((wanted) => ({
    wanted,
    step: operatorVersionStep(
      wanted,
      base.desired.operatorVersions.get(wanted.key)?.object,
      policy,
    ),
  }));
}

/** Who else refers to an OperatorVersion is not told to a fork. */
function forkPolicy({ replacesVersions }: ReplacingRevision): ReplacePolicy {
  return { isAllowed: replacesVersions, users: () => [] };
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
