import type { ApiObject, Fields } from './api-object.ts';
import { jsonOf } from './api-object.ts';
import type { ResourceDefinition } from './resource-registry.ts';

/** How much of each object stands in a row (`includeObject` of the query). */
export type RowObject = 'None' | 'Metadata' | 'Object';

/** The definitions of a table's columns, as JSON. */
export function columnDefinitions(definition: ResourceDefinition): Fields[] {
  return definition.columns.map(({ name, type, format, description, priority }) => ({
    name,
    type: type === 'date' ? 'string' : type,
    format: format ?? '',
    description: description ?? '',
    priority,
  }));
}

/** `meta.k8s.io/v1 Table` of some objects, as JSON text. */
export function tableText(
  objects: readonly ApiObject[],
  definition: ResourceDefinition,
  options: {
    readonly nowMs: number;
    readonly rowObject: RowObject;
    readonly metadata: Fields;
    readonly withColumns: boolean;
  },
): string {
  const rows = objects.map((object) => rowText(object, definition, options));
  const columns = options.withColumns ? columnDefinitions(definition) : [];
  return `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(options.metadata)},"columnDefinitions":${JSON.stringify(columns)},"rows":[${rows.join(',')}]}`;
}

function rowText(
  object: ApiObject,
  definition: ResourceDefinition,
  { nowMs, rowObject }: { readonly nowMs: number; readonly rowObject: RowObject },
): string {
  const cells = JSON.stringify(definition.columns.map(({ cell }) => cell(object, nowMs) ?? null));
  return `{"cells":${cells},"object":${embedded(object, rowObject)}}`;
}

function embedded(object: ApiObject, rowObject: RowObject): string {
  if (rowObject === 'None') return 'null';
  if (rowObject === 'Object') return jsonOf(object);
  return JSON.stringify(partialMetadata(object));
}

/** An object without anything but its metadata. */
export function partialMetadata(object: ApiObject): Fields {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}
