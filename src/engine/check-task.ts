import type { Task } from '../kudo/objects.ts';

/** Why `task` cannot be built, in KUDO's words (task/task.go:64-208), or undefined. */
export function taskProblem(task: Task): string | undefined {
  const check = Object.hasOwn(CHECKS, task.kind) ? CHECKS[task.kind] : undefined;
  return check === undefined ? `unknown task kind ${task.kind}` : check(task);
}

const INVALID = 'task validation error:';
const USE_DUMMY = "if that's what you need, use a Dummy task instead";

const CHECKS: Readonly<Record<string, (task: Task) => string | undefined>> = {
  Apply: (task) => emptyList('apply', task),
  Delete: (task) => emptyList('delete', task),
  Dummy: () => undefined,
  Pipe: pipeProblem,
  Toggle: toggleProblem,
  KudoOperator: kudoOperatorProblem,
};

function emptyList(kind: string, task: Task): string | undefined {
  if ((task.spec.resources ?? []).length > 0) return undefined;
  return `${INVALID} ${kind} task '${task.name}' has an empty resource list. ${USE_DUMMY}`;
}

function toggleProblem({ spec }: Task): string | undefined {
  if ((spec.resources ?? []).length === 0)
    return `${INVALID} toggle task has an empty resource list. ${USE_DUMMY}`;
  if (!spec.parameter) return `${INVALID} Missing parameter to evaluate the Toggle Task`;
  return undefined;
}

function kudoOperatorProblem({ name, spec }: Task): string | undefined {
  if (!spec.package) return `${INVALID} kudo operator task '${name}' has an empty package name`;
  if (!spec.operatorVersion)
    return `${INVALID} kudo operator task '${name}' has an empty operatorVersion`;
  return undefined;
}

function pipeProblem({ spec }: Task): string | undefined {
  const files = spec.pipe ?? [];
  if (files.length === 0) return `${INVALID} pipe task has an empty pipe files list`;
  return files.map(pipeFileProblem).find((problem) => problem !== undefined);
}

function pipeFileProblem(pipe: Readonly<Record<string, string>>): string | undefined {
  const { file = '', envFile = '', kind = '', key = '' } = pipe;
  const shown = `{${file} ${envFile} ${kind} ${key}}`;
  if ((file === '') === (envFile === ''))
    return `${INVALID} pipe file ${shown} must have either 'file' or 'envFile' field set but not both`;
  if (kind !== 'Secret' && kind !== 'ConfigMap')
    return `${INVALID} invalid pipe kind (must be Secret or ConfigMap): ${shown}`;
  if (!/^[a-zA-Z0-9_-]+$/.test(key))
    return `${INVALID} invalid pipe key (only letters, numbers and _ and - are allowed): ${shown}`;
  return undefined;
}
