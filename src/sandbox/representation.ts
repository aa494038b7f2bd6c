import { badRequest } from './api-error.ts';
import { jsonOf, type ApiObject, type Fields } from './api-object.ts';
import type { ObjectPage } from './read-objects.ts';
import { apiVersionOf, type ResourceDefinition } from './resource-registry.ts';
import { partialMetadata, tableText, type RowObject } from './table.ts';

/** How a client wants objects: whole, as a table for people, or as metadata only. */
export interface Representation {
  readonly form: 'object' | 'table' | 'metadata';
  readonly rowObject: RowObject;
  readonly nowMs: number;
}

/** Reads the Accept header: the first form in it that is served here. */
export function parseRepresentation(
  accept: string,
  query: URLSearchParams,
  nowMs: number,
): Representation {
  return { form: formOf(accept), rowObject: rowObjectOf(query), nowMs };
}

function formOf(accept: string): Representation['form'] {
  for (const range of accept.split(',')) {
    const parts = range.split(';').map((part) => part.trim());
    if (parts[0] !== 'application/json' && parts[0] !== '*/*') continue;
    if (parts.includes('v=v1beta1')) continue;
    if (parts.includes('as=Table')) return 'table';
    if (parts.some((part) => part.startsWith('as=PartialObjectMetadata'))) return 'metadata';
    return 'object';
  }
  return 'object';
}

function rowObjectOf(query: URLSearchParams): RowObject {
  const wanted = query.get('includeObject') ?? 'Metadata';
  if (wanted === 'None' || wanted === 'Metadata' || wanted === 'Object') return wanted;
  throw badRequest(`includeObject is "None", "Metadata" or "Object", not "${wanted}"`);
}

const served = new WeakMap<ApiObject, Map<string, ApiObject>>();

/** An object in the words of the group and version that it was asked for in. */
export function toServed(object: ApiObject, definition: ResourceDefinition): ApiObject {
  const convert = definition.rules.toServed;
  const apiVersion = apiVersionOf(definition);
  if (convert === undefined || object.apiVersion === apiVersion) return object;
  const forms = served.get(object) ?? new Map<string, ApiObject>();
  served.set(object, forms);
  const known = forms.get(apiVersion) ?? convert(object);
  forms.set(apiVersion, known);
  return known;
}

/** One object as JSON text. `withColumns` matters for tables only. */
export function objectText(
  object: ApiObject,
  definition: ResourceDefinition,
  wanted: Representation,
  withColumns = true,
): string {
  const converted = toServed(object, definition);
  switch (wanted.form) {
    case 'object':
      return jsonOf(converted);
    case 'metadata':
      return JSON.stringify(partialMetadata(converted));
    case 'table': {
      const { resourceVersion } = object.metadata;
      const metadata: Fields = resourceVersion === undefined ? {} : { resourceVersion };
      return tableText([converted], definition, { ...wanted, metadata, withColumns });
    }
  }
}

/** A list as JSON text. */
export function listText(
  page: ObjectPage,
  definition: ResourceDefinition,
  wanted: Representation,
): string {
  const metadata: Fields = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  const items = page.items.map((object) => toServed(object, definition));
  if (wanted.form === 'table') {
    return tableText(items, definition, { ...wanted, metadata, withColumns: true });
  }
  const isMetadata = wanted.form === 'metadata';
  const head = isMetadata
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }
    : { kind: definition.listKind, apiVersion: apiVersionOf(definition), metadata };
  const texts = items.map((item) =>
    isMetadata ? JSON.stringify(partialMetadata(item)) : jsonOf(item),
  );
  return `${JSON.stringify(head).slice(0, -1)},"items":[${texts.join(',')}]}`;
}
