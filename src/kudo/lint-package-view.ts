import type { YamlPath } from '../lib/go-yaml.ts';
import { convertPackage } from './convert-package.ts';
import type { PackagePlace } from './lint-findings.ts';
import type { OperatorVersion, Plan, Task } from './objects.ts';
import type { PackageParameter, PackageSource, ParameterGroup } from './package-file.ts';

/** A package as the checks look at it: its parts with their places. */
export interface PackageView {
  readonly source: PackageSource;
  readonly version: OperatorVersion;
  readonly tasks: readonly Placed<Task>[];
  readonly plans: readonly (Plan & { readonly name: string; readonly place: PackagePlace })[];
  readonly parameters: readonly Placed<PackageParameter>[];
  readonly groups: readonly Placed<ParameterGroup>[];
  /** Keys of the files that the plans pipe: those of templates' `.Pipes`. */
  readonly pipeKeys: ReadonlySet<string>;
}

/** A part, and where its fields stand. */
export type Placed<T> = T & { readonly at: (...path: YamlPath) => PackagePlace };

/** A package as the rules look at it. */
export function viewPackage(source: PackageSource): PackageView {
  const { operator, params } = source;
  return {
    source,
    version: convertPackage(source).operatorVersion,
    tasks: placed(operator.tasks ?? [], (path) => operatorPlace(source, ['tasks', ...path])),
    plans: Object.entries(operator.plans ?? {}).map(([name, plan]) => {
      const { line, column } = source.operatorDocument.keyPositionOf(['plans', name]);
      return { ...plan, name, place: { file: 'operator.yaml', line, column } };
    }),
    parameters: placed(params.parameters ?? [], (path) =>
      paramsPlace(source, ['parameters', ...path]),
    ),
    groups: placed(params.groups ?? [], (path) => paramsPlace(source, ['groups', ...path])),
    pipeKeys: pipeKeys(source),
  };
}

function pipeKeys({ operator }: PackageSource): ReadonlySet<string> {
  const phases = Object.values(operator.plans ?? {}).flatMap((plan) => plan.phases ?? []);
  const steps = phases.flatMap((phase) => phase.steps ?? []);
  const used = new Set(steps.flatMap(({ tasks }) => tasks ?? []));
  const pipes = (operator.tasks ?? []).filter(
    ({ kind, name }) => kind === 'Pipe' && used.has(name),
  );
  return new Set(pipes.flatMap(({ spec }) => (spec.pipe ?? []).map(({ key = '' }) => key)));
}

/** Where the value at `path` of operator.yaml stands. */
export function operatorPlace(source: PackageSource, path: YamlPath): PackagePlace {
  const { line, column } = source.operatorDocument.positionOf(path);
  return { file: 'operator.yaml', line, column };
}

/** Where something stands in a template, given its offset in the text. */
export function templatePlace(source: PackageSource, name: string, offset = 0): PackagePlace {
  const before = (source.templates[name] ?? '').slice(0, offset);
  return {
    file: source.templateFiles[name] ?? `templates/${name}`,
    line: before.split('\n').length,
    column: before.length - before.lastIndexOf('\n'),
  };
}

function paramsPlace(source: PackageSource, path: YamlPath): PackagePlace {
  const { line, column } = source.paramsDocument?.positionOf(path) ?? { line: 1, column: 1 };
  return { file: 'params.yaml', line, column };
}

function placed<T extends object>(
  items: readonly T[],
  locate: (path: YamlPath) => PackagePlace,
): Placed<T>[] {
  return items.map((item, index) => ({
    ...item,
    at: (...path) => locate([index, ...path]),
  }));
}
