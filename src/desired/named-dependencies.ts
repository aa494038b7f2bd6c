import { packageDependencies } from '../kudo/package-dependencies.ts';
import type { OperatorVersion, Task } from '../kudo/objects.ts';

/**
 * Settles KudoOperator tasks that name a package instead of a folder. KUDO's CLI would ask its
 * repository; here the name means the one package in Git that fits, or else, with an
 * operatorVersion beside it, an OperatorVersion that the cluster must have.
 */
export function settleNamedDependencies(
  operatorVersion: OperatorVersion,
  inGit: readonly OperatorVersion[],
): {
  readonly operatorVersion: OperatorVersion;
  readonly unsettled: readonly { readonly index: number; readonly message: string }[];
} {
  const tasks = [...(operatorVersion.spec?.tasks ?? [])];
  const unsettled: { index: number; message: string }[] = [];
  for (const { index, isPath, package: name } of packageDependencies(operatorVersion)) {
    const task = tasks[index];
    if (isPath || !task) continue;
    const fits = inGit.filter((candidate) => isMeant(task, candidate));
    const [only] = fits;
    if (only && fits.length === 1) tasks[index] = settled(task, only);
    else if (!isPinned(task)) unsettled.push({ index, message: whyUnsettled(name, fits.length) });
  }
  if (tasks.length === 0) return { operatorVersion, unsettled };
  return {
    operatorVersion: { ...operatorVersion, spec: { ...operatorVersion.spec, tasks } },
    unsettled,
  };
}

function isMeant({ spec }: Task, { spec: candidate }: OperatorVersion): boolean {
  return (
    candidate?.operator?.name === spec.package &&
    agrees(spec.operatorVersion, candidate?.version) &&
    agrees(spec.appVersion, candidate?.appVersion)
  );
}

function agrees(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === '' || wanted === actual;
}

function isPinned({ spec }: Task): boolean {
  const { package: name = '', operatorVersion = '' } = spec;
  return /^[^/]+$/.test(name) && !name.endsWith('.tgz') && operatorVersion !== '';
}

function settled(task: Task, { spec: child }: OperatorVersion): Task {
  const { appVersion: _, ...rest } = task.spec;
  const { version, appVersion = '' } = child ?? {};
  const spec = { ...rest, operatorVersion: version };
  return { ...task, spec: appVersion === '' ? spec : { ...spec, appVersion } };
}

function whyUnsettled(name: string, found: number): string {
  if (name === '') return 'the task names no package';
  if (name.includes('/') || name.endsWith('.tgz')) return `${name} is no folder of this repository`;
  return found > 1
    ? `${found} packages in Git are named ${name}, and the task does not say which`
    : `no package in Git is named ${name}, and the task pins no operatorVersion`;
}
