import type { PullRequest } from '../forge/forge.ts';
import { KUDO_API_VERSION, type Instance } from '../kudo/objects.ts';
import type { InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { ANNOTATION } from '../model/names.ts';
import { secretNames } from '../plan/parameter-edits.ts';
import { planInstance, referenceOf } from '../plan/plan-instance.ts';
import type { Preview } from '../report/preview-comment.ts';
import { planAll, planContext } from './plan-revision.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';

/** What a preview is made from. */
export interface PreviewInput {
  readonly target: string;
  readonly pull: PullRequest;
  readonly head: RevisionState;
  /** The branch as it was last read. */
  readonly base: RevisionState;
  readonly syncUid: string;
}

/**
 * What merging the head would do. The head of another repository is compared with the branch and not with
 * the cluster: its author must not learn what the cluster holds.
 */
export function previewOf(
  { target, pull, head, base, syncUid }: PreviewInput,
  { view }: Pick<ReconcileContext, 'view'>,
): Preview {
  const plans = pull.fromFork
    ? againstBranch(head, base, syncUid, view.caches)
    : planAll(head, view.caches, syncUid);
  const versions = planContext(head, view.caches, syncUid);
  const removed = [...base.desired.instances.keys()].filter(
    (key) => !head.desired.incomplete && !head.desired.instances.has(key),
  );
  return {
    target,
    headSha: pull.headSha,
    plans,
    problems: head.desired.problems,
    notes: removed.map((key) => `${key} would be removed from Git; it is not deleted`),
    hidesLiveValues: pull.fromFork,
    secretsOf: (desired) => {
      const { namespace, name } = referenceOf(desired);
      return secretNames(desired, versions.findDesired(namespace, name));
    },
  };
}

function againstBranch(
  head: RevisionState,
  base: RevisionState,
  syncUid: string,
  caches: ReconcileContext['view']['caches'],
): readonly InstancePlan[] {
  const context = planContext(head, caches, syncUid);
  return [...head.desired.instances.values()]
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map((instance) => {
      const before = base.desired.instances.get(instance.key);
      return planInstance(instance, before && asInstance(before, syncUid), context);
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
