import type { Problem } from '../model/problem.ts';
import { finding } from './lint-findings.ts';
import type { PackageView, Placed } from './lint-package-view.ts';
import type { Task } from './objects.ts';

type PlacedTask = Placed<Task>;

/** Tasks one by one and among each other (task/task.go:82-200). */
export function lintTasks(view: PackageView): Problem[] {
  return [
    ...view.tasks.flatMap((task) => [
      ...incompleteFindings(task),
      ...pipeFindings(task),
      ...toggleFindings(task, view),
      ...ignoredFields(task),
    ]),
    ...repeatedNames(view),
  ];
}

function incompleteFindings(task: PlacedTask): Problem[] {
  const { name, kind, spec } = task;
  if (kind === 'KudoOperator' && !spec.package) {
    const message = `KudoOperator task ${name} names no package`;
    return [finding('task-no-package', task.at('spec'), message)];
  }
  const needsResources = kind === 'Apply' || kind === 'Delete' || kind === 'Toggle';
  if (!needsResources || spec.resources?.length) return [];
  const message = `${kind} task ${name} has no resources`;
  return [finding('task-no-resources', task.at('spec'), message)];
}

function pipeFindings(task: PlacedTask): Problem[] {
  if (task.kind !== 'Pipe') return [];
  return (task.spec.pipe ?? []).flatMap((file, index) => {
    const why = whyNotPiped(file);
    if (why === undefined) return [];
    const message = `file ${index + 1} of Pipe task ${task.name} ${why}`;
    return [finding('task-pipe-file', task.at('spec', 'pipe', index), message)];
  });
}

function whyNotPiped({
  file = '',
  envFile = '',
  kind = '',
  key = '',
}: Readonly<Record<string, string>>): string | undefined {
  if ((file === '') === (envFile === '')) return 'must have either file or envFile';
  if (kind !== 'Secret' && kind !== 'ConfigMap')
    return `is of kind ${JSON.stringify(kind)}, not Secret or ConfigMap`;
  return /^[a-zA-Z0-9_-]+$/.test(key) ? undefined : `has the key ${JSON.stringify(key)}`;
}

function toggleFindings(task: PlacedTask, { parameters }: PackageView): Problem[] {
  const wanted = task.spec.parameter ?? '';
  if (task.kind !== 'Toggle' || wanted === '') return [];
  const place = task.at('spec', 'parameter');
  const parameter = parameters.find(({ name }) => name === wanted);
  if (parameter === undefined) {
    const message = `Toggle task ${task.name} uses parameter ${wanted}, which is not defined`;
    return [finding('parameter-undefined', place, message)];
  }
  const hasDefault = parameter.default !== null && parameter.default !== undefined;
  if (parameter.type === 'boolean' && (hasDefault || parameter.required)) return [];
  const message = `Toggle task ${task.name} fails when ${wanted} is not a boolean or not set`;
  return [finding('toggle-not-boolean', place, message)];
}

const READ: Readonly<Record<string, readonly string[]>> = {
  Apply: ['resources'],
  Delete: ['resources'],
  Toggle: ['resources', 'parameter'],
  Pipe: ['pod', 'pipe'],
  Dummy: ['wantErr', 'fatal', 'done'],
  KudoOperator: ['package', 'instanceName', 'appVersion', 'operatorVersion', 'parameterFile'],
};

function ignoredFields(task: PlacedTask): Problem[] {
  const read = Object.hasOwn(READ, task.kind) ? READ[task.kind] : undefined;
  if (read === undefined) return [];
  const written = Object.entries(task.spec).filter(([, value]) => isWritten(value));
  return written.flatMap(([field]) => {
    if (read.includes(field)) return [];
    const message = `${task.kind} task ${task.name} does not read ${field}`;
    return [finding('task-field-ignored', task.at('spec', field), message)];
  });
}

function isWritten(value: unknown): boolean {
  return value !== '' && value !== false && value !== null && value !== undefined;
}

function repeatedNames({ tasks }: PackageView): Problem[] {
  const names = tasks.map(({ name }) => name);
  return tasks.flatMap(({ name, at }, index) =>
    names.indexOf(name) < index
      ? [finding('task-repeated-name', at('name'), `task ${name} is defined twice`)]
      : [],
  );
}
