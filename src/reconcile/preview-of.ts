import type { PullRequest } from '../forge/forge.ts';
import { KUDO_API_VERSION, type Instance } from '../kudo/objects.ts';
import { planStatusOf } from '../kudo/plan-status.ts';
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
import { doesRest } from '../plan/redone-failure.ts';
import { standingFailures, type MergedState } from '../plan/standing-failures.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { cleanupPhases, removalsOf } from './removals.ts';
import type { RevisionState } from './revision-reader.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** What a preview is made from. */
export interface PreviewInput {
  readonly target: string;
  readonly pull: Pick<PullRequest, 'headSha' | 'fromFork'>;
  readonly head: RevisionState;
  /** The branch as it was last read. */
  readonly base: RevisionState;
  /** Whose preview it is; a fork is told nothing of its drift. */
  readonly sync: Pick<
    SyncSettings,
    'uid' | 'namespace' | 'name' | 'paths' | 'prune' | 'pruneLimit' | 'driftPolicy'
  >;
  /** What the Sync remembers: what was set back too often, and what other Syncs have in Git. */
  readonly memory?: Pick<SyncJob, 'fights' | 'standingOf'> | undefined;
  /** What became of the branch's changes so far. */
  readonly records?: ReturnType<RolloutRecord['records']> | undefined;
}

/**
 * What merging the head would do. The head of another repository is compared with the branch and not with
 * the cluster: its author must not learn what the cluster holds.
 */
export function previewOf(
  { target, pull, head, base, sync, memory, records = new Map() }: PreviewInput,
  { view }: { readonly view: Pick<ReconcileContext['view'], 'caches'> },
): Preview {
  const { caches } = view;
  const asker = { ...sync, ...(memory ? { fights: memory.fights } : {}) };
  const live = planContext(head, caches, asker);
  const context = pull.fromFork ? forkPlanContext(head, base, caches, sync.uid) : live;
  const versions = pull.fromFork
    ? forkVersionSteps(head, base)
    : versionSteps(head, caches, sync.uid);
  const removals = pull.fromFork ? [] : removalsFrom({ head, sync, memory }, caches);
  const wanted = pull.fromFork ? againstBranch(head, base, context) : planAll(head, caches, asker);
  const phases = planPhases(wanted, head.desired, context);
  const { runs, problems, notes } = pull.fromFork
    ? forkRuns({ head, base })
    : previewRuns({ head, base }, caches, sync.uid);
  return {
    target,
    headSha: pull.headSha,
    plans: [...wanted, ...removals].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    runs,
    phases: new Map([...phases, ...cleanupPhases(removals, caches)]),
    problems: [...head.desired.problems, ...versions.flatMap(problemOf), ...problems],
    notes: [
      ...versions.flatMap(replacedNoteOf),
      ...(pull.fromFork ? [] : standingFailures(records, mergedState(head, wanted, caches, live))),
      ...removalNotes({ pull, head, base, sync }, removals),
      ...notes,
    ],
    hidesLiveValues: pull.fromFork,
    secretsOf: (desired) => {
      const { namespace, name } = referenceOf(desired);
      return secretNames(desired, live.findDesired(namespace, name));
    },
  };
}

function mergedState(
  { desired, hashes }: RevisionState,
  plans: readonly InstancePlan[],
  { instances }: ReconcileContext['view']['caches'],
  context: PlanContext,
): MergedState {
  return {
    plans,
    hashes,
    isRedone: (key, failed, by) => {
      const instance = desired.instances.get(key);
      const observed = instances.get(key);
      if (!instance || !observed) return false;
      const { namespace, name } = referenceOf(instance);
      return doesRest(
        by,
        failed,
        planStatusOf(observed, failed.plan),
        context.findDesired(namespace, name),
      );
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

function removalsFrom(
  { head, sync, memory }: Pick<PreviewInput, 'head' | 'sync' | 'memory'>,
  caches: ReconcileContext['view']['caches'],
): readonly InstancePlan[] {
  const standingOf = memory?.standingOf ?? (() => undefined);
  const live = caches.syncs.get(`${sync.namespace}/${sync.name}`);
  const input = { settings: sync, revision: head, sync: live, standingOf };
  return [...removalsOf(input, caches).values()];
}

/** What the plans do not say: that nothing counts as removed, and what a fork may be told of removals. */
function removalNotes(
  { pull, head, base, sync }: Pick<PreviewInput, 'pull' | 'head' | 'base' | 'sync'>,
  planned: readonly InstancePlan[],
): readonly string[] {
  if (head.desired.incomplete || base.desired.incomplete) {
    return ['some files cannot be read, so removals are not listed'];
  }
  const mayGo = sync.prune && pull.fromFork;
  const fate = mayGo ? 'it is deleted if this Sync made it' : 'it is not deleted';
  const known = new Set(planned.map(({ key }) => key));
  return [...base.desired.instances.keys()]
    .filter((key) => !head.desired.instances.has(key) && !known.has(key))
    .map((key) => `${key} would be removed from Git; ${fate}`);
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
