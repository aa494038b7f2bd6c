import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { GITOPS_CRDS } from '../../src/cluster/gitops-crds.ts';
import { KUDO_CRDS } from '../../src/cluster/kudo-crds.ts';
import { PlanRunSpec } from '../../src/model/plan-run.ts';
import { PlanScheduleSpec } from '../../src/model/plan-schedule.ts';
import { SyncSpec } from '../../src/model/sync.ts';
import { schemaOfInterface } from './interface-schema.ts';
import { without, type LooseSchema } from './loose-schema.ts';

const NOTE =
  '# Printed from src/cluster/gitops-crds.ts by test/repository/crds.test.ts (vitest -u).\n';

function schemaOf(kind: string, part: 'spec' | 'status'): LooseSchema {
  const crd = [...GITOPS_CRDS, ...KUDO_CRDS].find(({ spec }) => spec.names['kind'] === kind);
  return crd?.spec.versions[0].schema.openAPIV3Schema.properties?.[part] as unknown as LooseSchema;
}

test.each(GITOPS_CRDS.map((crd) => [crd.metadata.name, crd] as const))(
  'deploy/crds has %s as the code knows it',
  async (name, crd) => {
    const [plural, ...group] = name.split('.');
    const file = `../../deploy/crds/${group.join('.')}_${plural}.yaml`;
    await expect(NOTE + dump(crd, { noRefs: true, lineWidth: 100 })).toMatchFileSnapshot(file);
  },
);

test('every field of our own objects is explained', () => {
  const unexplained: string[] = [];
  const visit = (schema: LooseSchema, at: string): void => {
    for (const [name, field] of Object.entries((schema['properties'] ?? {}) as LooseSchema)) {
      const child = field as LooseSchema;
      if (child['description'] === undefined) unexplained.push(`${at}.${name}`);
      visit(child, `${at}.${name}`);
    }
    for (const inner of [schema['items'], schema['additionalProperties']]) {
      if (inner) visit(inner as LooseSchema, `${at}[]`);
    }
  };
  for (const kind of ['Sync', 'Rollout', 'RolloutPart', 'PlanRun', 'PlanSchedule']) {
    for (const part of ['spec', 'status'] as const) visit(schemaOf(kind, part), `${kind}.${part}`);
  }
  expect(unexplained).toEqual([]);
});

test.each([
  { kind: 'Sync', schema: SyncSpec },
  { kind: 'PlanRun', schema: PlanRunSpec },
  { kind: 'PlanSchedule', schema: PlanScheduleSpec },
])('the CRD of $kind and the zod schema that reads it say the same', ({ kind, schema }) => {
  const fromZod = z.toJSONSchema(schema, { io: 'input' });
  expect(without(['description', 'format'], schemaOf(kind, 'spec'))).toEqual(
    without(['$schema', 'additionalProperties', 'format'], JSON.parse(JSON.stringify(fromZod))),
  );
});

test.each([
  { kind: 'Sync', part: 'status', file: 'sync', name: 'SyncStatus' },
  { kind: 'Rollout', part: 'spec', file: 'rollout', name: 'RolloutSpec' },
  { kind: 'Rollout', part: 'status', file: 'rollout', name: 'RolloutStatus' },
  { kind: 'PlanRun', part: 'status', file: 'plan-run', name: 'PlanRunStatus' },
  { kind: 'PlanSchedule', part: 'status', file: 'plan-schedule', name: 'PlanScheduleStatus' },
] as const)('the CRD of $kind has the fields of the type $name', ({ kind, part, file, name }) => {
  const fromType = schemaOfInterface(`src/model/${file}.ts`, name);
  const limits = ['description', 'format', 'minimum', 'maxLength'];
  expect(without(limits, schemaOf(kind, part))).toEqual(without([], fromType));
});

test('a RolloutPart holds changes as a Rollout does', () => {
  const changesOf = (kind: string): unknown =>
    without(['description'], (schemaOf(kind, 'status')['properties'] as LooseSchema)['changes']);
  expect(changesOf('RolloutPart')).toEqual(changesOf('Rollout'));
});
