import type { FieldCause } from './api-error.ts';
import { fieldsOf, isFields, isSame, listOf, type Fields } from './api-object.ts';

const MAX_CAUSES = 50;

/**
 * What is wrong with `value` by its OpenAPI schema, in the words of the real server. Types, required,
 * enum, pattern, lengths, bounds, counts, uniqueness, maps, lists and allOf/anyOf/oneOf/not are
 * checked; rules in CEL (`x-kubernetes-validations`) and `format` are not.
 */
export function validateBySchema(value: unknown, schema: Fields, path = ''): FieldCause[] {
  return causesOf(value, schema, path).slice(0, MAX_CAUSES);
}

function causesOf(value: unknown, schema: Fields, path: string): FieldCause[] {
  if (value === null && schema['nullable'] === true) return [];
  const wrongType = typeCause(value, schema, path);
  if (wrongType !== undefined) return [wrongType];
  return [
    ...enumCauses(value, schema, path),
    ...(typeof value === 'string' ? textCauses(value, schema, path) : []),
    ...(typeof value === 'number' ? numberCauses(value, schema, path) : []),
    ...(Array.isArray(value) ? listCauses(value, schema, path) : []),
    ...(isFields(value) ? fieldCauses(value, schema, path) : []),
    ...compositionCauses(value, schema, path),
  ];
}

function typeCause(value: unknown, schema: Fields, path: string): FieldCause | undefined {
  const wanted = schema['type'];
  const found = typeOf(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    return found === 'integer' || found === 'string'
      ? undefined
      : typeMismatch(path, found, 'integer,string');
  }
  if (typeof wanted !== 'string' || wanted === found) return undefined;
  if (wanted === 'number' && found === 'integer') return undefined;
  return typeMismatch(path, found, wanted);
}

function typeMismatch(path: string, found: string, wanted: string): FieldCause {
  return {
    reason: 'FieldValueTypeInvalid',
    field: path === '' ? '<nil>' : path,
    message: `Invalid value: "${found}": ${path} in body must be of type ${wanted}: "${found}"`,
  };
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function enumCauses(value: unknown, schema: Fields, path: string): FieldCause[] {
  const allowed = schema['enum'];
  if (!Array.isArray(allowed) || allowed.some((one) => isSame(one, value))) return [];
  const names = allowed.map((one: unknown) => JSON.stringify(one)).join(', ');
  return [
    {
      reason: 'FieldValueNotSupported',
      field: path,
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${names}`,
    },
  ];
}

function textCauses(value: string, schema: Fields, path: string): FieldCause[] {
  const { pattern, minLength, maxLength } = schema;
  const causes: FieldCause[] = [];
  const length = Array.from(value).length;
  if (typeof pattern === 'string' && !patternOf(pattern).test(value)) {
    causes.push(bad(path, value, `should match '${pattern}'`));
  }
  if (typeof minLength === 'number' && length < minLength) {
    causes.push(bad(path, value, `should be at least ${minLength} chars long`));
  }
  if (typeof maxLength === 'number' && length > maxLength) {
    const message = `Too long: may not be more than ${maxLength} bytes`;
    causes.push({ reason: 'FieldValueTooLong', field: path, message });
  }
  return causes;
}

const patterns = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const compiled = new RegExp(pattern, 'u');
  patterns.set(pattern, compiled);
  return compiled;
}

function numberCauses(value: number, schema: Fields, path: string): FieldCause[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const causes: FieldCause[] = [];
  if (typeof minimum === 'number' && isBelow(value, minimum, exclusiveMinimum)) {
    const words = exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
    causes.push(bad(path, value, `should be ${words} ${minimum}`));
  }
  if (typeof maximum === 'number' && isBelow(maximum, value, exclusiveMaximum)) {
    const words = exclusiveMaximum === true ? 'less than' : 'less than or equal to';
    causes.push(bad(path, value, `should be ${words} ${maximum}`));
  }
  if (typeof multipleOf === 'number' && value % multipleOf !== 0) {
    causes.push(bad(path, value, `should be a multiple of ${multipleOf}`));
  }
  return causes;
}

function isBelow(left: number, right: number, exclusive: unknown): boolean {
  return left < right || (exclusive === true && left === right);
}

function listCauses(value: readonly unknown[], schema: Fields, path: string): FieldCause[] {
  const { minItems, maxItems, items } = schema;
  const causes: FieldCause[] = [];
  if (typeof minItems === 'number' && value.length < minItems) {
    causes.push(bad(path, value.length, `should have at least ${minItems} items`));
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    const message = `Too many: ${value.length}: must have at most ${maxItems} items`;
    causes.push({ reason: 'FieldValueTooMany', field: path, message });
  }
  causes.push(...duplicateCauses(value, schema, path));
  if (!isFields(items)) return causes;
  return [...causes, ...value.flatMap((item, at) => causesOf(item, items, `${path}[${at}]`))];
}

function duplicateCauses(value: readonly unknown[], schema: Fields, path: string): FieldCause[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const keys = listOf(schema['x-kubernetes-list-map-keys']).map(String);
  const seen = new Set<string>();
  return value.flatMap((item, at) => {
    const identity = type === 'set' ? item : keys.map((key) => fieldsOf(item)[key]);
    const text = JSON.stringify(identity);
    const isNew = !seen.has(text);
    seen.add(text);
    const field = `${path}[${at}]`;
    return isNew
      ? []
      : [{ reason: 'FieldValueDuplicate' as const, field, message: `Duplicate value: ${text}` }];
  });
}

function fieldCauses(value: Fields, schema: Fields, path: string): FieldCause[] {
  const properties = fieldsOf(schema['properties']);
  const { additionalProperties: rest, maxProperties } = schema;
  const causes: FieldCause[] = listOf(schema['required'])
    .map(String)
    .filter((name) => value[name] === undefined)
    .map((name) => ({
      reason: 'FieldValueRequired',
      field: under(path, name),
      message: 'Required value',
    }));
  const count = Object.keys(value).length;
  if (typeof maxProperties === 'number' && count > maxProperties) {
    causes.push({
      reason: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${count}: must have at most ${maxProperties} items`,
    });
  }
  for (const [name, field] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : rest;
    if (isFields(known)) causes.push(...causesOf(field, known, under(path, name)));
  }
  return causes;
}

function compositionCauses(value: unknown, schema: Fields, path: string): FieldCause[] {
  const { allOf, anyOf, oneOf, not } = schema;
  const passes = (one: unknown): boolean => causesOf(value, fieldsOf(one), path).length === 0;
  const causes = listOf(allOf).flatMap((one) => causesOf(value, fieldsOf(one), path));
  if (Array.isArray(anyOf) && !anyOf.some(passes)) {
    causes.push(bad(path, value, 'must validate at least one schema (anyOf)'));
  }
  if (Array.isArray(oneOf) && oneOf.filter(passes).length !== 1) {
    causes.push(bad(path, value, 'must validate one and only one schema (oneOf)'));
  }
  if (isFields(not) && passes(not)) {
    causes.push(bad(path, value, 'must not validate the schema (not)'));
  }
  return causes;
}

function bad(path: string, value: unknown, why: string): FieldCause {
  const shown = isFields(value) ? '"object"' : JSON.stringify(value);
  return {
    reason: 'FieldValueInvalid',
    field: path,
    message: `Invalid value: ${shown}: ${path} in body ${why}`,
  };
}

function under(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
