import { driftPolicyOf } from '../plan/drift.ts';
import type { Instance } from '../kudo/objects.ts';
import type { DesiredInstance } from '../model/desired.ts';
import { describeChange, type InstancePlan } from '../model/change.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { changesAmong } from '../plan/run-records.ts';
import { correctedFields } from './corrected-fields.ts';
import { dependencyOf } from './dependency-of.ts';
import { isAnyRunAnew } from './run-anew.ts';
import { isLoadedSince } from './loaded-since.ts';
import { planOne, secretsOf } from './plan-revision.ts';
import { QuietInstances } from './quiet-instances.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { removalObstacle } from './removal-obstacle.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { askerOf, removalsIn, type SyncAt } from './sync-asker.ts';
import { tellDrift } from './tell-drift.ts';

/** What a look at a Rollout that has ended finds. */
export interface LookBack {
  /** True when the revision is to be tried once more. */
  readonly isAgain: boolean;
  /** What has come to differ since, and is to be put right. */
  readonly again: readonly InstancePlan[];
  /** What differs from Git and is left alone. */
  readonly notes: readonly string[];
  /** When what was set back too often may be set back again. */
  readonly lookAgainMs: number | undefined;
}

type LookBackContext = Pick<ReconcileContext, 'view' | 'driftEvents'>;

interface Found {
  readonly again: InstancePlan[];
  readonly notes: string[];
  lookAgainMs: number;
}

/**
 * What has come to differ from Git since the head was rolled out, without a commit: values that others
 * changed, Instances that somebody deleted, problems and removals that no longer stand in the way. A
 * failed plan is none of it: only a commit or a retry helps that. Plans are made anew only for Instances
 * that changed since.
 */
export function lookBack(at: Finished, context: LookBackContext): LookBack {
  const found: Found = { again: [], notes: [], lookAgainMs: Infinity };
  for (const instance of at.revision.desired.instances.values()) {
    lookAtInstance(instance, at, context, found);
  }
  const removals = removalsIn(at, context);
  for (const plan of removals.values()) {
    const observed = context.view.caches.instances.get(plan.key);
    const isWaiting = removalObstacle(plan, at, context.view) !== undefined;
    judge({ plan, observed, isWaiting }, at, found);
  }
  for (const key of at.record.keys()) {
    if (!isLetGo(key, at, context)) continue;
    found.again.push(removals.get(key) ?? { key, changes: [], problems: [], notes: [] });
  }
  const { again, notes, lookAgainMs } = found;
  return {
    isAgain: again.length > 0 || mayGoOn(at, context),
    again,
    notes,
    lookAgainMs: lookAgainMs === Infinity ? undefined : lookAgainMs,
  };
}

/** What a failed Rollout met is not there any more, beside its Instances. */
function mayGoOn({ record, revision }: Finished, { view }: LookBackContext): boolean {
  if (record.fields.phase !== 'failed') return false;
  return isLoadedSince(record, revision) || isAnyRunAnew(record, view.caches);
}

/** What a pass leaves alone as it ends the Rollout may have to be set back later: when to look back at it. */
export function lookBackMs(
  { isFinished }: Pick<RolloutRecord, 'isFinished'>,
  notes: readonly string[],
): 0 | undefined {
  return isFinished && notes.length > 0 ? 0 : undefined;
}

/** A Sync at a revision whose Rollout has ended. */
interface Finished extends SyncAt {
  readonly record: RolloutRecord;
}

function lookAtInstance(
  instance: DesiredInstance,
  at: Finished,
  context: LookBackContext,
  found: Found,
): void {
  const { view } = context;
  const { revision, job, record } = at;
  const { key } = instance;
  const mark = QuietInstances.mark(key, revision, view);
  if (job.quiet.has(key, mark)) return;
  const plan = planOne(instance, revision, view.caches, askerOf(at));
  const observed = view.caches.instances.get(key);
  if (plan.drift) {
    const owner = { desired: instance, observed, children: [] };
    tellDrift(plan, { observed, secrets: secretsOf(owner, revision, view.caches) }, context);
  }
  const policy = driftPolicyOf(instance, at.settings);
  if (!observed && policy !== 'correct') {
    if (policy === 'report')
      found.notes.push(`${key} is in Git and not in the cluster; left alone`);
    return;
  }
  const isWaiting = dependencyOf(instance, { revision, record }, view) !== undefined;
  judge({ plan, observed, isWaiting }, at, found);
  const needsNothing = plan.changes.length + plan.notes.length + plan.problems.length === 0;
  if (needsNothing) job.quiet.add(key, mark);
}

interface Looked {
  readonly plan: InstancePlan;
  readonly observed: Instance | undefined;
  /** True while an Instance that it depends on is not as it should be. */
  readonly isWaiting: boolean;
}

function judge({ plan, observed, isWaiting }: Looked, at: Finished, found: Found): void {
  const { key, changes, problems, notes } = plan;
  if (problems.length > 0) return;
  found.notes.push(...notes);
  const isFought = tellFight(plan, at, found);
  // What waits for others is tried again when those are well.
  if (isWaiting) return;
  if (changes.length === 0) {
    if (wasHeld(key, at)) found.again.push(plan);
    return;
  }
  const isGoing = observed?.metadata.deletionTimestamp !== undefined;
  if (isFought || isGoing || isStuck(key, at)) {
    found.notes.push(
      `${key}: Git differs in ${changes.map(describeChange).join(', ')}; left alone`,
    );
  } else {
    found.again.push(plan);
  }
}

/** True when a problem held it, or what it depends on: neither is there any more. */
function wasHeld(key: ObjectKey, { record }: Finished): boolean {
  const changes = changesAmong(record.recordsOf(key));
  const causes = changes.map(({ record: one }) => one.state === 'held' && one.cause);
  return causes.some((cause) => cause === 'problem' || cause === 'dependency');
}

/** True for a failure of what Git still says. */
function isStuck(key: ObjectKey, { record, revision }: Finished): boolean {
  const hash = revision.hashes.get(key) ?? '';
  return changesAmong(record.recordsOf(key)).some(
    ({ record: { state, desiredHash, redoneBy } }) =>
      state === 'failed' && desiredHash === hash && redoneBy === undefined,
  );
}

/** True when something of the plan was set back too often; says so, and when it may be again. */
function tellFight(
  { key, changes, notes }: InstancePlan,
  { job }: Finished,
  found: Found,
): boolean {
  const pauseMs = job.fights.pauseMs(key);
  if (pauseMs === undefined) return false;
  const isFought = changes
    .flatMap(correctedFields)
    .some((field) => job.fights.isFought(key, field));
  if (!isFought && notes.length === 0) return false;
  const seconds = String(Math.ceil(pauseMs / 1_000));
  found.notes.push(`${key} was set back again and again; the next try is in ${seconds} s`);
  found.lookAgainMs = Math.min(found.lookAgainMs, pauseMs);
  return isFought;
}

/** An Instance whose cleanup failed, and that a person has let go. */
function isLetGo(key: ObjectKey, { record }: Finished, { view }: LookBackContext): boolean {
  return record.recordsOf(key).some(({ record: { kind, state, instanceUid } }) => {
    const hasFailed = kind === 'delete' && state === 'failed';
    return hasFailed && view.caches.instances.get(key)?.metadata.uid !== instanceUid;
  });
}
