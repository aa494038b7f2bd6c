import { getIfThere } from '../cluster/apply-object.ts';
import { INSTANCES } from '../cluster/resources.ts';
import { messageOf } from '../lib/failure.ts';
import { parseYamlDocuments } from '../lib/go-yaml.ts';
import type { Scope } from '../lib/scope.ts';
import { childInstanceName, operatorVersionName } from '../kudo/object-names.ts';
import { KUDO_API_VERSION, type Instance, type TaskSpec } from '../kudo/objects.ts';
import { encodeParameter } from '../kudo/parameter-values.ts';
import { fatalAt } from './fatal-execution.ts';
import { isJsonObject } from './json-object.ts';
import { instanceVariables, ownValue, RENDERING_ERROR } from './render-resources.ts';
import { healthOf } from './resource-health.ts';
import type { TaskOutcome } from './run-plan.ts';
import type { TaskContext } from './task-context.ts';

/**
 * Creates the child Instance, or merges what its parent wants into it, and is done when the child has
 * no plan scheduled. Parameters that the file no longer names stay, and a child that failed counts as
 * done: KUDO's ways (task/task_kudo_operator.go:35-194).
 */
export async function runKudoOperatorTask(
  spec: TaskSpec,
  context: TaskContext,
  scope: Scope,
): Promise<TaskOutcome> {
  const child = await applyChild(await childInstance(spec, context), context, scope);
  return { kind: healthOf(child).kind === 'healthy' ? 'done' : 'waiting' };
}

async function childInstance(spec: TaskSpec, context: TaskContext): Promise<Instance> {
  const { apiVersion, kind, metadata } = context.instance;
  const operator = spec.package ?? '';
  return {
    apiVersion: KUDO_API_VERSION,
    kind: 'Instance',
    metadata: {
      name: childInstanceName(context.place.instanceName, spec),
      namespace: context.place.namespace,
      labels: { 'kudo.dev/operator': operator },
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }],
    },
    spec: {
      operatorVersion: {
        name: operatorVersionName(operator, spec.appVersion ?? '', spec.operatorVersion ?? ''),
      },
      ...(await childParameters(spec.parameterFile, context)),
    },
  };
}

async function childParameters(
  file: string | undefined,
  context: TaskContext,
): Promise<{ parameters?: Readonly<Record<string, string>> }> {
  if (!file) return {};
  try {
    const parameters = await parametersFromFile(file, context);
    return Object.keys(parameters).length > 0 ? { parameters } : {};
  } catch (thrown) {
    throw fatalAt(context.place, RENDERING_ERROR, messageOf(thrown));
  }
}

async function parametersFromFile(
  file: string,
  context: TaskContext,
): Promise<Readonly<Record<string, string>>> {
  const template = ownValue(context.templates, file);
  if (template === undefined) throw new Error(`error finding parameter file ${file} in templates`);
  const { documents, errors } = parseYamlDocuments(await rendered(file, template, context), {
    duplicateKeys: 'last',
  });
  const [error] = errors;
  if (error !== undefined)
    throw new Error(
      `error unmarshalling content of parameter file ${file}:${error.line}:${error.column}: ${error.message}`,
    );
  const value = documents[0]?.value ?? {};
  if (!isJsonObject(value))
    throw new Error(`error unmarshalling content of parameter file ${file}: not a mapping`);
  const encoded = Object.entries(value).map(([key, parameter]) => [
    key,
    encodeParameter(parameter),
  ]);
  const nulls = encoded.filter(([, text]) => text === undefined).map(([key]) => `${key} ${NULL}`);
  if (nulls.length > 0)
    throw new Error(
      `errors while unmarshaling following keys of the parameter file ${file}: ${nulls.join(', ')}`,
    );
  return Object.fromEntries(encoded) as Record<string, string>;
}

const NULL =
  'has a null value (https://yaml.org/spec/1.2/spec.html#id2803362) which is currently not supported';

async function rendered(file: string, template: string, context: TaskContext): Promise<string> {
  const rendering = await context.render(file, template, instanceVariables(context));
  if (!rendering.ok)
    throw new Error(`error expanding parameter file ${file}: ${rendering.message}`);
  return rendering.text;
}

async function applyChild(
  child: Instance,
  { client }: TaskContext,
  scope: Scope,
): Promise<Instance> {
  const { name, namespace } = child.metadata;
  const path = { ...INSTANCES, namespace, name };
  if ((await getIfThere(client, path, scope)) === undefined)
    return client.create<Instance>({ ...INSTANCES, namespace }, child, {}, scope);
  const body = { spec: { ...child.spec, planExecution: {} } };
  return client.patch<Instance>(path, { type: 'merge', body }, scope);
}
