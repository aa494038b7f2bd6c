import type { Problem } from '../model/problem.ts';
import { encodeShape } from './go-shape.ts';
import { operatorVersionName } from './object-names.ts';
import {
  KUDO_API_VERSION,
  type Operator,
  type OperatorSpec,
  type OperatorVersion,
  type OperatorVersionSpec,
  type Task,
} from './objects.ts';
import type { PackageParameter, PackageSource } from './package-file.ts';
import { OPERATOR_SPEC, OPERATOR_VERSION_SPEC } from './package-schema.ts';
import { wrapParameterValue } from './parameter-values.ts';

/** To be raised with every change of what is made from the same package. */
export const CONVERTER_VERSION = '1';

/** KUDO's objects of a package, and why KUDO would refuse to make them (convert/resources.go). */
export function convertPackage(source: PackageSource): {
  readonly operator: Operator;
  readonly operatorVersion: OperatorVersion;
  readonly problems: readonly Problem[];
} {
  const { name, appVersion, operatorVersion: version } = source.operator;
  const tasks = source.operator.tasks ?? [];
  const parameters = source.params.parameters ?? [];
  return {
    operator: {
      apiVersion: KUDO_API_VERSION,
      kind: 'Operator',
      metadata: { name },
      spec: encodeShape(OPERATOR_SPEC, source.operator) as OperatorSpec,
    },
    operatorVersion: {
      apiVersion: KUDO_API_VERSION,
      kind: 'OperatorVersion',
      metadata: { name: operatorVersionName(name, appVersion, version) },
      spec: encodeShape(OPERATOR_VERSION_SPEC, {
        operator: { name, kind: 'Operator' },
        version,
        appVersion,
        templates: source.templates,
        tasks,
        parameters: parameters.map(storedParameter),
        plans: source.operator.plans,
      }) as OperatorVersionSpec,
    },
    problems: [
      ...tasks.flatMap((task, index) => taskProblems(task, index, source)),
      ...parameters.flatMap((parameter, index) => enumProblems(parameter, index, source)),
    ],
  };
}

function storedParameter(parameter: PackageParameter): Record<string, unknown> {
  const { type, enum: allowed } = parameter;
  return {
    displayName: parameter.displayName,
    name: parameter.name,
    description: parameter.description,
    required: parameter.required,
    default: wrapParameterValue(parameter.default, type),
    trigger: parameter.trigger,
    'value-type': type,
    immutable: parameter.immutable,
    enum: allowed?.map((value) => wrapParameterValue(value, type) ?? null),
  };
}

/** KUDO's own reader crashes on an empty value of an enum. */
function enumProblems(
  { enum: allowed, type, name }: PackageParameter,
  index: number,
  { paramsDocument }: PackageSource,
): Problem[] {
  return (allowed ?? []).flatMap((value, at) => {
    if (wrapParameterValue(value, type) !== undefined) return [];
    const place = paramsDocument?.positionOf(['parameters', index, 'enum', at]);
    const message = `the enum of parameter ${name} has an empty value`;
    return [error('parameter-enum', 'params.yaml', place, message)];
  });
}

/** validateTask of convert/resources.go. */
function taskProblems(task: Task, index: number, source: PackageSource): Problem[] {
  const at = (...path: string[]) => source.operatorDocument.positionOf(['tasks', index, ...path]);
  const used = templatesOf(task);
  if (used === undefined) {
    const message = `task ${task.name} has the unknown kind ${JSON.stringify(task.kind)}`;
    const hint = `kinds are ${Object.keys(TEMPLATES).join(', ')}`;
    return [{ ...error('task-kind', 'operator.yaml', at('kind'), message), hint }];
  }
  const missing = used
    .filter((template) => !Object.hasOwn(source.templates, template))
    .map((template) => {
      const message = `task ${task.name} uses the template ${JSON.stringify(template)}, which is not in templates/`;
      return error('task-template', 'operator.yaml', at('spec'), message);
    });
  return [...missing, ...incompleteTask(task, at('spec'))];
}

const TEMPLATES: Readonly<Record<string, (task: Task) => readonly string[]>> = {
  Apply: ({ spec }) => spec.resources ?? [],
  Delete: ({ spec }) => spec.resources ?? [],
  Toggle: ({ spec }) => spec.resources ?? [],
  Pipe: ({ spec }) => [spec.pod ?? ''],
  KudoOperator: ({ spec }) => (spec.parameterFile ? [spec.parameterFile] : []),
  Dummy: () => [],
};

/** The templates that a task uses; undefined when KUDO does not know its kind. */
export function templatesOf(task: Task): readonly string[] | undefined {
  return Object.hasOwn(TEMPLATES, task.kind) ? TEMPLATES[task.kind]?.(task) : undefined;
}

function incompleteTask(
  { name, kind, spec }: Task,
  place: { line: number; column: number },
): Problem[] {
  if (kind === 'Toggle' && !spec.parameter)
    return [
      error('task-incomplete', 'operator.yaml', place, `toggle task ${name} names no parameter`),
    ];
  if (kind === 'Pipe' && !spec.pipe?.length)
    return [error('task-incomplete', 'operator.yaml', place, `pipe task ${name} has no files`)];
  return [];
}

function error(
  id: string,
  file: string,
  place: { line: number; column: number } | undefined,
  message: string,
): Problem {
  return { id, severity: 'error', file, ...(place ?? { line: 1, column: 1 }), message };
}
