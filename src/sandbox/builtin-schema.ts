import type { Fields } from './api-object.ts';
import { messageFields, messageOfKind, type FieldType } from './builtin-types.ts';

/** The OpenAPI schema of a built-in kind, without descriptions; undefined for CRDs and unknown kinds. */
export function builtinSchema(apiVersion: string, kind: string): Fields | undefined {
  const message = messageOfKind(apiVersion, kind);
  return message === undefined ? undefined : messageSchema(message);
}

const schemas = new Map<string, Fields>();

function messageSchema(message: string): Fields {
  const known = schemas.get(message);
  if (known !== undefined) return known;
  const schema: Fields = { type: 'object', properties: propertiesOf(message) };
  schemas.set(message, schema);
  return schema;
}

function propertiesOf(message: string): Record<string, Fields> {
  const properties: Record<string, Fields> = {};
  for (const { name, type, isInline } of messageFields(message) ?? []) {
    if (isInline) Object.assign(properties, propertiesOf(type));
    else properties[name] = typeSchema(type);
  }
  return properties;
}

const ANYTHING: Fields = { 'x-kubernetes-preserve-unknown-fields': true };

const SIMPLE: Readonly<Record<string, Fields>> = {
  s: { type: 'string' },
  b: { type: 'boolean' },
  i: { type: 'integer' },
  d: { type: 'number' },
  y: { type: 'string', format: 'byte' },
  T: { type: 'string', format: 'date-time', nullable: true },
  U: { type: 'string', format: 'date-time', nullable: true },
  I: { 'x-kubernetes-int-or-string': true },
  Q: ANYTHING,
  X: ANYTHING,
  F: ANYTHING,
};

function typeSchema(type: FieldType): Fields {
  if (type.startsWith('[]')) return { type: 'array', items: typeSchema(type.slice(2)) };
  if (type.startsWith('{}')) {
    return { type: 'object', additionalProperties: typeSchema(type.slice(2)) };
  }
  return SIMPLE[type] ?? messageSchema(type);
}
