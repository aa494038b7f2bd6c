import type { Scope } from '../lib/scope.ts';
import type { InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import type { InstanceSituation, NumberedRecord } from '../plan/instance-situation.ts';
import { orderOf } from '../plan/instance-order.ts';
import { nextStep, type InstanceStep } from '../plan/next-step.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import { applyOperators } from './apply-operators.ts';
import { applyPlans } from './apply-plans.ts';
import type { ClusterView } from './cluster-view.ts';
import { createdNote, replacedNote } from './created-note.ts';
import { planOne, secretsOf } from './plan-revision.ts';
import { tellDrift } from './tell-drift.ts';
import { dependencyOf } from './dependency-of.ts';
import { instanceFacts } from './instance-facts.ts';
import { PlanSlots } from './plan-slots.ts';
import { QuietInstances } from './quiet-instances.ts';
import { removalObstacle } from './removal-obstacle.ts';
import { cleanupOf } from './removals.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import { sendStep, type SendTask } from './send-step.ts';
import { askerOf, removalsIn } from './sync-asker.ts';

/** Writes whose intents are stored; more are left to later passes, so that a newer commit is never far away. */
const MAX_SENDS = 64;
/** So many are left when a pass ends that has more to send: KUDO is busy while the next one decides. */
const SENDS_LEFT = 32;
const AFTER_SEND_MS = 20;

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

/** What a pass gathers Instance by Instance. */
interface Gathered {
  readonly problems: Problem[];
  readonly notes: string[];
  /** OperatorVersions that are to be replaced, and what that waits for. */
  readonly waiting: ReadonlyMap<ObjectKey, string>;
  readonly tasks: SendTask[];
  /** What becomes of Instances that Git no longer has. */
  readonly removals: ReadonlyMap<ObjectKey, InstancePlan>;
  /** How many tasks there may be. */
  readonly room: number;
  /** Instances with a plan under way, of which there may be `maxConcurrent`. */
  readonly slots: PlanSlots;
  lookAgainMs: number;
  urgent: boolean;
}

interface Gathering {
  readonly gathered: Gathered;
  readonly scope: Scope;
}

/**
 * One pass over a Rollout under way: at most one change per Instance, then the cluster is looked at
 * again (invariant 2). Intents are stored before the writes they announce. Writes may go on after the
 * pass; until a write has ended its Instance is left alone.
 */
export async function advanceRollout(
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<Advance> {
  const { created, replaced, refused, waiting } = await applyOperators(turn, context, scope);
  const plans = await applyPlans(turn, context, scope);
  const gathered: Gathered = {
    problems: [...turn.revision.desired.problems.filter(isError), ...refused, ...plans.problems],
    notes: [...created.map(createdNote), ...replaced.map(replacedNote), ...plans.notes],
    waiting,
    removals: removalsIn(turn, context),
    tasks: [],
    room: MAX_SENDS - turn.job.sends.size,
    slots: new PlanSlots(turn.record, turn.settings.maxConcurrent),
    lookAgainMs: Infinity,
    urgent: plans.urgent,
  };
  gatherAll(turn, context, { gathered, scope });
  if (gathered.slots.hasFreed) gathered.lookAgainMs = 0;
  await startSending(gathered.tasks, turn, context, scope);
  // With more to send there is a next pass to come soon; the last writes are waited for.
  await turn.job.sends.shrunkTo(gathered.lookAgainMs === 0 ? SENDS_LEFT : 0);
  const { ended, trouble } = turn.job.sends.takeResults();
  const hasSent = ended > 0;
  const lookAgainMs = Math.min(gathered.lookAgainMs, hasSent ? AFTER_SEND_MS : Infinity);
  return {
    problems: [...new Set(gathered.problems.map(problemText))],
    notes: gathered.notes,
    trouble,
    lookAgainMs: lookAgainMs === Infinity ? undefined : lookAgainMs,
    urgent: gathered.urgent || hasSent,
  };
}

/** Decides the next step of every Instance that may have one. */
function gatherAll(turn: RolloutTurn, context: ReconcileContext, to: Gathering): void {
  const { gathered } = to;
  const { quiet, sends } = turn.job;
  for (const key of keysOf(turn, gathered.removals)) {
    if (sends.has(key)) continue;
    const mark = QuietInstances.mark(key, turn.revision, context.view);
    if (quiet.has(key, mark)) continue;
    if (isLeftOut(turn.record.recordsOf(key), gathered)) continue;
    if (gather(key, turn, context, to)) {
      quiet.add(key, mark);
    }
  }
}

/** True when there is nothing to decide but a write, and no room for one. */
function isLeftOut(records: readonly NumberedRecord[], gathered: Gathered): boolean {
  const hasRoom = gathered.tasks.length < gathered.room;
  if ((hasRoom && !gathered.slots.isFull) || !isOnlyPlanned(records)) return false;
  if (hasRoom) gathered.slots.refuse();
  else gathered.lookAgainMs = 0;
  return true;
}

/** Its turn comes with a later pass; there is nothing to settle before. */
function isOnlyPlanned(records: readonly NumberedRecord[]): boolean {
  return records.length > 0 && records.every(({ record }) => record.state === 'planned');
}

/** Decides the next step of one Instance; true when there is none until something about it changes. */
function gather(
  key: ObjectKey,
  turn: RolloutTurn,
  context: ReconcileContext,
  { gathered, scope }: Gathering,
): boolean {
  const instance = turn.revision.desired.instances.get(key);
  const plan = instance
    ? planOne(instance, turn.revision, context.view.caches, askerOf(turn))
    : removalOf(key, gathered);
  gathered.problems.push(...plan.problems);
  gathered.notes.push(...plan.notes);
  const versionWait = versionWaitOf(instance, gathered);
  const situation = { ...situationOf(plan, turn, context, scope), versionWait };
  tellDrift(plan, situation, context);
  const { step, hasSlot } = withinLimits(key, nextStep(situation), turn.record, gathered);
  if (store(key, step, turn.record)) gathered.urgent = true;
  if (step.send) gathered.tasks.push({ key, instance, ...step.send });
  gathered.lookAgainMs = Math.min(gathered.lookAgainMs, step.lookAgainMs ?? Infinity);
  gathered.slots.settle(key, turn.record.recordsOf(key));
  // What others do decides when it goes on.
  if (situation.dependency || !hasSlot) return false;
  return isQuiet(plan) && isDone(step);
}

const isDone = ({ send, lookAgainMs, records }: InstanceStep): boolean =>
  !send && lookAgainMs === undefined && records.size === 0;

/** The step, without its write when there is no room for it in this pass, or no slot for its plan. */
function withinLimits(
  key: ObjectKey,
  step: InstanceStep,
  record: RolloutRecord,
  { tasks, room, slots }: Gathered,
): { readonly step: InstanceStep; readonly hasSlot: boolean } {
  if (!step.send) return { step, hasSlot: true };
  if (tasks.length >= room)
    return { step: { ...postponed(key, step, record), lookAgainMs: 0 }, hasSlot: true };
  const hasSlot = slots.take(key);
  return { step: hasSlot ? step : postponed(key, step, record), hasSlot };
}

function versionWaitOf(
  instance: DesiredInstance | undefined,
  { waiting }: Gathered,
): string | undefined {
  if (!instance) return undefined;
  const { namespace, name } = referenceOf(instance);
  return waiting.get(`${namespace}/${name}`);
}

/** Of an Instance that Git does not name; nothing is left to do where only a record speaks of it. */
function removalOf(key: ObjectKey, { removals }: Gathered): InstancePlan {
  return removals.get(key) ?? { key, changes: [], problems: [], notes: [] };
}

const isQuiet = ({ problems, notes }: InstancePlan): boolean =>
  problems.length === 0 && notes.length === 0;

/** A step whose write is left to a later pass. An intent that is stored stays. */
function postponed(
  key: ObjectKey,
  { send, records: wanted }: InstanceStep,
  record: RolloutRecord,
): InstanceStep {
  const n = send?.n ?? -1;
  const records = new Map(wanted);
  const intent = records.get(n);
  if (!intent || record.get(key, n)?.state === 'sending') records.delete(n);
  else records.set(n, { ...intent, state: 'planned' });
  return { records };
}

const isError = ({ severity }: Problem): boolean => severity === 'error';

/** `file:line:column: text. What to do`. */
export function problemText({ file, line, column, message, hint }: Problem): string {
  const where = `${file}:${String(line)}:${String(column)}`;
  return hint === undefined ? `${where}: ${message}` : `${where}: ${message} (${hint})`;
}

/**
 * Instances that Git no longer has or that a predecessor's change still concerns, then those of the
 * revision, each after what it depends on.
 */
function keysOf(
  { revision, record }: RolloutTurn,
  removals: ReadonlyMap<ObjectKey, unknown>,
): readonly ObjectKey[] {
  const { instances } = revision.desired;
  const others = new Set(
    [...removals.keys(), ...record.keys()].filter((key) => !instances.has(key)),
  );
  return [...[...others].toSorted(), ...orderOf(instances).keys];
}

function situationOf(
  plan: InstancePlan,
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): InstanceSituation {
  const { revision, record, settings } = turn;
  const { key } = plan;
  const { view } = context;
  const instance = revision.desired.instances.get(key);
  const facts = instanceFacts(key, record, context, scope.clock.now());
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

/** Returns true when something else than progress changed. */
function store(key: ObjectKey, step: InstanceStep, record: RolloutRecord): boolean {
  let urgent = false;
  for (const [n, change] of step.records) {
    urgent ||= record.get(key, n)?.state !== change?.state;
    record.set(key, n, change);
  }
  return urgent;
}

/** Stores the intents, then puts the writes behind those that are under way. */
async function startSending(
  tasks: readonly SendTask[],
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<void> {
  if (tasks.length === 0) return;
  await turn.record.flush(context.client, scope);
  for (const task of tasks) {
    turn.job.sends.add(task.key, async () => {
      // A newer commit was read meanwhile: what is not sent yet is for it to decide.
      if (turn.job.revision !== turn.revision) return undefined;
      return sendStep(task, turn, context, scope);
    });
  }
}
