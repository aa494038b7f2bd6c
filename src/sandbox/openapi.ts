import { fieldsOf, type Fields } from './api-object.ts';
import {
  apiVersionOf,
  type ResourceDefinition,
  type ResourceRegistry,
} from './resource-registry.ts';
import { VERSION } from './discovery.ts';

/** `/openapi/v3`: where the document of each group and version is. */
export function openApiIndex(registry: ResourceRegistry): Fields {
  const paths = groupVersions(registry).map((path) => [
    path,
    { serverRelativeURL: `/openapi/v3/${path}?hash=${registry.sequence}` },
  ]);
  return { paths: Object.fromEntries(paths) as Fields };
}

/** `/openapi/v3/<api/v1 or apis/g/v>`; undefined when nothing is served there. */
export function openApiDocument(path: string, registry: ResourceRegistry): Fields | undefined {
  const definitions = registry.all().filter((one) => documentPath(one) === path);
  if (definitions.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION['gitVersion'] },
    paths: Object.assign({}, ...definitions.map(pathsOf)) as Fields,
    components: {
      schemas: {
        ...(Object.fromEntries(
          definitions.flatMap((one) => [
            [schemaName(one), schemaOf(one)],
            [`${schemaName(one)}List`, listSchemaOf(one)],
          ]),
        ) as Fields),
        [OBJECT_META]: OBJECT_META_SCHEMA,
      },
    },
  };
}

/** `/openapi/v2` in JSON, for clients that do not ask for version 3. */
export function openApiV2(registry: ResourceRegistry): Fields {
  const definitions = registry.all();
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: VERSION['gitVersion'] },
    paths: {},
    definitions: Object.fromEntries(
      definitions.map((one) => [schemaName(one), { ...schemaOf(one), properties: undefined }]),
    ) as Fields,
  };
}

function groupVersions(registry: ResourceRegistry): string[] {
  return [...new Set(registry.all().map(documentPath))];
}

function documentPath({ group, version }: ResourceDefinition): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** Like real names, e.g. `io.k8s.api.apps.v1.Deployment` or `dev.kudo.v1beta1.Instance`. */
function schemaName({ group, version, kind, custom }: ResourceDefinition): string {
  if (custom) return [...group.split('.').toReversed(), version, kind].join('.');
  return `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}.${kind}`;
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const TEXT = { type: 'string' };
const TEXTS = { type: 'object', additionalProperties: TEXT };

const OBJECT_META_SCHEMA: Fields = {
  type: 'object',
  description: 'What every object has: its name, its labels and annotations, its history.',
  properties: {
    name: { ...TEXT, description: 'Unique among the objects of its kind in its namespace.' },
    namespace: { ...TEXT, description: 'The namespace that the object is in.' },
    labels: { ...TEXTS, description: 'Short values that selectors look at.' },
    annotations: { ...TEXTS, description: 'Values of any length that selectors do not look at.' },
    generateName: { ...TEXT, description: 'The beginning of a name that the server makes up.' },
    uid: { ...TEXT, description: 'Unique over all times.' },
    resourceVersion: { ...TEXT, description: 'Changes with each write.' },
    generation: { type: 'integer', description: 'Counts the changes of the spec.' },
    creationTimestamp: { ...TEXT, format: 'date-time', description: 'When it was created.' },
    deletionTimestamp: { ...TEXT, format: 'date-time', description: 'When it was asked to go.' },
    finalizers: { type: 'array', items: TEXT, description: 'Who must act before it is gone.' },
    ownerReferences: {
      type: 'array',
      description: 'The objects that take this one along when they go.',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
    managedFields: {
      type: 'array',
      description: 'Who set which field.',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  },
};

function schemaOf(definition: ResourceDefinition): Fields {
  const schema = definition.schema ?? {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
  };
  return {
    ...schema,
    properties: {
      apiVersion: { ...TEXT, description: 'Group and version of the API.' },
      kind: { ...TEXT, description: 'What the object is.' },
      ...fieldsOf(schema['properties']),
      metadata: {
        description: 'Name, labels, annotations and history of the object.',
        default: {},
        allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }],
      },
    },
    'x-kubernetes-group-version-kind': [kindOf(definition)],
  };
}

function listSchemaOf(definition: ResourceDefinition): Fields {
  return {
    type: 'object',
    properties: {
      apiVersion: TEXT,
      kind: TEXT,
      items: { type: 'array', items: { $ref: `#/components/schemas/${schemaName(definition)}` } },
      metadata: { type: 'object' },
    },
    'x-kubernetes-group-version-kind': [{ ...kindOf(definition), kind: definition.listKind }],
  };
}

function kindOf({ group, version, kind }: ResourceDefinition): Fields {
  return { group, version, kind };
}

const QUERY_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

/** kubectl reads here whether the server validates fields and takes dry runs. */
function pathsOf(definition: ResourceDefinition): Fields {
  const { group, version, plural, namespaced } = definition;
  const root = `${group === '' ? '/api' : `/apis/${group}`}/${version}`;
  const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  const gvk = { 'x-kubernetes-group-version-kind': kindOf(definition) };
  const operation = (action: string, verb: string): Fields => ({
    operationId: `${verb}${apiVersionOf(definition)}${definition.kind}`,
    parameters: verb === 'get' || verb === 'list' ? [] : QUERY_PARAMETERS,
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': action,
    ...gvk,
  });
  if (!definition.verbs.includes('get'))
    return { [collection]: { post: operation('post', 'create') } };
  return {
    [collection]: { get: operation('list', 'list'), post: operation('post', 'create') },
    [`${collection}/{name}`]: {
      get: operation('get', 'get'),
      put: operation('put', 'replace'),
      patch: operation('patch', 'patch'),
      delete: operation('delete', 'delete'),
    },
  };
}
