import type { Scope } from '../lib/scope.ts';
import { problemText, type Problem } from '../model/problem.ts';
import { applyOperators } from './apply-operators.ts';
import { applyPlans } from './apply-plans.ts';
import { createdNote, replacedNote } from './created-note.ts';
import { gatherSteps, type Gathered } from './gather-steps.ts';
import { PlanSlots } from './plan-slots.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RolloutTurn } from './rollout-turn.ts';
import { sendStep, type SendTask } from './send-step.ts';
import { removalsIn } from './sync-asker.ts';

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
    now: scope.clock.now(),
    lookAgainMs: Infinity,
    urgent: plans.urgent,
  };
  await gatherSteps(gathered, turn, context, scope);
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

const isError = ({ severity }: Problem): boolean => severity === 'error';
