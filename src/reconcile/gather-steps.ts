import { createPacer } from '../lib/pacer.ts';
import type { Scope } from '../lib/scope.ts';
import type { InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { Problem } from '../model/problem.ts';
import type { NumberedRecord } from '../plan/instance-situation.ts';
import { orderOf } from '../plan/instance-order.ts';
import { nextStep, type InstanceStep } from '../plan/next-step.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import { planOne } from './plan-revision.ts';
import type { PlanSlots } from './plan-slots.ts';
import { QuietInstances } from './quiet-instances.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutRecord } from './rollout-record.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import type { SendTask } from './send-step.ts';
import { situationOf } from './situation-of.ts';
import { askerOf } from './sync-asker.ts';
import { tellDrift } from './tell-drift.ts';

/** What a pass gathers Instance by Instance. */
export interface Gathered {
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
  /** When the pass decides, in epoch ms. */
  readonly now: number;
  lookAgainMs: number;
  urgent: boolean;
}

/**
 * Decides the next step of every Instance that may have one, stores it and adds it to what is gathered.
 * Other work runs between them, so that a pass over many holds up nobody.
 */
export async function gatherSteps(
  gathered: Gathered,
  turn: RolloutTurn,
  context: ReconcileContext,
  scope: Scope,
): Promise<void> {
  const { quiet, sends } = turn.job;
  const { now } = gathered;
  const rest = createPacer(scope);
  for (const key of keysOf(turn, gathered.removals)) {
    if (sends.has(key)) continue;
    const mark = QuietInstances.mark(key, turn.revision, context.view);
    const restMs = quiet.restsFor(key, mark, turn.record, now);
    gathered.lookAgainMs = Math.min(gathered.lookAgainMs, restMs || Infinity);
    if (restMs > 0 || isLeftOut(turn.record.recordsOf(key), gathered)) continue;
    const waitMs = gatherStep(key, gathered, turn, context);
    if (waitMs === Infinity) quiet.add(key, mark);
    else if (waitMs !== undefined) quiet.addWaiting(key, mark, turn.record, now + waitMs);
    await rest();
  }
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

/**
 * Decides the next step of one Instance. Gives for how many milliseconds there is none unless something
 * about it changes; undefined when others decide that too.
 */
function gatherStep(
  key: ObjectKey,
  gathered: Gathered,
  turn: RolloutTurn,
  context: ReconcileContext,
): number | undefined {
  const instance = turn.revision.desired.instances.get(key);
  const plan = instance
    ? planOne(instance, turn.revision, context.view.caches, askerOf(turn))
    : removalOf(key, gathered);
  gathered.problems.push(...plan.problems);
  gathered.notes.push(...plan.notes);
  const versionWait = versionWaitOf(instance, gathered);
  const situation = { ...situationOf(plan, gathered.now, turn, context), versionWait };
  tellDrift(plan, situation, context);
  const { step, hasSlot } = withinLimits(key, nextStep(situation), turn.record, gathered);
  if (store(key, step, turn.record)) gathered.urgent = true;
  if (step.send) gathered.tasks.push({ key, instance, ...step.send });
  gathered.lookAgainMs = Math.min(gathered.lookAgainMs, step.lookAgainMs ?? Infinity);
  gathered.slots.settle(key, turn.record.recordsOf(key));
  // What others do decides when it goes on.
  if (situation.dependency || !hasSlot || versionWait !== undefined) return undefined;
  return isQuiet(plan) ? restOf(step, instance !== undefined) : undefined;
}

/** For how long a step without a write is the last; a removal that is under way depends on other Syncs. */
function restOf(
  { send, records, lookAgainMs = Infinity }: InstanceStep,
  isInGit: boolean,
): number | undefined {
  if (send || records.size > 0) return undefined;
  return isInGit || lookAgainMs === Infinity ? lookAgainMs : undefined;
}

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

/** Returns true when something else than progress changed. */
function store(key: ObjectKey, step: InstanceStep, record: RolloutRecord): boolean {
  let urgent = false;
  for (const [n, change] of step.records) {
    urgent ||= record.get(key, n)?.state !== change?.state;
    record.set(key, n, change);
  }
  return urgent;
}
