import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { ROOT, readText } from './documents.ts';
import { jsonSchemas, type JsonSchema } from './json-schemas.ts';

const FOLDER = 'deploy/schemas';
const schemas = jsonSchemas();

test.each([...schemas])('deploy/schemas/%s says what is read', async (name, schema) => {
  const text = await format(JSON.stringify(schema), { parser: 'json', printWidth: 100 });
  await expect(text).toMatchFileSnapshot(`../../${FOLDER}/${name}`);
});

test('there is no schema of anything else', () => {
  const files = readdirSync(join(ROOT, FOLDER)).toSorted();
  expect(files).toEqual([...schemas.keys()].toSorted());
});

function fieldAt(schema: JsonSchema | undefined, ...path: readonly string[]): unknown {
  let at: unknown = schema;
  for (const part of path) at = (at as Record<string, unknown> | undefined)?.[part];
  return at;
}

test('an editor completes what people write and marks what is misspelt', () => {
  const instance = schemas.get('instance.schema.json');
  expect(fieldAt(instance, 'properties', 'spec', 'anyOf', '0', 'additionalProperties')).toBe(false);
  expect(fieldAt(instance, 'properties', 'kind')).toEqual({ const: 'Instance' });
  expect(fieldAt(instance, 'properties', 'metadata', 'required')).toEqual(['name']);
  expect(
    fieldAt(instance, 'properties', 'metadata', 'properties', 'managedFields'),
  ).toBeUndefined();
});

test('a URL that has credentials in it is marked in a Package', () => {
  const repository = ['properties', 'spec', 'properties', 'repository', 'properties'];
  const pattern = fieldAt(schemas.get('package.schema.json'), ...repository, 'url', 'pattern');
  expect(String(pattern)).toContain('[^\\s@]');
  const sha256 = fieldAt(schemas.get('package.schema.json'), ...repository, 'sha256', 'pattern');
  expect(String(sha256)).toBe('^[0-9a-f]{64}$');
});

test('operator.yaml has plans, phases, steps and tasks, as KUDO reads them', () => {
  const schema = schemas.get('operator-yaml.schema.json');
  const plan = ['properties', 'plans', 'additionalProperties', 'properties', 'phases', 'items'];
  const step = [...plan, 'properties', 'steps', 'items', 'properties', 'tasks'];
  expect(fieldAt(schema, ...step, 'type')).toEqual(['array', 'null']);
  expect(schema?.['required']).toEqual(['name', 'operatorVersion']);
});

test('the examples name schemas that are there', () => {
  const named = [...readText('examples/package-queue.yaml').matchAll(/\$schema=\.\.\/(\S+)/g)];
  expect(named.map(([, path]) => path)).toEqual(['deploy/schemas/package.schema.json']);
});
