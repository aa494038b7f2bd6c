import { actorOf, json, parseBody, type ApiAnswer, type ApiRequest } from './api-request.ts';
import type { Api } from './api-context.ts';
import { methodNotAllowed, pathNotFound } from './api-error.ts';
import { discoveryDocument, VERSION } from './discovery.ts';
import { openApiDocument, openApiIndex, openApiV2 } from './openapi.ts';
import { parseTarget } from './request-path.ts';
import { answerResource } from './resource-verbs.ts';

/** Paths that anyone may ask for. */
export const PUBLIC_PATHS: readonly string[] = ['/healthz', '/readyz', '/livez', '/version'];

/** Answers a request; throws {@link ApiError} for what is no success. */
export async function answer(request: ApiRequest, api: Api): Promise<ApiAnswer> {
  const target = parseTarget(request.path, api.registry);
  if (target === undefined) return answerDocument(request, api);
  const warnings: string[] = [];
  const actor = actorOf(request, (text) => warnings.push(text));
  const given = await answerResource({ request, target, actor, body: parseBody(request) }, api);
  return given.kind === 'text' ? { ...given, warnings } : given;
}

const OPENAPI_V3 = '/openapi/v3';
const PROTOBUF = 'application/com.github.proto-openapi';

function answerDocument({ method, path, accept }: ApiRequest, { registry }: Api): ApiAnswer {
  if (method !== 'GET') throw methodNotAllowed();
  if (PUBLIC_PATHS.some((one) => path === one && one !== '/version')) {
    return { kind: 'text', code: 200, text: 'ok', contentType: 'text/plain' };
  }
  if (path === '/version') return json(200, VERSION);
  if (path === '/openapi/v2') {
    if (accept.includes(PROTOBUF) && !accept.includes('json')) {
      return { kind: 'text', code: 406, text: '406 not acceptable', contentType: 'text/plain' };
    }
    return json(200, openApiV2(registry));
  }
  if (path === OPENAPI_V3) return json(200, openApiIndex(registry));
  const document = path.startsWith(`${OPENAPI_V3}/`)
    ? openApiDocument(path.slice(OPENAPI_V3.length + 1), registry)
    : discoveryDocument(path, registry);
  if (document === undefined) return notServed(path, registry);
  return json(200, document);
}

/** Groups that are not built in are answered without a Status, as by a real server. */
function notServed(path: string, registry: Api['registry']): ApiAnswer {
  const group = path.split('/')[2] ?? '';
  if (registry.all().some((one) => one.group === group && !one.custom)) throw pathNotFound();
  return { kind: 'text', code: 404, text: '404 page not found\n', contentType: 'text/plain' };
}
