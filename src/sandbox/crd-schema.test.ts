import { describe, expect, test } from 'vitest';
import { pruneBySchema, withDefaults } from './crd-schema.ts';
import { validateBySchema } from './crd-validation.ts';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 5 },
        name: { type: 'string', pattern: '^[a-z]+$', maxLength: 4 },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        parameters: { type: 'object', additionalProperties: { type: 'string' } },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        port: { 'x-kubernetes-int-or-string': true },
        maybe: { type: 'string', nullable: true },
        items: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', properties: { id: { type: 'string' } } },
        },
      },
    },
  },
};

test('unknown fields are pruned and named, open parts are kept', () => {
  const given = {
    kind: 'X',
    metadata: { name: 'x' },
    spec: {
      size: 1,
      sise: 2,
      open: { any: 1 },
      parameters: { A: '1' },
      items: [{ id: '1', di: '2' }],
    },
    extra: true,
  };
  expect(pruneBySchema(given, schema)).toEqual({
    value: {
      kind: 'X',
      metadata: { name: 'x' },
      spec: { size: 1, open: { any: 1 }, parameters: { A: '1' }, items: [{ id: '1' }] },
    },
    unknown: ['spec.sise', 'spec.items[0].di', 'extra'],
  });
});

test('defaults are filled in where their parent is there', () => {
  expect(withDefaults({ spec: { size: 1 } }, schema)).toEqual({ spec: { size: 1, mode: 'a' } });
  expect(withDefaults({}, schema)).toEqual({});
});

describe('validation', () => {
  test('a good object has no problem', () => {
    const spec = { size: 3, name: 'abc', port: 'http', maybe: null, items: [{ id: 'x' }] };
    expect(validateBySchema({ spec }, schema)).toEqual([]);
  });

  test.each([
    { spec: {}, field: 'spec.size', message: 'Required value' },
    {
      spec: { size: 'x' },
      field: 'spec.size',
      message: 'Invalid value: "string": spec.size in body must be of type integer: "string"',
    },
    {
      spec: { size: 9 },
      field: 'spec.size',
      message: 'Invalid value: 9: spec.size in body should be less than or equal to 5',
    },
    {
      spec: { size: 1, name: 'A' },
      field: 'spec.name',
      message: `Invalid value: "A": spec.name in body should match '^[a-z]+$'`,
    },
    {
      spec: { size: 1, name: 'abcde' },
      field: 'spec.name',
      message: 'Too long: may not be more than 4 bytes',
    },
    {
      spec: { size: 1, mode: 'c' },
      field: 'spec.mode',
      message: 'Unsupported value: "c": supported values: "a", "b"',
    },
    {
      spec: { size: 1, parameters: { A: 1 } },
      field: 'spec.parameters.A',
      message:
        'Invalid value: "integer": spec.parameters.A in body must be of type string: "integer"',
    },
    {
      spec: { size: 1, items: [] },
      field: 'spec.items',
      message: 'Invalid value: 0: spec.items in body should have at least 1 items',
    },
  ])('$field: $message', ({ spec, field, message }) => {
    expect(validateBySchema({ spec }, schema).map((cause) => [cause.field, cause.message])).toEqual(
      [[field, message]],
    );
  });
});
