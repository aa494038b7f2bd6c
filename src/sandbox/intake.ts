import type { ObjectMeta } from '../model/kube-object.ts';
import type { Actor, Target } from './api-context.ts';
import { badRequest, invalid, type FieldCause } from './api-error.ts';
import { fieldsOf, isFields, textOf, type ApiObject, type Fields } from './api-object.ts';
import { pruneBySchema, withDefaults } from './crd-schema.ts';
import { validateBySchema } from './crd-validation.ts';
import { apiVersionOf, type ResourceDefinition } from './resource-registry.ts';

/** The fields of `metadata` that exist; others are dropped, as a real server does. */
const META_FIELDS = new Set([
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

/** The object in the body of a request: of the right kind and for the place it was sent to. */
export function parseObject(body: unknown, target: Target): ApiObject {
  if (!isFields(body)) throw badRequest('the request has no object as its body');
  const { definition } = target;
  const isBare =
    !definition.custom && body['kind'] === undefined && body['apiVersion'] === undefined;
  const kind = isBare ? definition.kind : textOf(body['kind']);
  const apiVersion = isBare ? apiVersionOf(definition) : textOf(body['apiVersion']);
  if (kind === '') throw badRequest(`Object 'Kind' is missing in the body of the request`);
  const wanted = apiVersionOf(definition);
  if (apiVersion !== wanted) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`,
    );
  }
  if (kind !== definition.kind) {
    throw badRequest(
      `${kind} in version "${definition.version}" cannot be handled as a ${definition.kind}`,
    );
  }
  return placed({ ...body, apiVersion, kind, metadata: parseMeta(body['metadata']) }, target);
}

function placed(object: ApiObject, { definition, namespace }: Target): ApiObject {
  const { namespace: own, ...metadata } = object.metadata;
  if (!definition.namespaced) return { ...object, metadata };
  if (own !== undefined && own !== '' && own !== namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request`,
    );
  }
  return { ...object, metadata: { ...metadata, namespace } };
}

function parseMeta(value: unknown): ObjectMeta {
  const metadata = Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      ([name, field]) => META_FIELDS.has(name) && field !== null && !isEmpty(field),
    ),
  );
  for (const name of ['labels', 'annotations']) {
    if (metadata[name] !== undefined) metadata[name] = texts(metadata[name], name);
  }
  return { ...metadata, name: textOf(metadata['name']) };
}

/** Go's encoder leaves out empty maps and lists. */
function isEmpty(field: unknown): boolean {
  if (Array.isArray(field)) return field.length === 0;
  return isFields(field) ? Object.keys(field).length === 0 : field === '';
}

function texts(value: unknown, field: string): Fields {
  for (const [name, text] of Object.entries(fieldsOf(value))) {
    if (typeof text !== 'string') {
      throw badRequest(
        `json: cannot unmarshal ${typeof text} into Go struct field ObjectMeta.metadata.${field}.${name} of type string`,
      );
    }
  }
  return fieldsOf(value);
}

/**
 * `object` as it will be stored: unknown fields of custom resources dropped (an error or a warning,
 * as the actor asked), defaults filled in.
 */
export function normalized(object: ApiObject, { definition }: Target, actor: Actor): ApiObject {
  const { schema, custom } = definition;
  const meta = { ...object, metadata: parseMeta(object.metadata) };
  if (schema === undefined) return meta;
  const { value, unknown } = pruneBySchema(custom ? meta : withoutNulls(meta), schema);
  report(unknown, definition, actor);
  if (custom) return withDefaults(value, schema) as ApiObject;
  checkTypes(value, definition, schema);
  return value as ApiObject;
}

/** In built-in kinds, null is the same as nothing. */
function withoutNulls(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept.map(([name, value]) => [name, deepWithoutNulls(value)]));
}

function deepWithoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepWithoutNulls);
  return isFields(value) ? withoutNulls(value) : value;
}

/** A built-in object whose fields have other types than Go's structs cannot even be read. */
function checkTypes(value: Fields, { kind, version }: ResourceDefinition, schema: Fields): void {
  const [cause] = validateBySchema({ ...value, metadata: {} }, schema);
  if (cause === undefined) return;
  throw badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: json: ${cause.field}: ${cause.message}`,
  );
}

function report(unknown: readonly string[], definition: ResourceDefinition, actor: Actor): void {
  if (unknown.length === 0 || actor.fieldValidation === 'Ignore') return;
  const problems = unknown.map((path) => `unknown field "${path}"`);
  if (actor.fieldValidation === 'Warn') {
    for (const problem of problems) actor.warn(problem);
    return;
  }
  const { kind, version } = definition;
  throw badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${problems.join(', ')}`,
  );
}

/** Throws 422 when `object` may not be stored. */
export function validateObject(
  object: ApiObject,
  previous: ApiObject | undefined,
  definition: ResourceDefinition,
): void {
  const { schema, custom, rules } = definition;
  const causes = [
    ...metaCauses(object.metadata, previous, definition),
    ...(custom && schema !== undefined ? validateBySchema(object, schema) : []),
    ...(rules.validate?.(object, previous) ?? []),
  ];
  if (causes.length === 0) return;
  throw invalid(
    { group: definition.group, kind: definition.kind, name: object.metadata.name },
    causes,
  );
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PATH_SEGMENT = /^(?!\.{1,2}$)[^/%]+$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const MAX_NAME = 253;
const MAX_LABEL = 63;

function metaCauses(
  meta: ObjectMeta,
  previous: ApiObject | undefined,
  definition: ResourceDefinition,
): FieldCause[] {
  return [
    ...(previous === undefined ? nameCauses(meta.name, definition) : []),
    ...Object.entries(meta.labels ?? {}).flatMap(([name, value]) => labelCauses(name, value)),
    ...Object.keys(meta.annotations ?? {})
      .filter((name) => !QUALIFIED_NAME.test(name.toLowerCase()))
      .map((name) => wrong('metadata.annotations', name, 'name part must be a qualified name')),
    ...finalizerCauses(meta, previous),
  ];
}

/** Names of RBAC objects may hold anything that fits into a path. */
function nameCauses(name: string, { group }: ResourceDefinition): FieldCause[] {
  if (name === '') {
    const message = 'Required value: name or generateName is required';
    return [{ reason: 'FieldValueRequired', field: 'metadata.name', message }];
  }
  const pattern = group === 'rbac.authorization.k8s.io' ? PATH_SEGMENT : NAME;
  if (name.length <= MAX_NAME && pattern.test(name)) return [];
  return [wrong('metadata.name', name, 'a lowercase RFC 1123 subdomain is required')];
}

function labelCauses(name: string, value: string): FieldCause[] {
  if (!QUALIFIED_NAME.test(name)) {
    return [wrong('metadata.labels', name, 'name part must be a qualified name')];
  }
  if (value.length > MAX_LABEL) {
    return [wrong('metadata.labels', value, `must be no more than ${MAX_LABEL} bytes`)];
  }
  if (LABEL_VALUE.test(value)) return [];
  return [
    wrong(
      'metadata.labels',
      value,
      'a valid label must be an empty string or consist of alphanumeric characters',
    ),
  ];
}

function finalizerCauses(meta: ObjectMeta, previous: ApiObject | undefined): FieldCause[] {
  const before = previous?.metadata;
  if (before?.deletionTimestamp === undefined) return [];
  const added = (meta.finalizers ?? []).filter((one) => !before.finalizers?.includes(one));
  if (added.length === 0) return [];
  const found = added.map((one) => `"${one}"`).join(', ');
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`,
    },
  ];
}

function wrong(field: string, value: string, why: string): FieldCause {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  };
}
