import { randomUUID } from 'node:crypto';
import { messageOf } from '../lib/failure.ts';
import type { AdmissionRequest, AdmissionReviewer, Api } from './api-context.ts';
import { rulesMatch, selectorsMatch } from './admission-rules.ts';
import { ApiError, internalError } from './api-error.ts';
import {
  fieldsOf,
  isFields,
  listOf,
  textOf,
  valueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import { jsonPatch } from './patch-json.ts';
import { apiVersionOf } from './resource-registry.ts';
import type { ServiceReference, WebhookCaller } from './webhook-call.ts';

export const WEBHOOK_STORAGE = 'admissionregistration.k8s.io/mutatingwebhookconfigurations';

/** Asks the webhooks of all MutatingWebhookConfigurations, in the order of their names. */
export function mutatingWebhooks(
  call: WebhookCaller,
  resolveService: (service: ServiceReference) => string | undefined,
): AdmissionReviewer {
  return async (request, api) => {
    let { object } = request;
    if (request.target.definition.group === 'admissionregistration.k8s.io') return object;
    for (const webhook of matching(request, api)) {
      // One after the other: each sees what the one before it changed.
      object = await review(webhook, { ...request, object }, { call, resolveService, api });
    }
    return object;
  };
}

interface ReviewTools {
  readonly call: WebhookCaller;
  readonly resolveService: (service: ServiceReference) => string | undefined;
  readonly api: Api;
}

function matching(request: AdmissionRequest, api: Api): Fields[] {
  const { operation, target, object, oldObject } = request;
  const namespace =
    target.namespace === undefined
      ? undefined
      : api.store.get('namespaces', undefined, target.namespace);
  return api.store
    .list(WEBHOOK_STORAGE)
    .flatMap((configuration) => listOf(configuration['webhooks']).map(fieldsOf))
    .filter(
      (webhook) =>
        rulesMatch(webhook, operation, target) &&
        selectorsMatch(webhook, namespace, [object, oldObject]),
    );
}

async function review(
  webhook: Fields,
  request: AdmissionRequest,
  tools: ReviewTools,
): Promise<ApiObject> {
  const name = textOf(webhook['name']);
  let answer: Fields;
  try {
    answer = await ask(webhook, request, tools);
  } catch (thrown) {
    if (webhook['failurePolicy'] === 'Ignore') return request.object;
    throw internalError(`failed calling webhook "${name}": ${messageOf(thrown)}`);
  }
  if (answer['allowed'] !== true) throw denial(name, answer['status']);
  for (const warning of listOf(answer['warnings'])) request.actor.warn(String(warning));
  return patched(request.object, answer, name);
}

async function ask(
  webhook: Fields,
  request: AdmissionRequest,
  tools: ReviewTools,
): Promise<Fields> {
  const version = listOf(webhook['admissionReviewVersions']).find(
    (one) => one === 'v1' || one === 'v1beta1',
  );
  if (version === undefined)
    throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  const apiVersion = `admission.k8s.io/${version}`;
  const uid = randomUUID();
  const seconds = webhook['timeoutSeconds'];
  const reply = await tools.call(
    {
      url: urlOf(webhook, tools),
      caBundle: textOf(valueAt(webhook, 'clientConfig', 'caBundle')),
      timeoutMs: (typeof seconds === 'number' ? seconds : 10) * 1_000,
      body: { kind: 'AdmissionReview', apiVersion, request: reviewRequest(uid, request) },
    },
    tools.api.scope,
  );
  const response = fieldsOf(reply)['response'];
  if (!isFields(response)) throw new Error('failed to call webhook: the reply has no response');
  if (version === 'v1') checkV1(fieldsOf(reply), response, uid);
  return response;
}

function urlOf(webhook: Fields, { resolveService }: ReviewTools): string {
  const client = fieldsOf(webhook['clientConfig']);
  if (typeof client['url'] === 'string') return client['url'];
  const service = fieldsOf(client['service']);
  const reference: ServiceReference = {
    namespace: textOf(service['namespace']),
    name: textOf(service['name']),
    path: textOf(service['path']),
    port: typeof service['port'] === 'number' ? service['port'] : 443,
  };
  const url = resolveService(reference);
  if (url !== undefined) return url;
  throw new Error(
    `failed to call webhook: Post "https://${reference.name}.${reference.namespace}.svc:${reference.port}${reference.path}": service "${reference.name}" not found`,
  );
}

/** The v1beta1 protocol does not ask for any of this. */
function checkV1(reply: Fields, response: Fields, uid: string): void {
  if (response['uid'] !== uid) {
    throw new Error(`expected response.uid="${uid}", got "${textOf(response['uid'])}"`);
  }
  if (reply['kind'] !== 'AdmissionReview' || reply['apiVersion'] !== 'admission.k8s.io/v1') {
    throw new Error(
      `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${textOf(reply['apiVersion'])}, Kind=${textOf(reply['kind'])}`,
    );
  }
  if (response['patch'] !== undefined && response['patchType'] !== 'JSONPatch') {
    throw new Error('webhook returned response.patch but not response.patchType JSONPatch');
  }
}

function reviewRequest(uid: string, request: AdmissionRequest): Fields {
  const { operation, target, object, oldObject, actor } = request;
  const { group, version, plural, kind } = target.definition;
  const resource = { group, version, resource: plural };
  return {
    uid,
    kind: { group, version, kind },
    resource,
    requestKind: { group, version, kind },
    requestResource: resource,
    ...(target.subresource === undefined
      ? {}
      : { subResource: target.subresource, requestSubResource: target.subresource }),
    name: object.metadata.name,
    ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
    operation,
    userInfo: { username: actor.userName, groups: ['system:masters', 'system:authenticated'] },
    object: { ...object, apiVersion: apiVersionOf(target.definition) },
    oldObject:
      oldObject === undefined
        ? null
        : { ...oldObject, apiVersion: apiVersionOf(target.definition) },
    dryRun: actor.dryRun,
    options: {
      kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions',
      apiVersion: 'meta.k8s.io/v1',
      fieldManager: actor.fieldManager,
      ...(actor.dryRun ? { dryRun: ['All'] } : {}),
    },
  };
}

function denial(name: string, status: unknown): ApiError {
  const { code, message, reason, details } = fieldsOf(status);
  const why = textOf(message) || textOf(reason);
  const text = `admission webhook "${name}" denied the request${why === '' ? ' without explanation' : `: ${why}`}`;
  const isError = typeof code === 'number' && code >= 400;
  return new ApiError(
    isError ? code : 400,
    textOf(reason),
    text,
    isFields(details) ? details : undefined,
  );
}

function patched(object: ApiObject, answer: Fields, name: string): ApiObject {
  const encoded = textOf(answer['patch']);
  if (encoded === '') return object;
  try {
    const patch: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    return jsonPatch(object, patch) as ApiObject;
  } catch (thrown) {
    throw internalError(`the patch of webhook "${name}" does not apply: ${messageOf(thrown)}`);
  }
}
