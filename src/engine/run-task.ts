import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Task } from '../kudo/objects.ts';
import { runApplyTask } from './apply-task.ts';
import { runDeleteTask } from './delete-task.ts';
import { fatalAt, FatalExecution } from './fatal-execution.ts';
import { runKudoOperatorTask } from './kudo-operator-task.ts';
import type { TaskOutcome } from './run-plan.ts';
import type { TaskContext } from './task-context.ts';
import { runToggleTask } from './toggle-task.ts';

/** Runs one task, which `taskProblem` has found nothing wrong with; what the API server refuses is tried again. */
export async function runTask(
  task: Task,
  context: TaskContext,
  scope: Scope,
): Promise<TaskOutcome> {
  try {
    return await KINDS[task.kind as TaskKind](task, context, scope);
  } catch (thrown) {
    if (thrown instanceof FatalExecution)
      return { kind: 'fatal', event: thrown.event, message: thrown.message };
    if (thrown instanceof Failure) return { kind: 'failed', message: thrown.message };
    throw thrown;
  }
}

type TaskKind = 'Apply' | 'Delete' | 'Toggle' | 'Dummy' | 'KudoOperator' | 'Pipe';

type RunKind = (
  task: Task,
  context: TaskContext,
  scope: Scope,
) => TaskOutcome | Promise<TaskOutcome>;

const KINDS: Readonly<Record<TaskKind, RunKind>> = {
  Apply: async ({ spec }, context, scope) => runApplyTask(spec.resources ?? [], context, scope),
  Delete: async ({ spec }, context, scope) => runDeleteTask(spec.resources ?? [], context, scope),
  Toggle: async ({ spec }, context, scope) =>
    runToggleTask(
      { parameter: spec.parameter ?? '', resources: spec.resources ?? [] },
      context,
      scope,
    ),
  Dummy: runDummyTask,
  KudoOperator: async ({ spec }, context, scope) => runKudoOperatorTask(spec, context, scope),
  Pipe: (_task, { place }) => {
    throw fatalAt(
      place,
      'PipeTaskError',
      'Pipe tasks are not supported by this engine yet; run this operator with KUDO’s own manager',
    );
  },
};

/** Succeeds, fails or never ends, as its author wishes (task/task_dummy.go). */
function runDummyTask({ spec }: Task, { place }: TaskContext): TaskOutcome {
  if (!spec.wantErr) return { kind: spec.done === true ? 'done' : 'waiting' };
  if (spec.fatal === true) throw fatalAt(place, 'DummyTaskError', 'dummy error');
  return { kind: 'failed', message: 'dummy error' };
}
