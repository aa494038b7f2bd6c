import { crdRules } from './crd-rules.ts';
import { coreEventRules, eventRules } from './event-rules.ts';
import { fieldsOf, isFields, textOf, withMeta, type ApiObject, type Fields } from './api-object.ts';
import type { ResourceRules } from './resource-registry.ts';
import { serviceRules } from './service-rules.ts';
import { webhookRules } from './webhook-rules.ts';
import {
  cronJobRules,
  daemonSetRules,
  deploymentRules,
  jobRules,
  podRules,
  statefulSetRules,
} from './workload-rules.ts';

/** What the server adds to built-in objects and refuses of them, by `group/Kind`. */
export const BUILTIN_RULES: Readonly<Record<string, ResourceRules>> = {
  '/Namespace': { complete: completeNamespace },
  '/Secret': { complete: completeSecret, validate: validateSecret },
  '/Service': serviceRules(),
  '/Pod': podRules,
  '/PersistentVolumeClaim': { complete: completeClaim },
  '/Event': coreEventRules,
  'events.k8s.io/Event': eventRules,
  'apps/Deployment': deploymentRules,
  'apps/StatefulSet': statefulSetRules,
  'apps/DaemonSet': daemonSetRules,
  'apps/ReplicaSet': deploymentRules,
  'batch/Job': jobRules,
  'batch/CronJob': cronJobRules,
  'apiextensions.k8s.io/CustomResourceDefinition': crdRules,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhookRules,
};

function completeNamespace(object: ApiObject, previous: ApiObject | undefined): ApiObject {
  const { name, labels } = object.metadata;
  const named = withMeta(object, { labels: { ...labels, 'kubernetes.io/metadata.name': name } });
  const spec = { finalizers: ['kubernetes'], ...fieldsOf(object['spec']) };
  const status = previous?.['status'] ?? { phase: 'Active' };
  return { ...named, spec, status };
}

function completeSecret(object: ApiObject): ApiObject {
  const { stringData, ...rest } = object;
  const written = Object.entries(fieldsOf(stringData)).map(([name, text]) => [
    name,
    Buffer.from(textOf(text)).toString('base64'),
  ]);
  const data = { ...fieldsOf(object['data']), ...Object.fromEntries(written) };
  const hasData = Object.keys(data).length > 0;
  return { ...rest, ...(hasData ? { data } : {}), type: textOf(object['type']) || 'Opaque' };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function validateSecret(
  object: ApiObject,
  previous: ApiObject | undefined,
): ReturnType<NonNullable<ResourceRules['validate']>> {
  const bad = Object.entries(fieldsOf(object['data']))
    .filter(([, value]) => typeof value !== 'string' || !BASE64.test(value.replaceAll('\n', '')))
    .map(([name]) => ({
      reason: 'FieldValueInvalid' as const,
      field: `data[${name}]`,
      message: 'Invalid value: "": the value is not base64',
    }));
  if (previous === undefined || previous['type'] === object['type']) return bad;
  const message = `Invalid value: "${textOf(object['type'])}": field is immutable`;
  return [...bad, { reason: 'FieldValueInvalid', field: 'type', message }];
}

function completeClaim(object: ApiObject, previous: ApiObject | undefined): ApiObject {
  const spec: Fields = { volumeMode: 'Filesystem', ...fieldsOf(object['spec']) };
  const status = previous?.['status'] ?? { phase: 'Pending' };
  return { ...object, spec, status: isFields(object['status']) ? object['status'] : status };
}
