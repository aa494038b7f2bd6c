import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from './json-object.ts';

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** The JSON Patch that turns `before` into `after`; lists are replaced as a whole, undefined counts as absent. */
export function jsonPatchBetween(
  before: JsonObject,
  after: JsonObject,
  at = '',
): readonly JsonPatchOperation[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const path = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return changeAt(path, before[key], after[key]);
  });
}

function changeAt(path: string, before: unknown, after: unknown): readonly JsonPatchOperation[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (after === undefined) return [{ op: 'remove', path }];
  if (before === undefined) return [{ op: 'add', path, value: after }];
  if (isJsonObject(before) && isJsonObject(after)) return jsonPatchBetween(before, after, path);
  return [{ op: 'replace', path, value: after }];
}
