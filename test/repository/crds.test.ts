import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dump, load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { GITOPS_CRDS } from '../../src/cluster/gitops-crds.ts';
import { KUDO_CRDS } from '../../src/cluster/kudo-crds.ts';
import { PlanRunSpec } from '../../src/model/plan-run.ts';
import { PlanScheduleSpec } from '../../src/model/plan-schedule.ts';
import { SyncSpec } from '../../src/model/sync.ts';
import { schemaOfInterface } from './interface-schema.ts';

const NOTE =
  '# Printed from src/cluster/gitops-crds.ts by test/repository/crds.test.ts (vitest -u).\n';

interface LooseSchema {
  readonly [key: string]: unknown;
}

function schemaOf(kind: string, part: 'spec' | 'status'): LooseSchema {
  const crd = [...GITOPS_CRDS, ...KUDO_CRDS].find(({ spec }) => spec.names['kind'] === kind);
  return crd?.spec.versions[0].schema.openAPIV3Schema.properties?.[part] as unknown as LooseSchema;
}

/** A copy without the keys named, at any depth but not among the names of properties. */
function without(keys: readonly string[], schema: unknown, isNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => without(keys, item));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => isNames || !keys.includes(key))
      .map(([key, value]) => [
        key,
        normal(key, without(keys, value, key === 'properties' && !isNames)),
      ]),
  );
}

/** Slashes need no escape outside JavaScript, and the order of an enum means nothing. */
function normal(key: string, value: unknown): unknown {
  if (key === 'pattern' && typeof value === 'string') return value.replaceAll('\\/', '/');
  if (key === 'enum' && Array.isArray(value)) return value.map(String).toSorted();
  return value;
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

describe('the CRDs of KUDO', () => {
  const folder = moduleFolder();

  test.skipIf(folder === undefined).each(KUDO_CRDS.map((crd) => [crd.metadata.name, crd] as const))(
    '%s is built as in the KUDO module',
    (name, crd) => {
      const file = path.join(folder ?? '', 'config/crds', `kudo.dev_${name.split('.')[0]}.yaml`);
      const theirs = load(readFileSync(file, 'utf8')) as { spec: unknown };
      const bare = (spec: unknown): unknown => without(['description'], spec);
      expect(bare(crd.spec)).toEqual(bare(theirs.spec));
    },
  );
});

function moduleFolder(): string | undefined {
  try {
    const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8', stdio: 'pipe' });
    const folder = path.join(cache.trim(), 'github.com/kudobuilder/kudo@v0.19.0');
    return existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}
