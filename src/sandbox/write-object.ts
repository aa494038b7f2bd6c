import { randomUUID } from 'node:crypto';
import {
  timestamp,
  writerOf,
  type Actor,
  type Api,
  type ObjectTarget,
  type Target,
} from './api-context.ts';
import {
  ApiError,
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  STALE,
} from './api-error.ts';
import { isSame, withMeta, withoutFields, type ApiObject, type Fields } from './api-object.ts';
import { normalized, validateObject } from './intake.ts';
import { withManagedFields } from './managed-fields.ts';
import { withGeneration, withProtectedFields } from './object-strategy.ts';

/** Creates an object (POST). */
export async function createObject(
  body: ApiObject,
  target: Target,
  actor: Actor,
  api: Api,
): Promise<ApiObject> {
  const { definition, namespace } = target;
  requireNamespace(target, api);
  if (body.metadata.resourceVersion !== undefined) {
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  const named = normalized(withSystemMeta(body, api), target, actor);
  const { name } = named.metadata;
  const admitted = await api.admit(
    { operation: 'CREATE', target, object: named, oldObject: undefined, actor },
    api,
  );
  const bare = withProtectedFields(normalized(admitted, target, actor), undefined, target);
  const complete = definition.rules.complete?.(bare, undefined) ?? bare;
  validateObject(complete, undefined, definition);
  const owned = withManagedFields(complete, undefined, writerOf(actor, target), timestamp(api));
  requireNamespace(target, api);
  if (api.store.get(definition.storage, namespace, name) !== undefined) {
    throw alreadyExists(definition, name);
  }
  return actor.dryRun ? owned : stored(owned, target, api);
}

function requireNamespace({ definition, namespace }: Target, api: Api): void {
  if (!definition.namespaced || namespace === undefined) return;
  const found = api.store.get('namespaces', undefined, namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    definition,
    '',
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
}

const SUFFIX_LENGTH = 5;

function withSystemMeta(object: ApiObject, api: Api): ApiObject {
  const { name, generateName } = object.metadata;
  const isGenerated = name === '' && generateName !== undefined;
  const suffix = randomUUID().replaceAll('-', '').slice(0, SUFFIX_LENGTH);
  return withMeta(object, {
    name: isGenerated ? `${generateName}${suffix}` : name,
    uid: randomUUID(),
    creationTimestamp: timestamp(api),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    managedFields: undefined,
    generation: undefined,
  });
}

/** What an update makes of the current object. */
export interface Update {
  /** A PUT: a uid in it is a precondition, and some resources demand a resourceVersion. */
  readonly isReplacement?: boolean;
  readonly next: (current: ApiObject) => ApiObject;
}

const MAX_ATTEMPTS = 5;

/**
 * Changes an object (PUT, PATCH): read, compute, admit, compare and store. When another write came
 * in between and the update does not insist on a resourceVersion, it is computed again.
 */
export async function updateObject(
  update: Update,
  target: ObjectTarget,
  actor: Actor,
  api: Api,
): Promise<ApiObject> {
  for (let attempt = 1; ; attempt++) {
    const current = readObject(target, api);
    const wanted = update.next(current);
    if (update.isReplacement === true) requireResourceVersion(wanted, target);
    checkPreconditions(wanted, current, target, update.isReplacement === true);
    const next = await prepared(wanted, current, target, { actor, api });
    if (next === undefined) return current;
    if (api.store.get(target.definition.storage, target.namespace, target.name) === current) {
      return actor.dryRun ? next : storedOrRemoved(next, current, target, api);
    }
    if (attempt === MAX_ATTEMPTS) throw conflict(target.definition, target.name, STALE);
  }
}

/** The object of a request; throws 404. */
export function readObject({ definition, namespace, name }: ObjectTarget, api: Api): ApiObject {
  const found = api.store.get(definition.storage, namespace, name);
  if (found === undefined) throw notFound(definition, name);
  return found;
}

function checkPreconditions(
  { metadata }: ApiObject,
  { metadata: current }: ApiObject,
  target: ObjectTarget,
  isReplacement: boolean,
): void {
  const { definition, name } = target;
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const uidProblem = otherUid(metadata.uid, current.uid, target);
  if (isReplacement && uidProblem !== undefined) throw uidProblem.asConflict;
  const { resourceVersion = '0' } = metadata;
  if (resourceVersion !== '0' && resourceVersion !== current.resourceVersion) {
    throw conflict(definition, name, STALE);
  }
  if (uidProblem !== undefined) throw uidProblem.asInvalid;
}

/** A uid is a precondition of a PUT, but just a field that cannot be changed in a PATCH. */
function otherUid(
  wanted: string | undefined,
  found: string | undefined,
  { definition, namespace, name }: ObjectTarget,
): { readonly asConflict: ApiError; readonly asInvalid: ApiError } | undefined {
  if (wanted === undefined || wanted === found) return undefined;
  const key = `/registry/${definition.storage}/${namespace ?? ''}/${name}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found ?? ''}`;
  const message = `Invalid value: "${wanted}": field is immutable`;
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.uid' } as const;
  return {
    asConflict: conflict(definition, name, why),
    asInvalid: invalid({ group: definition.group, kind: definition.kind, name }, [cause]),
  };
}

async function prepared(
  wanted: ApiObject,
  current: ApiObject,
  target: ObjectTarget,
  { actor, api }: { readonly actor: Actor; readonly api: Api },
): Promise<ApiObject | undefined> {
  const { definition } = target;
  const clean = normalized(wanted, target, actor);
  const admitted = await api.admit(
    { operation: 'UPDATE', target, object: clean, oldObject: current, actor },
    api,
  );
  const kept = withProtectedFields(normalized(admitted, target, actor), current, target);
  const complete = definition.rules.complete?.(kept, current) ?? kept;
  validateObject(complete, current, definition);
  const next = withGeneration(complete, current, definition);
  if (isUnchanged(next, current)) return undefined;
  return withManagedFields(next, current, writerOf(actor, target), timestamp(api));
}

function isUnchanged(next: ApiObject, current: ApiObject): boolean {
  return isSame(withoutBookkeeping(next), withoutBookkeeping(current));
}

function withoutBookkeeping(object: ApiObject): Fields {
  const metadata = withoutFields({ ...object.metadata }, 'managedFields', 'resourceVersion');
  return { ...object, metadata };
}

function storedOrRemoved(next: ApiObject, current: ApiObject, target: Target, api: Api): ApiObject {
  const isGone =
    current.metadata.deletionTimestamp !== undefined &&
    (next.metadata.finalizers ?? []).length === 0 &&
    target.definition.storage !== 'namespaces';
  return isGone ? api.store.remove(target.definition.storage, next) : stored(next, target, api);
}

const MAX_BYTES = 1_500_000;

function stored(object: ApiObject, { definition }: Target, api: Api): ApiObject {
  if (JSON.stringify(object).length > MAX_BYTES) {
    throw new ApiError(413, 'RequestEntityTooLarge', 'etcdserver: request is too large');
  }
  return api.store.put(definition.storage, object);
}

function requireResourceVersion({ metadata }: ApiObject, { definition, name }: ObjectTarget): void {
  if (!definition.custom || metadata.resourceVersion !== undefined) return;
  throw invalid({ group: definition.group, kind: definition.plural, name }, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
      field: 'metadata.resourceVersion',
    },
  ]);
}
