import type { FieldCause } from './api-error.ts';
import {
  fieldsOf,
  listOf,
  textOf,
  valueAt,
  withValueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import type { ResourceRules } from './resource-registry.ts';

/** What a MutatingWebhookConfiguration gets filled in, and what makes the server refuse it. */
export const webhookRules: ResourceRules = {
  complete: completeWebhooks,
  validate: (object) =>
    listOf(object['webhooks']).flatMap((webhook, at) =>
      webhookCauses(fieldsOf(webhook), `webhooks[${at}]`),
    ),
};

function completeWebhooks(object: ApiObject): ApiObject {
  const webhooks = listOf(object['webhooks']).map((webhook) => {
    const complete: Fields = {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      reinvocationPolicy: 'Never',
      timeoutSeconds: 10,
      ...fieldsOf(webhook),
    };
    const rules = listOf(complete['rules']).map((rule) => ({ scope: '*', ...fieldsOf(rule) }));
    const isToService = valueAt(complete, 'clientConfig', 'service') !== undefined;
    const port = valueAt(complete, 'clientConfig', 'service', 'port') ?? 443;
    return {
      ...(isToService
        ? withValueAt(complete, ['clientConfig', 'service', 'port'], port)
        : complete),
      rules,
    };
  });
  return { ...object, webhooks };
}

const MAX_TIMEOUT_SECONDS = 30;

function webhookCauses(webhook: Fields, path: string): FieldCause[] {
  const seconds = webhook['timeoutSeconds'];
  const isTimely = typeof seconds === 'number' && seconds >= 1 && seconds <= MAX_TIMEOUT_SECONDS;
  return [
    ...(textOf(webhook['name']).split('.').length >= 3
      ? []
      : [
          wrong(
            `${path}.name`,
            webhook['name'],
            'should be a domain with at least three segments separated by dots',
          ),
        ]),
    ...clientCauses(fieldsOf(webhook['clientConfig']), `${path}.clientConfig`),
    ...sideEffectsCauses(webhook['sideEffects'], `${path}.sideEffects`),
    ...(listOf(webhook['admissionReviewVersions']).some((one) => one === 'v1' || one === 'v1beta1')
      ? []
      : [required(`${path}.admissionReviewVersions`, 'must specify one of v1, v1beta1')]),
    ...(isTimely
      ? []
      : [
          wrong(
            `${path}.timeoutSeconds`,
            seconds,
            'the timeout value must be between 1 and 30 seconds',
          ),
        ]),
  ];
}

function clientCauses(client: Fields, path: string): FieldCause[] {
  const { url, service } = client;
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url === undefined || textOf(url).startsWith('https://')) return [];
  return [wrong(`${path}.url`, url, `'https' is the only allowed URL scheme`)];
}

/** Only webhooks that a dry run may call can be registered in v1. */
function sideEffectsCauses(value: unknown, field: string): FieldCause[] {
  if (value === 'None' || value === 'NoneOnDryRun') return [];
  if (value === undefined) return [required(field, 'must specify one of None, NoneOnDryRun')];
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "None", "NoneOnDryRun"`;
  return [{ reason: 'FieldValueNotSupported', message, field }];
}

function required(field: string, why: string): FieldCause {
  return { reason: 'FieldValueRequired', message: `Required value: ${why}`, field };
}

function wrong(field: string, value: unknown, why: string): FieldCause {
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    field,
  };
}
