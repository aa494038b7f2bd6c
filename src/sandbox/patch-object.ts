import type { Target, ObjectTarget } from './api-context.ts';
import { ApiError, badRequest, unprocessable, unsupportedMediaType } from './api-error.ts';
import { fieldsOf, isFields, withMeta, type ApiObject, type Fields } from './api-object.ts';
import { JsonPatchError, jsonPatch } from './patch-json.ts';
import { mergeFields } from './patch-merge.ts';
import { strategicPatch } from './patch-strategic.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';

/**
 * What the body of a PATCH makes of an object. Throws 415 for a type that the resource does not take
 * (strategic patches of custom resources; server-side apply altogether).
 */
export function patchFunction(
  contentType: string,
  body: unknown,
  target: ObjectTarget,
): (current: ApiObject) => ApiObject {
  switch (contentType) {
    case JSON_PATCH:
      return (current) => toObject(applyJsonPatch(current, body, target), target);
    case MERGE_PATCH:
      return (current) =>
        toObject(mergeFields(asServed(current, target), patchFields(body)), target);
    case STRATEGIC_PATCH:
      if (!target.definition.custom) {
        return (current) =>
          toObject(strategicPatch(asServed(current, target), patchFields(body)), target);
      }
      throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, APPLY_PATCH]);
    case APPLY_PATCH:
      throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH]);
    default:
      throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
}

function asServed(current: ApiObject, { definition }: Target): ApiObject {
  return definition.rules.toServed?.(current) ?? current;
}

function patchFields(body: unknown): Fields {
  if (isFields(body)) return body;
  throw badRequest('the patch is no JSON object');
}

function applyJsonPatch(current: ApiObject, body: unknown, target: ObjectTarget): unknown {
  if (!Array.isArray(body)) throw badRequest('a JSON patch is a list of operations');
  try {
    return jsonPatch(asServed(current, target), body);
  } catch (thrown) {
    if (!(thrown instanceof JsonPatchError)) throw thrown;
    throw unprocessable();
  }
}

function toObject(value: unknown, { definition, namespace }: Target): ApiObject {
  const fields = fieldsOf(value);
  if (!isFields(fields['metadata'])) throw badRequest('the patch removes the metadata');
  const object = fields as unknown as ApiObject;
  const placed = withMeta(object, { namespace: definition.namespaced ? namespace : undefined });
  return definition.rules.toStored?.(placed) ?? placed;
}
