import { fieldsOf, isFields, type Fields } from './api-object.ts';

const ROOT_FIELDS = ['apiVersion', 'kind', 'metadata'];

/**
 * `value` without the fields that its structural schema does not know, and the paths of those
 * (`x-kubernetes-preserve-unknown-fields` and embedded resources are respected).
 */
export function pruneBySchema(
  value: Fields,
  schema: Fields,
): { readonly value: Fields; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  return { value: fieldsOf(prune(value, root, { path: '', unknown })), unknown };
}

interface Walk {
  readonly path: string;
  readonly unknown: string[];
}

function prune(value: unknown, schema: Fields, walk: Walk): unknown {
  if (Array.isArray(value)) {
    const items = schema['items'];
    if (!isFields(items)) return value;
    return value.map((item: unknown, index) =>
      prune(item, items, { ...walk, path: `${walk.path}[${index}]` }),
    );
  }
  return isFields(value) ? pruneFields(value, schema, walk) : value;
}

function pruneFields(value: Fields, schema: Fields, walk: Walk): Fields {
  const properties = fieldsOf(schema['properties']);
  const rest = schema['additionalProperties'];
  const isRoot = schema['x-kubernetes-embedded-resource'] === true;
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true || rest === true;
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const path = walk.path === '' ? name : `${walk.path}.${name}`;
    const known = ownSchema(properties, name) ?? (isFields(rest) ? rest : undefined);
    if (isRoot && ROOT_FIELDS.includes(name)) result[name] = field;
    else if (known !== undefined) result[name] = prune(field, known, { ...walk, path });
    else if (keeps) result[name] = field;
    else walk.unknown.push(path);
  }
  return result;
}

/** `value` with the defaults of its schema filled in where a field is missing. */
export function withDefaults(value: unknown, schema: Fields): unknown {
  if (Array.isArray(value)) {
    const items = schema['items'];
    return isFields(items) ? value.map((item: unknown) => withDefaults(item, items)) : value;
  }
  return isFields(value) ? fieldsWithDefaults(value, schema) : value;
}

function fieldsWithDefaults(value: Fields, schema: Fields): Fields {
  const result: Record<string, unknown> = { ...value };
  const named = fieldsOf(schema['properties']);
  for (const [name, property] of Object.entries(named)) {
    const known = fieldsOf(property);
    const given = result[name];
    const isAbsent = given === undefined || (given === null && known['nullable'] !== true);
    const start =
      isAbsent && known['default'] !== undefined ? structuredClone(known['default']) : given;
    if (start !== undefined) result[name] = withDefaults(start, known);
  }
  const rest = schema['additionalProperties'];
  if (!isFields(rest)) return result;
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(named, name)) result[name] = withDefaults(field, rest);
  }
  return result;
}

function ownSchema(properties: Fields, name: string): Fields | undefined {
  const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isFields(schema) ? schema : undefined;
}
