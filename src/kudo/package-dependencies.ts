import type { Problem } from '../model/problem.ts';
import { qualifiedName } from './object-names.ts';
import type { OperatorVersion, Task } from './objects.ts';
import type { PackageReading } from './package-reader.ts';

/** A KudoOperator task's dependency as the package names it. */
export interface PackageDependency {
  readonly task: string;
  /** Index in the OperatorVersion's tasks. */
  readonly index: number;
  /** A relative path (`../cache`), or the name of a package elsewhere. */
  readonly package: string;
  readonly isPath: boolean;
}

/** The packages that `operatorVersion` depends on, in the order of its tasks. */
export function packageDependencies(operatorVersion: OperatorVersion): PackageDependency[] {
  return (operatorVersion.spec?.tasks ?? []).flatMap((task, index) => {
    if (task.kind !== 'KudoOperator') return [];
    const name = task.spec.package ?? '';
    return [{ task: task.name, index, package: name, isPath: isRelative(name) }];
  });
}

function isRelative(name: string): boolean {
  return name.startsWith('./') || name.startsWith('../');
}

/** A package with its dependencies known by name and version. */
export interface ResolvedPackage {
  readonly operatorVersion: OperatorVersion;
  /** Folders of the packages it depends on, directly and through others. */
  readonly dependencies: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Rewrites the KudoOperator tasks of the package in `folder` from relative paths to operator name and
 * version, as `kubectl kudo install` does before it stores the OperatorVersion
 * (resources/dependencies/resolve.go). `packages` holds the packages by folder (no slash at either
 * end); tasks that name a package otherwise are left as they are. Undefined when the package itself is
 * not there or broken.
 */
export function resolvePackage(
  folder: string,
  packages: ReadonlyMap<string, PackageReading>,
): ResolvedPackage | undefined {
  const reading = packages.get(folder);
  if (reading?.operatorVersion === undefined) return undefined;
  const problems: Problem[] = [];
  const tasks = (reading.operatorVersion.spec?.tasks ?? []).map((task, index) => {
    const resolved = resolveTask(task, folder, packages);
    if (typeof resolved !== 'string') return resolved;
    problems.push(dependencyProblem(resolved, index, reading));
    return task;
  });
  const { dependencies, cycle } = walkDependencies(folder, packages);
  if (cycle !== undefined) problems.push(dependencyProblem(cycle, -1, reading));
  const spec = { ...reading.operatorVersion.spec, ...(tasks.length > 0 && { tasks }) };
  return { operatorVersion: { ...reading.operatorVersion, spec }, dependencies, problems };
}

/** The task with its package known, or why it cannot be. */
function resolveTask(
  task: Task,
  folder: string,
  packages: ReadonlyMap<string, PackageReading>,
): Task | string {
  const path = task.spec.package ?? '';
  if (task.kind !== 'KudoOperator' || !isRelative(path)) return task;
  const target = joinPath(folder, path);
  const found = packages.get(target);
  if (found === undefined)
    return `task ${task.name} depends on package ${path}, but there is none in ${target || 'the root'}`;
  if (found.operatorVersion === undefined)
    return `task ${task.name} depends on package ${path}, which has errors`;
  return { ...task, spec: { ...task.spec, ...identityOf(found.operatorVersion) } };
}

/** What a KudoOperator task says of its package once it is known. */
function identityOf({ spec }: OperatorVersion): Task['spec'] {
  const { operator, version, appVersion } = spec ?? {};
  return { package: operator?.name, operatorVersion: version, appVersion: appVersion || undefined };
}

function walkDependencies(
  root: string,
  packages: ReadonlyMap<string, PackageReading>,
): { readonly dependencies: string[]; readonly cycle: string | undefined } {
  const finished = new Set<string>();
  let cycle: string | undefined;
  const visit = (folder: string, trail: readonly string[]): void => {
    if (trail.includes(folder)) {
      cycle ??= `packages depend on each other in a circle: ${[...trail, folder].join(' → ')}`;
      return;
    }
    if (finished.has(folder)) return;
    finished.add(folder);
    for (const next of pathsOf(folder, packages)) visit(next, [...trail, folder]);
  };
  visit(root, []);
  finished.delete(root);
  return { dependencies: [...finished], cycle };
}

function pathsOf(folder: string, packages: ReadonlyMap<string, PackageReading>): string[] {
  const operatorVersion = packages.get(folder)?.operatorVersion;
  if (operatorVersion === undefined) return [];
  return packageDependencies(operatorVersion)
    .filter(({ isPath }) => isPath)
    .map((dependency) => joinPath(folder, dependency.package))
    .filter((target) => packages.has(target));
}

/** `folder` and a relative path as one path without `.` and `..`; never above the root. */
export function joinPath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function dependencyProblem(
  message: string,
  index: number,
  { source, operatorVersion }: PackageReading,
): Problem {
  const path = index < 0 ? ['tasks'] : ['tasks', index, 'spec', 'package'];
  const place = source?.operatorDocument.positionOf(path) ?? { line: 1, column: 1 };
  const name = operatorVersion === undefined ? '' : qualifiedName(operatorVersion);
  return {
    id: 'package-dependency',
    severity: 'error',
    file: 'operator.yaml',
    ...place,
    message: `${name}: ${message}`,
    hint: 'a relative path starts with ./ or ../ and ends at a folder with operator.yaml',
  };
}
