import { json, type ApiAnswer, type ApiRequest, type Call } from './api-request.ts';
import type { Api, ObjectTarget, Target } from './api-context.ts';
import { badRequest, methodNotAllowed, pathNotFound } from './api-error.ts';
import type { ApiObject } from './api-object.ts';
import { deletedStatus, deleteObject, parseDeleteOptions } from './delete-object.ts';
import { parseObject } from './intake.ts';
import { patchFunction } from './patch-object.ts';
import { listObjects, matcherOf, parseCount } from './read-objects.ts';
import {
  listText,
  objectText,
  parseRepresentation,
  type Representation,
} from './representation.ts';
import { answerReview } from './reviews.ts';
import { answerScale } from './scale.ts';
import { startWatch } from './watch-objects.ts';
import { createObject, readObject, updateObject } from './write-object.ts';

/** Carries out a verb on a resource, one of its objects or a subresource of that. */
export async function answerResource(call: Call, api: Api): Promise<ApiAnswer> {
  const { target, request } = call;
  if (!target.definition.verbs.includes('get')) return answerReview(call);
  checkSubresource(target);
  const { name } = target;
  if (name === undefined) return answerCollection(call, api);
  if (target.subresource === 'scale') return answerScale(call, { ...target, name }, api);
  if (request.query.get('watch') === 'true' || request.query.get('watch') === '1') {
    return answerWatch(call, api);
  }
  return answerObject(call, { ...target, name }, api);
}

function checkSubresource({ definition, subresource }: Target): void {
  const isKnown =
    subresource === undefined ||
    (subresource === 'status' && definition.hasStatus) ||
    (subresource === 'scale' && definition.scale !== undefined) ||
    (subresource === 'finalize' && definition.storage === 'namespaces');
  if (!isKnown) throw pathNotFound();
}

async function answerCollection(call: Call, api: Api): Promise<ApiAnswer> {
  const { request, target, actor, body } = call;
  switch (request.method) {
    case 'GET':
      return isWatch(request) ? answerWatch(call, api) : answerList(call, api);
    case 'POST': {
      if (target.definition.namespaced && target.namespace === undefined) throw methodNotAllowed();
      const parsed = parseObject(body, target);
      const stored = target.definition.rules.toStored?.(parsed) ?? parsed;
      return textOf(201, await createObject(stored, target, actor, api), call, api);
    }
    case 'DELETE':
      return deleteCollection(call, api);
    default:
      throw methodNotAllowed();
  }
}

function isWatch({ query }: ApiRequest): boolean {
  const value = query.get('watch');
  return value === 'true' || value === '1';
}

function answerList({ request, target }: Call, api: Api): ApiAnswer {
  const wanted = representation(request, api);
  const text = listText(listObjects(target, request.query, api), target.definition, wanted);
  return { kind: 'text', code: 200, text };
}

const DEFAULT_WATCH_MS = 30 * 60_000;

function answerWatch({ request, target }: Call, api: Api): ApiAnswer {
  const wanted = representation(request, api);
  const seconds = parseCount(request.query, 'timeoutSeconds');
  return {
    kind: 'watch',
    timeoutMs: seconds === 0 ? DEFAULT_WATCH_MS : seconds * 1_000,
    start: (sink) => startWatch(target, request.query, { wanted, sink, api }),
  };
}

async function answerObject(call: Call, target: ObjectTarget, api: Api): Promise<ApiAnswer> {
  const { request, actor, body } = call;
  switch (request.method) {
    case 'GET':
      return textOf(200, readObject(target, api), call, api);
    case 'PUT':
      return textOf(200, await replaceObject(call, target, api), call, api);
    case 'PATCH': {
      const next = patchFunction(request.contentType, body, target);
      return textOf(200, await updateObject({ next }, target, actor, api), call, api);
    }
    case 'DELETE': {
      if (target.subresource !== undefined) throw methodNotAllowed();
      const options = parseDeleteOptions(body, request.query);
      const { object, isGone } = deleteObject(options, target, deleter(call), api);
      return isGone ? json(200, deletedStatus(target, object)) : textOf(200, object, call, api);
    }
    default:
      throw methodNotAllowed();
  }
}

async function replaceObject(
  { body, actor }: Call,
  target: ObjectTarget,
  api: Api,
): Promise<ApiObject> {
  const parsed = parseObject(body, target);
  const stored = target.definition.rules.toStored?.(parsed) ?? parsed;
  return updateObject({ next: () => stored, isReplacement: true }, target, actor, api);
}

/** DeleteOptions carry their own dryRun. */
function deleter({ actor, body }: Call): { readonly dryRun: boolean } {
  const inBody = (body as { dryRun?: unknown } | undefined)?.dryRun;
  return { dryRun: actor.dryRun || (Array.isArray(inBody) && inBody.includes('All')) };
}

function deleteCollection(call: Call, api: Api): ApiAnswer {
  const { request, target, body } = call;
  if (target.definition.namespaced && target.namespace === undefined) throw methodNotAllowed();
  if (target.definition.storage === 'namespaces') throw methodNotAllowed();
  const options = parseDeleteOptions(body, request.query);
  if (options.uid !== undefined) throw badRequest('a collection has no uid');
  const items = api.store.list(target.definition.storage).filter(matcherOf(target, request.query));
  for (const { metadata } of items) {
    deleteObject(options, { ...target, name: metadata.name }, deleter(call), api);
  }
  const page = { items, revision: api.store.revision, continue: undefined, remaining: undefined };
  const text = listText(page, target.definition, representation(request, api));
  return { kind: 'text', code: 200, text };
}

function textOf(code: number, object: ApiObject, { request, target }: Call, api: Api): ApiAnswer {
  const text = objectText(object, target.definition, representation(request, api));
  return { kind: 'text', code, text };
}

function representation({ accept, query }: ApiRequest, { scope }: Api): Representation {
  return parseRepresentation(accept, query, scope.clock.now());
}
