import { parametersOf } from './find-parameter.ts';
import type { Instance, OperatorVersion } from './objects.ts';
import { validateParameter } from './validate-parameter.ts';
import { versionReference } from './version-reference.ts';

/** What KUDO's webhook answers to a write of an Instance. */
export type Admission =
  | {
      readonly allowed: true;
      /** The Instance as it will be stored. */
      readonly instance: Instance;
      /** The plan that this write schedules; undefined when it schedules none. */
      readonly scheduled?: string | undefined;
    }
  | Denial;

/** `message` is KUDO's own text, without the API server's words around it. */
export interface Denial {
  readonly allowed: false;
  readonly code: 403 | 500;
  readonly message: string;
}

/** Reads an OperatorVersion; undefined when there is none. */
export type FindOperatorVersion = (namespace: string, name: string) => OperatorVersion | undefined;

/** Everything that admission needs to know besides the Instance. */
export interface AdmissionContext {
  readonly findOperatorVersion: FindOperatorVersion;
  /** A fresh uid for a plan run. */
  readonly newUid: () => string;
}

/** KUDO's answer when the user is wrong. */
export function denied(message: string): Denial {
  return { allowed: false, code: 403, message };
}

/** The OperatorVersion that `instance` refers to, or KUDO's answer when there is none. */
export function referencedOperatorVersion(
  instance: Instance,
  findOperatorVersion: FindOperatorVersion,
): OperatorVersion | Denial {
  const { namespace, name } = versionReference(instance);
  const found = findOperatorVersion(namespace, name);
  if (found !== undefined) return found;
  const message = `operatorversions.kudo.dev "${name}" not found`;
  return { allowed: false, code: 500, message };
}

/** The first parameter value that KUDO refuses, in the order of the definitions. */
export function invalidParameter(
  operatorVersion: OperatorVersion,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  for (const parameter of parametersOf(operatorVersion)) {
    const why = validateParameter(parameter, ownValue(parameters, parameter.name) ?? '');
    if (why !== undefined) return why;
  }
  return undefined;
}

/** `parameters[name]` without what objects inherit. */
export function ownValue(
  parameters: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}
