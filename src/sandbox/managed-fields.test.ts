import { expect, test } from 'vitest';
import type { ApiObject } from './api-object.ts';
import { withManagedFields, type FieldWriter } from './managed-fields.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-01T00:01:00Z';

function by(manager: string, subresource?: string): FieldWriter {
  return { manager, operation: 'Update', apiVersion: 'v1', subresource };
}

function object(spec: object, previous?: ApiObject): ApiObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', ...previous?.metadata }, spec };
}

function owners(result: ApiObject): unknown {
  return result.metadata.managedFields?.map(({ manager, time, fieldsV1 }) => [
    manager,
    time,
    fieldsV1,
  ]);
}

const created = withManagedFields(object({ a: '1', map: { b: '2' } }), undefined, by('one'), EARLY);

test('who creates an object owns what it set', () => {
  expect(owners(created)).toEqual([
    ['one', EARLY, { 'f:spec': { 'f:a': {}, 'f:map': { '.': {}, 'f:b': {} } } }],
  ]);
});

test('who changes a value takes it over, with the time of the change', () => {
  const changed = object({ a: '9', map: { b: '2' } }, created);
  expect(owners(withManagedFields(changed, created, by('two'), LATE))).toEqual([
    ['one', EARLY, { 'f:spec': { 'f:map': { '.': {}, 'f:b': {} } } }],
    ['two', LATE, { 'f:spec': { 'f:a': {} } }],
  ]);
});

test('nobody owns what is gone', () => {
  const changed = object({ map: { b: '2' } }, created);
  expect(owners(withManagedFields(changed, created, by('two'), LATE))).toEqual([
    ['one', EARLY, { 'f:spec': { 'f:map': { '.': {}, 'f:b': {} } } }],
  ]);
});

test('a manager has one entry for the object and one for its status', () => {
  const changed = { ...created, status: { phase: 'up' } };
  const result = withManagedFields(changed, created, by('one', 'status'), LATE);
  expect(result.metadata.managedFields?.map(({ subresource }) => subresource)).toEqual([
    undefined,
    'status',
  ]);
});
