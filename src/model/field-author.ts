import type { KubeObject, ManagedFieldsEntry } from './kube-object.ts';
import { FIELD_MANAGER } from './names.ts';

/** Who set a field of an object last, and when, as far as the API server tells. */
export interface FieldAuthor {
  /** The name of a program, such as `kubectl-edit`: whoever writes may choose it. */
  readonly manager: string;
  /** ISO 8601, whole seconds; the manager's last change of any field, so the field's own or a later one. */
  readonly at: string;
}

const PARAMETERS = ['f:spec', 'f:parameters'] as const;
const OPERATOR_VERSION = ['f:spec', 'f:operatorVersion'] as const;

/** Who set a parameter of an Instance; undefined when that is us, or when nobody knows: as of what was removed. */
export function parameterAuthor(instance: KubeObject, name: string): FieldAuthor | undefined {
  return authorOf(instance, [...PARAMETERS, `f:${name}`]);
}

/** Who named the OperatorVersion of an Instance, if others did. */
export function versionAuthor(instance: KubeObject): FieldAuthor | undefined {
  return authorOf(instance, [...OPERATOR_VERSION, 'f:name']);
}

function authorOf({ metadata }: KubeObject, path: readonly string[]): FieldAuthor | undefined {
  const [newest] = (metadata.managedFields ?? [])
    .filter((entry) => isForeign(entry) && fieldAt(entry.fieldsV1, path) !== undefined)
    .map(({ manager = '', time = '' }) => ({ manager: legible(manager), at: legible(time) }))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1));
  return newest;
}

const isForeign = ({ manager }: ManagedFieldsEntry): boolean => manager !== FIELD_MANAGER;

const MAX_NAME = 60;

/** Whoever writes may put anything there, and it ends up in comments and conditions. */
const legible = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9._:/@+-]/g, '?').slice(0, MAX_NAME);

/**
 * When the parameters of an Instance were last written, by us or by others, or something later of whoever wrote
 * them: ISO 8601, whole seconds. Undefined when nobody knows.
 */
export function parametersWrittenAt({ metadata }: KubeObject): string | undefined {
  return (metadata.managedFields ?? [])
    .filter((entry) => !isForeign(entry) || fieldAt(entry.fieldsV1, PARAMETERS) !== undefined)
    .flatMap(({ time }) => time ?? [])
    .toSorted()
    .at(-1);
}

/** Of the entries of an Instance, what the functions of this file read; of our own, the time. */
export function withAuthorsOnly(
  entries: readonly ManagedFieldsEntry[],
): readonly ManagedFieldsEntry[] | undefined {
  const kept = entries.flatMap((entry): ManagedFieldsEntry[] => {
    if (!isForeign(entry)) return [{ manager: entry.manager, time: entry.time }];
    const parameters = fieldAt(entry.fieldsV1, PARAMETERS);
    const operatorVersion = fieldAt(entry.fieldsV1, OPERATOR_VERSION);
    if (parameters === undefined && operatorVersion === undefined) return [];
    const spec = {
      ...(parameters === undefined ? {} : { 'f:parameters': parameters }),
      ...(operatorVersion === undefined ? {} : { 'f:operatorVersion': operatorVersion }),
    };
    return [{ manager: entry.manager, time: entry.time, fieldsV1: { 'f:spec': spec } }];
  });
  return kept.length > 0 ? kept : undefined;
}

function fieldAt(fields: unknown, path: readonly string[]): unknown {
  let at = fields;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

/** `set by kubectl-edit at 2026-11-22T20:15:03Z`. */
export function authorText({ manager, at }: FieldAuthor): string {
  return at === '' ? `set by ${manager}` : `set by ${manager} at ${at}`;
}
