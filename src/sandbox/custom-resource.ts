import {
  fieldsOf,
  isFields,
  listOf,
  textOf,
  valueAt,
  type ApiObject,
  type Fields,
} from './api-object.ts';
import { humanAge } from './human-age.ts';
import { jsonPath } from './json-path.ts';
import {
  apiVersionOf,
  type ResourceDefinition,
  type ScalePaths,
  type TableColumn,
} from './resource-registry.ts';

export const ALL_VERBS = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
] as const;

/** What a CustomResourceDefinition declares: one resource for each version it serves. */
export function customResources(crd: ApiObject): ResourceDefinition[] {
  const spec = fieldsOf(crd['spec']);
  return listOf(spec['versions'])
    .map(fieldsOf)
    .filter((version) => version['served'] === true)
    .map((version) => customResource(spec, version));
}

/** Where the objects of a CRD are stored. */
export function customStorage(spec: Fields): string {
  return `${textOf(spec['group'])}/${textOf(valueAt(spec, 'names', 'plural'))}`;
}

function customResource(spec: Fields, version: Fields): ResourceDefinition {
  const names = fieldsOf(spec['names']);
  const kind = textOf(names['kind']);
  const subresources = fieldsOf(version['subresources']);
  const id = { group: textOf(spec['group']), version: textOf(version['name']) };
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  return {
    ...id,
    plural: textOf(names['plural']),
    singular: textOf(names['singular']) || kind.toLowerCase(),
    kind,
    listKind: textOf(names['listKind']) || `${kind}List`,
    namespaced: spec['scope'] === 'Namespaced',
    shortNames: listOf(names['shortNames']).map(String),
    categories: listOf(names['categories']).map(String),
    verbs: ALL_VERBS,
    storage: customStorage(spec),
    custom: true,
    hasStatus: isFields(subresources['status']),
    scale: scaleOf(subresources['scale']),
    hasGeneration: true,
    fieldLabels: fieldLabels(version),
    columns: columnsOf(version),
    schema: isFields(schema) ? schema : undefined,
    rules: { toServed: (object) => ({ ...object, apiVersion: apiVersionOf(id) }) },
  };
}

function fieldLabels(version: Fields): string[] {
  const declared = listOf(version['selectableFields']).map((field) =>
    textOf(fieldsOf(field)['jsonPath']).replace(/^\./, ''),
  );
  return ['metadata.name', 'metadata.namespace', ...declared];
}

function scaleOf(scale: unknown): ScalePaths | undefined {
  if (!isFields(scale)) return undefined;
  const path = (name: string): string[] =>
    textOf(scale[name])
      .split('.')
      .filter((part) => part !== '');
  const selector = path('labelSelectorPath');
  return {
    specReplicas: path('specReplicasPath'),
    statusReplicas: path('statusReplicasPath'),
    labelSelector: selector.length === 0 ? undefined : selector,
  };
}

const NAME_COLUMN: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Unique within its namespace.',
  priority: 0,
  cell: ({ metadata }) => metadata.name,
};

const AGE_COLUMN: TableColumn = {
  name: 'Age',
  type: 'date',
  description: 'How long ago the object was created.',
  priority: 0,
  cell: ({ metadata }, nowMs) => humanAge(metadata.creationTimestamp, nowMs),
};

function columnsOf(version: Fields): TableColumn[] {
  const declared = listOf(version['additionalPrinterColumns']).map(fieldsOf);
  if (declared.length === 0) return [NAME_COLUMN, AGE_COLUMN];
  return [NAME_COLUMN, ...declared.map(printerColumn)];
}

function printerColumn(column: Fields): TableColumn {
  const find = jsonPath(textOf(column['jsonPath']));
  const type = columnType(column['type']);
  return {
    name: textOf(column['name']),
    type,
    format: textOf(column['format']),
    description: textOf(column['description']),
    priority: typeof column['priority'] === 'number' ? column['priority'] : 0,
    cell: (object, nowMs) => cellOf(find(object), type, nowMs),
  };
}

function columnType(type: unknown): TableColumn['type'] {
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'date'
    ? type
    : 'string';
}

function cellOf(found: readonly unknown[], type: TableColumn['type'], nowMs: number): unknown {
  const [first] = found;
  if (first === undefined || first === null) return null;
  if (type === 'date') return humanAge(textOf(first), nowMs);
  if (type === 'string') return found.map(asText).join(',');
  return first;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
