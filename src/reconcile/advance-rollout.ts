import { ensureOperators } from '../act/ensure-operators.ts';
import type { Scope } from '../lib/scope.ts';
import { mapConcurrent } from '../lib/map-concurrent.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import { nextStep, type InstanceStep } from '../plan/next-step.ts';
import { planOne, removedFromGit } from './plan-revision.ts';
import { ownedBy } from './observed-owner.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';
import type { RolloutRecord } from './rollout-record.ts';
import { sendStep, type SendTask } from './send-step.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Writes of one pass; more are left to the next, so that a newer commit is never far away. */
const MAX_SENDS = 32;
const SENDS_AT_ONCE = 16;

/** How a pass over a Rollout ended. */
export interface Advance {
  /** Everything wrong with the revision, as `file:line:column: text`. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  /** What keeps the service from working: API server, webhook, permissions. */
  readonly trouble: string | undefined;
  readonly lookAgainMs: number | undefined;
  /** True when records changed other than in their progress. */
  readonly urgent: boolean;
}

/**
 * One pass over a Rollout under way: at most one change per Instance, then the cluster is looked at
 * again (invariant 2). Intents are stored before the writes they announce.
 */
export async function advanceRollout(
  at: { settings: SyncSettings; job: SyncJob; revision: RevisionState; record: RolloutRecord },
  context: ReconcileContext,
  scope: Scope,
): Promise<Advance> {
  const { settings, job, revision, record } = at;
  const refused = await applyOperators(revision, context, scope);
  const problems = [...revision.desired.problems.filter(isError), ...refused];
  const notes: string[] = removalNotes(revision, settings, context);
  const tasks: SendTask[] = [];
  let lookAgainMs: number | undefined;
  let urgent = false;

  for (const key of keysOf(revision, record)) {
    const instance = revision.desired.instances.get(key);
    const resourceVersion = context.view.caches.instances.get(key)?.metadata.resourceVersion ?? '-';
    if (job.quiet.get(key) === resourceVersion) continue;
    const step = stepOf(key, instance, at, context, scope);
    problems.push(...step.problems);
    notes.push(...step.notes);
    if (step.send && tasks.length >= MAX_SENDS) {
      lookAgainMs = 0;
      continue;
    }
    if (store(key, step, record)) urgent = true;
    if (step.send) tasks.push({ key, instance, ...step.send });
    if (step.lookAgainMs !== undefined)
      lookAgainMs = Math.min(lookAgainMs ?? Infinity, step.lookAgainMs);
    const isQuiet = !step.send && step.lookAgainMs === undefined && !hasToSay(step);
    if (isQuiet && step.records.size === 0) job.quiet.set(key, resourceVersion);
  }
  const trouble = await sendAll(tasks, at, context, scope);
  return {
    problems: problems.map(problemText),
    notes,
    trouble,
    lookAgainMs: tasks.length > 0 ? Math.min(lookAgainMs ?? Infinity, 20) : lookAgainMs,
    urgent: urgent || tasks.length > 0,
  };
}

const hasToSay = (step: { problems: readonly unknown[]; notes: readonly unknown[] }): boolean =>
  step.problems.length > 0 || step.notes.length > 0;

const isError = ({ severity }: Problem): boolean => severity === 'error';

/** `file:line:column: text. What to do`. */
export function problemText({ file, line, column, message, hint }: Problem): string {
  const where = `${file}:${String(line)}:${String(column)}`;
  return hint === undefined ? `${where}: ${message}` : `${where}: ${message} (${hint})`;
}

/** Instances of the revision, and those that a predecessor's change still concerns. */
function keysOf(revision: RevisionState, record: RolloutRecord): readonly ObjectKey[] {
  return [
    ...new Set([...revision.desired.instances.keys(), ...record.records().keys()]),
  ].toSorted();
}

function stepOf(
  key: ObjectKey,
  instance: DesiredInstance | undefined,
  {
    settings,
    revision,
    record,
  }: { settings: SyncSettings; revision: RevisionState; record: RolloutRecord },
  { view }: ReconcileContext,
  scope: Scope,
): InstanceStep & { problems: readonly Problem[]; notes: readonly string[] } {
  const observed = view.caches.instances.get(key);
  const plan = instance
    ? planOne(instance, revision, view.caches, settings.uid)
    : { key, changes: [], problems: [], notes: [] };
  const step = nextStep({
    plan,
    observed,
    children: observed ? view.descendants(observed) : [],
    records: record.recordsOf(key),
    rolloutUid: record.uid,
    desiredHash: revision.hashes.get(key) ?? '',
    quietMs: view.quietMs(key),
    lastRun: view.lastRun(key),
    now: new Date(scope.clock.now()).toISOString(),
  });
  return { ...step, problems: plan.problems, notes: plan.notes };
}

/** Returns true when something else than progress changed. */
function store(key: ObjectKey, step: InstanceStep, record: RolloutRecord): boolean {
  let urgent = false;
  for (const [n, change] of step.records) {
    urgent ||= record.get(key, n)?.state !== change?.state;
    record.set(key, n, change);
  }
  return urgent;
}

async function sendAll(
  tasks: readonly SendTask[],
  at: { settings: SyncSettings; revision: RevisionState; record: RolloutRecord },
  context: ReconcileContext,
  scope: Scope,
): Promise<string | undefined> {
  if (tasks.length === 0) return undefined;
  await at.record.flush(context.client, scope);
  const troubles = await mapConcurrent(tasks, SENDS_AT_ONCE, (task) =>
    sendStep(task, at, context, scope),
  );
  await at.record.flush(context.client, scope);
  return troubles.find((trouble) => trouble !== undefined);
}

async function applyOperators(
  { desired }: RevisionState,
  context: ReconcileContext,
  scope: Scope,
): Promise<readonly Problem[]> {
  const { operators, operatorVersions } = context.view.caches;
  const observed = {
    operator: (key: ObjectKey) => operators.get(key),
    operatorVersion: (key: ObjectKey) => operatorVersions.get(key),
    wrote: (object: { kind: string }) => {
      if (object.kind === 'Operator') operators.update(object as never);
      else operatorVersions.update(object as never);
    },
  };
  return ensureOperators(desired, observed, context.client, scope);
}

function removalNotes(
  revision: RevisionState,
  settings: SyncSettings,
  { view }: ReconcileContext,
): string[] {
  const removed = removedFromGit(revision, view.caches, (key) =>
    ownedBy(settings.uid, key, view.caches.instances.get(key)),
  );
  return removed.map((key) => `${key} was removed from Git, not deleted`);
}
