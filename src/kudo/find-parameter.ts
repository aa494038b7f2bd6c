import type { OperatorVersion, Parameter, StoredParameter } from './objects.ts';

/** The parameters of an OperatorVersion; one without a name has an empty one, as in KUDO. */
export function parametersOf({ spec }: Pick<OperatorVersion, 'spec'>): readonly Parameter[] {
  const stored = spec?.parameters ?? [];
  return stored.every(isNamed)
    ? stored
    : stored.map((parameter) => ({ ...parameter, name: parameter.name ?? '' }));
}

const isNamed = (parameter: StoredParameter): parameter is Parameter =>
  parameter.name !== undefined;

/** The definition of a parameter; the first one when a name is given twice, as KUDO does. */
export function findParameter(
  operatorVersion: OperatorVersion,
  name: string,
): Parameter | undefined {
  return parametersOf(operatorVersion).find((parameter) => parameter.name === name);
}
