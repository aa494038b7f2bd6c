import { json, type ApiAnswer, type Call } from './api-request.ts';
import type { Api, ObjectTarget } from './api-context.ts';
import { badRequest, methodNotAllowed, pathNotFound } from './api-error.ts';
import {
  fieldsOf,
  textOf,
  valueAt,
  withValueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import { mergeFields } from './patch-merge.ts';
import type { ScalePaths } from './resource-registry.ts';
import { readObject, updateObject } from './write-object.ts';

/** The scale subresource: replicas of an object, read and written without knowing its kind. */
export async function answerScale(call: Call, target: ObjectTarget, api: Api): Promise<ApiAnswer> {
  const paths = target.definition.scale;
  if (paths === undefined) throw pathNotFound();
  const { request, body, actor } = call;
  if (request.method === 'GET') return json(200, scaleOf(readObject(target, api), paths));
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotAllowed();
  const next = (current: ApiObject): ApiObject => {
    const wanted =
      request.method === 'PUT'
        ? fieldsOf(body)
        : mergeFields(scaleOf(current, paths), fieldsOf(body));
    return withReplicas(current, valueAt(wanted, 'spec', 'replicas'), paths);
  };
  const main: ObjectTarget = { ...target, subresource: undefined };
  return json(200, scaleOf(await updateObject({ next }, main, actor, api), paths));
}

function withReplicas(current: ApiObject, replicas: unknown, paths: ScalePaths): ApiObject {
  if (typeof replicas !== 'number') throw badRequest('spec.replicas is no number');
  return withValueAt(current, paths.specReplicas, replicas) as ApiObject;
}

function scaleOf(object: ApiObject, paths: ScalePaths): Fields {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    paths.labelSelector === undefined
      ? labelsText(valueAt(object, 'spec', 'selector', 'matchLabels'))
      : textOf(valueAt(object, ...paths.labelSelector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(object, ...paths.specReplicas) ?? 0 },
    status: { replicas: valueAt(object, ...paths.statusReplicas) ?? 0, selector },
  };
}

function labelsText(labels: unknown): string {
  return Object.entries(fieldsOf(labels))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
}
