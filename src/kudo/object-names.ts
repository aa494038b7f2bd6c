import type { OperatorVersion } from './objects.ts';

/** `kafka-2.5.1-1.3.2`, or `kafka-1.3.2` without an appVersion (operatorversion_types_helpers.go:17). */
export function operatorVersionName(operator: string, appVersion: string, version: string): string {
  return [operator, ...(appVersion === '' ? [] : [appVersion]), version].join('-');
}

/** The name that an OperatorVersion should have by what it says of itself. */
export function qualifiedName({ spec }: OperatorVersion): string {
  return operatorVersionName(
    spec?.operator?.name ?? '',
    spec?.appVersion ?? '',
    spec?.version ?? '',
  );
}

/** Name of the Instance that a KudoOperator task makes (task_kudo_operator.go:80-85). */
export function childInstanceName(
  parent: string,
  task: { readonly package?: string | undefined; readonly instanceName?: string | undefined },
): string {
  const { instanceName = '' } = task;
  return instanceName === '' ? `${parent}-${task.package ?? ''}` : instanceName;
}
