import { expect, test } from 'vitest';
import { GITOPS_CRDS } from '../../src/cluster/gitops-crds.ts';
import type { Schema } from '../../src/cluster/crd-schema.ts';
import { readText, tableRows } from './documents.ts';

const OBJECTS = readText('docs/objects.md');

/** The table of fields that begins the section of a kind: name and default, a row for each name. */
function describedFields(kind: string): readonly (readonly [name: string, ifAbsent: string])[] {
  const [, section = ''] = OBJECTS.split(`\n## ${kind}\n`);
  const table = /\| field [\s\S]*?\n\n/.exec(section)?.[0] ?? '';
  return tableRows(table)
    .slice(1)
    .flatMap(([names = '', defaults = '']) => {
      const all = defaults.split(', ');
      return names.split(', ').map((name, index) => [name, all[index] ?? ''] as const);
    });
}

/** The schema of `spec.forge.type` and the like. */
function fieldOf(spec: Schema | undefined, name: string): Schema | undefined {
  return name.split('.').reduce((schema, part) => schema?.properties?.[part], spec);
}

test.each(['PlanRun', 'PlanSchedule', 'Sync'])(
  'docs/objects.md describes every field of %s and no other, with its default',
  (kind) => {
    const crd = GITOPS_CRDS.find(({ spec }) => spec.names['kind'] === kind);
    const spec = crd?.spec.versions[0].schema.openAPIV3Schema.properties?.['spec'];
    const described = describedFields(kind);
    const names = new Set(described.map(([name]) => name.split('.')[0] ?? ''));
    expect([...names].toSorted()).toEqual(Object.keys(spec?.properties ?? {}).toSorted());
    for (const [name, ifAbsent] of described) {
      const field = fieldOf(spec, name);
      expect(field, `${kind}.spec.${name}`).toBeDefined();
      const value = field?.default;
      if (value === undefined || typeof value === 'object') continue;
      expect([name, ifAbsent]).toEqual([
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
    }
  },
);
