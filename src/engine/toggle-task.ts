import type { Scope } from '../lib/scope.ts';
import { parseBoolError } from '../kudo/go-numbers.ts';
import { runApplyTask } from './apply-task.ts';
import { runDeleteTask } from './delete-task.ts';
import { fatalAt } from './fatal-execution.ts';
import { ownValue } from './render-resources.ts';
import type { TaskOutcome } from './run-plan.ts';
import type { TaskContext } from './task-context.ts';

/** Applies the named templates when the parameter says true, deletes them when it says false (task/task_toggle.go). */
export async function runToggleTask(
  { parameter, resources }: { readonly parameter: string; readonly resources: readonly string[] },
  context: TaskContext,
  scope: Scope,
): Promise<TaskOutcome> {
  return isOn(parameter, context)
    ? runApplyTask(resources, context, scope)
    : runDeleteTask(resources, context, scope);
}

function isOn(parameter: string, { parameters, place }: TaskContext): boolean {
  const fatal = (cause: string): Error => fatalAt(place, 'ToggleTaskError', cause);
  const value = ownValue(parameters, parameter);
  if (value === undefined) throw fatal(`no value for parameter ${parameter} found`);
  if (typeof value !== 'string') throw fatal(`value of parameter ${parameter} isn't a string`);
  const problem = parseBoolError(value);
  if (problem !== undefined)
    throw fatal(`could not parse value of parameter ${parameter}: ${problem}`);
  return /^[1tT]/.test(value);
}
