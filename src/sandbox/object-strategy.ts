import type { Target } from './api-context.ts';
import { isSame, withMeta, withoutFields, type ApiObject } from './api-object.ts';
import type { ResourceDefinition } from './resource-registry.ts';

/**
 * `next` with everything put back that this request may not change: identity, and either the status
 * (writes to the object) or all but the status (writes to its status subresource).
 */
export function withProtectedFields(
  next: ApiObject,
  current: ApiObject | undefined,
  { definition, subresource }: Target,
): ApiObject {
  if (current === undefined) {
    const bare = definition.hasStatus ? (withoutFields(next, 'status') as ApiObject) : next;
    return definition.hasGeneration ? withMeta(bare, { generation: 1 }) : bare;
  }
  if (subresource === 'status') return withStatusOf(current, next);
  const { uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } =
    current.metadata;
  const identified = withMeta(next, {
    uid,
    creationTimestamp,
    generation,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generateName: current.metadata.generateName,
    resourceVersion: current.metadata.resourceVersion,
    managedFields: current.metadata.managedFields,
  });
  return definition.hasStatus ? withStatusOf(identified, current) : identified;
}

function withStatusOf(object: ApiObject, { status }: ApiObject): ApiObject {
  const rest = withoutFields(object, 'status') as ApiObject;
  return status === undefined ? rest : { ...rest, status };
}

/** `next` with a generation one higher when anything but metadata and status changed. */
export function withGeneration(
  next: ApiObject,
  current: ApiObject,
  definition: ResourceDefinition,
): ApiObject {
  if (!definition.hasGeneration) return next;
  const ignored =
    definition.hasStatus || !definition.custom ? ['metadata', 'status'] : ['metadata'];
  const before = current.metadata.generation ?? 1;
  const isSpecSame = isSame(withoutFields(next, ...ignored), withoutFields(current, ...ignored));
  return withMeta(next, { generation: isSpecSame ? before : before + 1 });
}
