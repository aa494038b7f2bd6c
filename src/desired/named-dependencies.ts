import { newestFirst } from '../kudo/newest-first.ts';
import { packageDependencies } from '../kudo/package-dependencies.ts';
import type { OperatorVersion, Task } from '../kudo/objects.ts';

/** A package that a task may mean. */
export interface PackageCandidate {
  readonly operatorVersion: OperatorVersion;
  /** Where its tarball comes from. */
  readonly url?: string | undefined;
}

/** A task that names no known package, by its index. */
export interface Unsettled {
  readonly index: number;
  readonly package: string;
  readonly message: string;
}

/**
 * Settles KudoOperator tasks that name a package instead of a folder. KUDO's CLI would ask its repository
 * (resolver_repo.go); here a name means the newest package in Git that fits, a URL the Package with that
 * tarball, and, where the cluster may have it, a name with an operatorVersion that OperatorVersion.
 */
export function settleNamedDependencies(
  operatorVersion: OperatorVersion,
  candidates: readonly PackageCandidate[],
  mayBeInCluster = true,
): { readonly operatorVersion: OperatorVersion; readonly unsettled: readonly Unsettled[] } {
  const unsettled: Unsettled[] = [];
  const named = packageDependencies(operatorVersion).filter(({ isPath }) => !isPath);
  if (named.length === 0) return { operatorVersion, unsettled };
  const tasks = [...(operatorVersion.spec?.tasks ?? [])];
  for (const { index, package: name } of named) {
    const task = tasks[index];
    if (!task) continue;
    const newest = newestOf(task, candidates);
    if (newest) tasks[index] = settled(task, newest.operatorVersion);
    else if (!mayBeInCluster || !isPinned(task)) {
      unsettled.push({ index, package: name, message: whyUnsettled(task) });
    }
  }
  return {
    operatorVersion: { ...operatorVersion, spec: { ...operatorVersion.spec, tasks } },
    unsettled,
  };
}

function newestOf(
  task: Task,
  candidates: readonly PackageCandidate[],
): PackageCandidate | undefined {
  return candidates.filter((candidate) => isMeant(task, candidate)).toSorted(byVersion)[0];
}

function isMeant({ spec }: Task, { operatorVersion, url }: PackageCandidate): boolean {
  if (spec.package === url) return true;
  const candidate = operatorVersion.spec;
  return (
    candidate?.operator?.name === spec.package &&
    agrees(spec.operatorVersion, candidate?.version) &&
    agrees(spec.appVersion, candidate?.appVersion)
  );
}

function agrees(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === '' || wanted === actual;
}

function byVersion(a: PackageCandidate, b: PackageCandidate): number {
  const version = ({ operatorVersion: { spec } }: PackageCandidate) => ({
    operatorVersion: spec?.version ?? '',
    appVersion: spec?.appVersion ?? '',
  });
  return newestFirst(version(a), version(b));
}

function isPinned({ spec }: Task): boolean {
  const { package: name = '', operatorVersion = '' } = spec;
  return /^[^/]+$/.test(name) && !name.endsWith('.tgz') && operatorVersion !== '';
}

function settled(task: Task, { spec: child }: OperatorVersion): Task {
  const { appVersion: _, ...rest } = task.spec;
  const { version, appVersion = '', operator } = child ?? {};
  const spec = { ...rest, package: operator?.name, operatorVersion: version };
  return { ...task, spec: appVersion === '' ? spec : { ...spec, appVersion } };
}

function whyUnsettled({ spec }: Task): string {
  const { package: name = '', operatorVersion = '' } = spec;
  if (name === '') return 'the task names no package';
  if (/^https?:/.test(name)) return `no Package in Git pins ${name}`;
  if (name.includes('/') || name.endsWith('.tgz')) return `${name} is no folder of this repository`;
  return operatorVersion === ''
    ? `no package in Git is named ${name}, and the task pins no operatorVersion`
    : `no package in Git is ${name} ${operatorVersion}`;
}
