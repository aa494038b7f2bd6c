import { timestamp, type Actor, type Api, type ObjectTarget, type Target } from './api-context.ts';
import { badRequest, conflict } from './api-error.ts';
import { fieldsOf, textOf, withMeta, type ApiObject, type Fields } from './api-object.ts';
import { readObject } from './write-object.ts';

/** `metav1.DeleteOptions`, from the body or the query of a request. */
export interface DeleteRequest {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly propagation: 'Foreground' | 'Background' | 'Orphan';
}

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

/** Reads the options of a delete; the body wins over the query. */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteRequest {
  const options = fieldsOf(body);
  const preconditions = fieldsOf(options['preconditions']);
  const orphan = options['orphanDependents'] ?? query.get('orphanDependents');
  const policy =
    textOf(options['propagationPolicy']) ||
    (query.get('propagationPolicy') ?? (isTrue(orphan) ? 'Orphan' : 'Background'));
  if (policy !== 'Foreground' && policy !== 'Background' && policy !== 'Orphan') {
    throw badRequest(`invalid DeleteOptions: propagationPolicy: Unsupported value: "${policy}"`);
  }
  return {
    uid: textOf(preconditions['uid']) || undefined,
    resourceVersion: textOf(preconditions['resourceVersion']) || undefined,
    propagation: policy,
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** What came of a delete: gone, or marked and waiting for its finalizers. */
export interface Deletion {
  readonly object: ApiObject;
  readonly isGone: boolean;
}

/** Deletes an object, or marks it as being deleted while finalizers hold it. */
export function deleteObject(
  options: DeleteRequest,
  target: ObjectTarget,
  actor: Pick<Actor, 'dryRun'>,
  api: Api,
): Deletion {
  const current = readObject(target, api);
  checkPreconditions(options, current, target);
  const finalizers = finalizersOf(options, current, target);
  const { storage } = target.definition;
  if (finalizers.length === 0 && storage !== 'namespaces') {
    const object = actor.dryRun ? current : api.store.remove(storage, current);
    return { object, isGone: true };
  }
  const isMarked = current.metadata.deletionTimestamp !== undefined;
  const isComplete = finalizers.every((one) => current.metadata.finalizers?.includes(one));
  if (isMarked && isComplete) return { object: current, isGone: false };
  const marked = markedForDeletion(current, finalizers, target, api);
  return { object: actor.dryRun ? marked : api.store.put(storage, marked), isGone: false };
}

function checkPreconditions(
  { uid, resourceVersion }: DeleteRequest,
  { metadata }: ApiObject,
  { definition, name }: ObjectTarget,
): void {
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`;
    throw conflict({ ...definition, plural: definition.kind }, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict({ ...definition, plural: definition.kind }, name, why);
  }
}

function finalizersOf(
  { propagation }: DeleteRequest,
  { metadata }: ApiObject,
  { definition }: Target,
): string[] {
  const others = (metadata.finalizers ?? []).filter(
    (one) => one !== FOREGROUND_FINALIZER && one !== ORPHAN_FINALIZER,
  );
  if (definition.storage === 'namespaces') return others;
  if (propagation === 'Foreground') return [...others, FOREGROUND_FINALIZER];
  if (propagation === 'Orphan') return [...others, ORPHAN_FINALIZER];
  return others;
}

function markedForDeletion(
  current: ApiObject,
  finalizers: readonly string[],
  { definition }: Target,
  api: Api,
): ApiObject {
  const { generation, deletionTimestamp } = current.metadata;
  const isFirst = deletionTimestamp === undefined;
  const marked = withMeta(current, {
    deletionTimestamp: deletionTimestamp ?? timestamp(api),
    deletionGracePeriodSeconds: definition.storage === 'namespaces' ? undefined : 0,
    finalizers: finalizers.length === 0 ? undefined : finalizers,
    ...(isFirst && generation !== undefined ? { generation: generation + 1 } : {}),
  });
  if (definition.storage !== 'namespaces') return marked;
  return { ...marked, status: { phase: 'Terminating' } };
}

/** `metav1.Status` for a delete that left nothing behind. */
export function deletedStatus({ definition, name }: ObjectTarget, object: ApiObject): Fields {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(definition.group === '' ? {} : { group: definition.group }),
      kind: definition.plural,
      uid: object.metadata.uid,
    },
  };
}
