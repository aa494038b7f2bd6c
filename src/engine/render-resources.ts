import { messageOf } from '../lib/failure.ts';
import { fatalAt } from './fatal-execution.ts';
import type { Manifest } from './manifest.ts';
import { parseManifests } from './parse-manifests.ts';
import type { TaskContext } from './task-context.ts';

/** Event of everything that goes wrong before the API server is asked. */
export const RENDERING_ERROR = 'TaskRenderingError';

/** The objects that the named templates make for this task; fatal when one cannot be rendered or read (task/render.go). */
export async function renderResources(
  names: readonly string[],
  context: TaskContext,
): Promise<readonly Manifest[]> {
  try {
    const manifests: Manifest[] = [];
    for (const name of new Set(names)) manifests.push(...(await manifestsOf(name, context)));
    return manifests;
  } catch (thrown) {
    throw fatalAt(context.place, RENDERING_ERROR, messageOf(thrown));
  }
}

async function manifestsOf(name: string, context: TaskContext): Promise<readonly Manifest[]> {
  const template = ownValue(context.templates, name);
  if (template === undefined) throw new Error(`error finding resource named ${name}`);
  const text = await expand(name, template, context);
  try {
    return parseManifests(name, text);
  } catch (thrown) {
    throw new Error(`fatal error: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function expand(name: string, template: string, context: TaskContext): Promise<string> {
  const rendering = await context.render(name, template, variablesOf(context));
  if (!rendering.ok) throw new Error(`error expanding template ${name}: ${rendering.message}`);
  return rendering.text;
}

function variablesOf({ place, parameters, pipes }: TaskContext): Record<string, unknown> {
  return {
    ...instanceVariables({ place, parameters }),
    PlanName: place.planName,
    PhaseName: place.phaseName,
    StepName: place.stepName,
    Pipes: pipes,
  };
}

/** The variables that a parameter file has, which knows no plan (task_kudo_operator.go:112-121). */
export function instanceVariables({
  place,
  parameters,
}: Pick<TaskContext, 'place' | 'parameters'>): Record<string, unknown> {
  return {
    OperatorName: place.operatorName,
    Name: place.instanceName,
    Namespace: place.namespace,
    AppVersion: place.appVersion,
    OperatorVersion: place.operatorVersion,
    Params: parameters,
  };
}

/** `values[key]`, but never something inherited. */
export function ownValue<T>(values: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}
