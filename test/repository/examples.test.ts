import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDesired } from '../../src/desired/read-desired.ts';
import { parseYamlDocuments } from '../../src/lib/go-yaml.ts';
import { sha256 } from '../../src/lib/sha256.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { SyncSpec } from '../../src/model/sync.ts';

const examples = join(import.meta.dirname, '../../examples');

interface ExampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
  readonly stringData?: Readonly<Record<string, string>>;
}

function objectsOf(file: string): readonly ExampleObject[] {
  const { documents, errors } = parseYamlDocuments(readFileSync(join(examples, file), 'utf8'));
  expect(errors).toEqual([]);
  return documents.map(({ value }) => value as ExampleObject);
}

describe.each(readdirSync(examples).filter((name) => name.startsWith('sync-')))('%s', (file) => {
  const objects = objectsOf(file);
  const sync = objects.find(({ kind }) => kind === 'Sync');

  test('holds a Sync that the service accepts', () => {
    expect(sync?.apiVersion).toBe(API_VERSION);
    expect(SyncSpec.safeParse(sync?.spec).error).toBeUndefined();
  });

  test('holds the Secrets that the Sync names, beside it', () => {
    const spec = SyncSpec.parse(sync?.spec);
    const named = [spec.secretRef, spec.forge?.secretRef].flatMap((ref) => ref?.name ?? []);
    const secrets = objects.filter(({ kind }) => kind === 'Secret');
    expect(secrets.map(({ metadata }) => metadata.name).toSorted()).toEqual(named.toSorted());
    expect(new Set(secrets.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set([sync?.metadata.namespace]),
    );
  });

  test('holds no secret', () => {
    const values = objects.flatMap(({ stringData = {} }) => Object.entries(stringData));
    const filledIn = values.filter(
      ([name, value]) => name !== 'username' && !value.startsWith('<'),
    );
    expect(filledIn).toEqual([]);
  });
});

describe('the fleet', () => {
  const fleet = join(examples, 'fleet');
  const files = readdirSync(fleet, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(fleet.length + 1), text: readFileSync(path, 'utf8') }));

  test.each([{ paths: ['.'] }, { paths: ['operators', 'shop'] }])(
    'is read without a problem with the paths $paths',
    ({ paths }) => {
      const state = readDesired(files, { paths, targetNamespace: 'shop', hash: sha256 });
      expect(state.problems).toEqual([]);
      expect(state.incomplete).toBe(false);
      expect([...state.instances.keys()]).toEqual(['shop/mail', 'shop/orders', 'shop/storefront']);
      expect([...state.operatorVersions.keys()]).toEqual([
        'shop/cache-8.1.0-0.4.0',
        'shop/queue-3.9.0-1.0.0',
        'shop/storefront-2.1.0',
      ]);
    },
  );

  test('has an OperatorVersion for each Instance', () => {
    const state = readDesired(files, { paths: ['.'], targetNamespace: 'shop', hash: sha256 });
    for (const { operatorVersion } of state.instances.values()) {
      expect(state.operatorVersions.has(`shop/${operatorVersion.name}`)).toBe(true);
    }
  });
});

test('the PlanRun and the PlanSchedule run plans that an Instance of the fleet has', () => {
  const files = ['fleet', 'plans'].flatMap((folder) =>
    readdirSync(join(examples, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({
        path: path.slice(examples.length + 1),
        text: readFileSync(path, 'utf8'),
      })),
  );
  const state = readDesired(files, { paths: ['.'], targetNamespace: 'shop', hash: sha256 });
  expect(state.problems).toEqual([]);
  expect([...state.planRuns.keys()]).toEqual(['shop/orders-redeploy-1']);
  expect([...state.planSchedules.keys()]).toEqual(['shop/orders-weekly']);
});
