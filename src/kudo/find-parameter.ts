import type { OperatorVersion, Parameter } from './objects.ts';

/** The definition of a parameter; the first one when a name is given twice, as KUDO does. */
export function findParameter(
  operatorVersion: OperatorVersion,
  name: string,
): Parameter | undefined {
  return operatorVersion.spec?.parameters?.find((parameter) => parameter.name === name);
}
