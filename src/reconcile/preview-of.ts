import type { PullRequest } from '../forge/forge.ts';
import { KUDO_API_VERSION, type Instance } from '../kudo/objects.ts';
import type { InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { ANNOTATION } from '../model/names.ts';
import type { Problem } from '../model/problem.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { planInstance, referenceOf, type PlanContext } from '../plan/plan-instance.ts';
import type { Preview } from '../report/preview-comment.ts';
import { forkPlan, forkPlanContext, forkVersionSteps } from './fork-plan-context.ts';
import { forkRuns, previewRuns } from './preview-runs.ts';
import { planPhases } from './plan-phases.ts';
import { planAll, planContext, versionSteps, type VersionStep } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { standingFailures } from '../plan/standing-failures.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { RevisionState } from './revision-reader.ts';

/** What a preview is made from. */
export interface PreviewInput {
  readonly target: string;
  readonly pull: Pick<PullRequest, 'headSha' | 'fromFork'>;
  readonly head: RevisionState;
  /** The branch as it was last read. */
  readonly base: RevisionState;
  readonly syncUid: string;
  /** What became of the branch's changes so far. */
  readonly records?: ReturnType<RolloutRecord['records']> | undefined;
}

/**
 * What merging the head would do. The head of another repository is compared with the branch and not with
 * the cluster: its author must not learn what the cluster holds.
 */
export function previewOf(
  { target, pull, head, base, syncUid, records = new Map() }: PreviewInput,
  { view }: { readonly view: Pick<ReconcileContext['view'], 'caches'> },
): Preview {
  const { caches } = view;
  const live = planContext(head, caches, syncUid);
  const context = pull.fromFork ? forkPlanContext(head, base, caches, syncUid) : live;
  const versions = pull.fromFork
    ? forkVersionSteps(head, base)
    : versionSteps(head, caches, syncUid);
  const plans = pull.fromFork ? againstBranch(head, base, context) : planAll(head, caches, syncUid);
  const { runs, problems } = pull.fromFork
    ? forkRuns({ head, base })
    : previewRuns({ head, base }, caches, syncUid);
  return {
    target,
    headSha: pull.headSha,
    plans,
    runs,
    phases: planPhases(plans, head.desired, context),
    problems: [...head.desired.problems, ...versions.flatMap(problemOf), ...problems],
    notes: [
      ...versions.flatMap(replacedNoteOf),
      ...(pull.fromFork ? [] : standingFailures(records, plans, head.hashes)),
      ...removalNotes(head, base),
    ],
    hidesLiveValues: pull.fromFork,
    secretsOf: (desired) => {
      const { namespace, name } = referenceOf(desired);
      return secretNames(desired, live.findDesired(namespace, name));
    },
  };
}

function problemOf({ step }: VersionStep): readonly Problem[] {
  return step.kind === 'refuse' ? [step.problem] : [];
}

function replacedNoteOf({ step, wanted }: VersionStep): readonly string[] {
  if (step.kind !== 'replace') return [];
  return [`OperatorVersion ${wanted.key} would be replaced by other content`];
}

function removalNotes(head: RevisionState, base: RevisionState): readonly string[] {
  if (head.desired.incomplete || base.desired.incomplete) {
    return ['some files cannot be read, so removals are not listed'];
  }
  return [...base.desired.instances.keys()]
    .filter((key) => !head.desired.instances.has(key))
    .map((key) => `${key} would be removed from Git; it is not deleted`);
}

function againstBranch(
  head: RevisionState,
  base: RevisionState,
  context: PlanContext,
): readonly InstancePlan[] {
  return [...head.desired.instances.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((instance) => {
      const before = base.desired.instances.get(instance.key);
      const observed = before && asInstance(before, context.syncUid ?? '');
      return forkPlan(planInstance(instance, observed, context));
    });
}

/** The Instance as the branch says it is. */
function asInstance(desired: DesiredInstance, syncUid: string): Instance {
  const { key, name, namespace, operatorVersion, parameters } = desired;
  const annotations = { ...desired.annotations, [ANNOTATION.owner]: `${syncUid}:${key}` };
  return {
    apiVersion: KUDO_API_VERSION,
    kind: 'Instance',
    metadata: { name, namespace, annotations },
    spec: { operatorVersion, parameters },
  };
}
