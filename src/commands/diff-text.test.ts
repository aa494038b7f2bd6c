import { describe, expect, test } from 'vitest';
import type { Problem } from '../model/problem.ts';
import type { PlannedRun } from '../plan/plan-runs.ts';
import { diffReport, diffText, errorsOf, hasDifferences } from './diff-text.ts';
import type { ClusterPlan } from './plan-against-cluster.ts';
import { stylesFor } from './styles.ts';

const plain = stylesFor({ isTerminal: false, env: {} });
const nothing: ClusterPlan = {
  newVersions: [],
  replacedVersions: [],
  instances: [],
  phases: new Map(),
  removed: [],
  runs: { runs: [], schedules: [], suspended: [] },
  problems: [],
  secretsOf: () => new Set(),
};
const problem: Problem = {
  id: 'x',
  severity: 'error',
  file: 'db.yaml',
  line: 3,
  column: 5,
  message: 'no such parameter',
  hint: 'remove it',
};
const key = 'shop/db';

const changing: ClusterPlan = {
  ...nothing,
  newVersions: ['shop/db-2'],
  instances: [
    {
      key,
      changes: [
        {
          key,
          kind: 'set-parameters',
          plan: 'update',
          edits: [
            { name: 'NODES', from: '3', to: '5', secret: false },
            { name: 'PASSWORD', from: 'hunter2', to: 'hunter3', secret: true },
          ],
        },
      ],
      problems: [],
      notes: [],
    },
  ],
  removed: ['shop/old'],
};

describe('the text of a diff', () => {
  test('prints the first fifty problems and says how many more there are', () => {
    const problems = Array.from({ length: 53 }, () => problem);
    const lines = diffText({ ...nothing, problems }, '.', plain).split('\n');
    expect(lines.filter((line) => line.includes('error:'))).toHaveLength(50);
    expect(lines).toContain('… and 3 more');
    expect(lines).toContain('53 errors');
  });

  test('names changes with their plans, in order, and what is only noted', () => {
    expect(diffText(changing, '.', plain)).toBe(
      [
        '+ OperatorVersion shop/db-2',
        '~ Instance shop/db: set parameters (plan update)',
        '    - NODES: 3',
        '    + NODES: 5',
        '    ! PASSWORD (secret, not shown)',
        '· Instance shop/old: not in these files; it would not be deleted',
        '1 OperatorVersion to create, 1 change of 1 Instance',
        '',
      ].join('\n'),
    );
  });

  test('says so when there is nothing to do', () => {
    expect(diffText(nothing, '.', plain)).toBe('the cluster is as these files say\n');
    expect(hasDifferences(nothing)).toBe(false);
  });

  test('shows the problem of an Instance in place of changes that would never be made', () => {
    const instances = changing.instances.map((plan) => ({ ...plan, problems: [problem] }));
    const blocked = { ...nothing, instances };
    expect(diffText(blocked, 'fleet', plain)).toBe(
      'fleet/db.yaml:3:5: error: no such parameter\n  → remove it\n1 error\n',
    );
    expect(errorsOf(blocked)).toEqual([problem]);
  });
});

test('no secret value is in what programs get', () => {
  const report = JSON.stringify(diffReport(changing));
  expect(report).toContain('"from":"***","to":"***"');
  expect(report).not.toContain('hunter');
});

describe('PlanRuns and PlanSchedules in a diff', () => {
  const place = { file: 'run.yaml', line: 1, column: 1 };
  const run = (name: string, when: 'before' | 'after', whyNot?: string): PlannedRun => ({
    desired: {
      key: `shop/${name}`,
      namespace: 'shop',
      name,
      spec: { instance: 'db', plan: 'backup', when, onFirstSync: 'skip' },
      labels: {},
      annotations: {},
      position: place,
      instancePosition: place,
      planPosition: place,
    },
    instance: key,
    known: undefined,
    isToCome: whyNot === undefined,
    whyNot,
    problems: [],
  });

  test('are listed in the order in which they come, and make a difference', () => {
    const runs = { ...nothing.runs, runs: [run('a', 'after'), run('b', 'before')] };
    const plan = { ...nothing, runs };
    expect(diffText(plan, '.', plain)).toBe(
      '▶ plan backup of shop/db would run once, before other changes (PlanRun b)\n' +
        '▶ plan backup of shop/db would run once, after other changes (PlanRun a)\n' +
        '2 plan runs\n',
    );
    expect(hasDifferences(plan)).toBe(true);
  });

  test('that will not run are named with the reason, a few of many, and make none', () => {
    const old = Array.from({ length: 8 }, (_, n) => run(`old-${String(n)}`, 'after', 'it has run'));
    const plan = { ...nothing, runs: { ...nothing.runs, runs: old } };
    const lines = diffText(plan, '.', plain).split('\n');
    expect(lines[0]).toBe('· PlanRun shop/old-0 does not run: it has run');
    expect(lines[5]).toBe('· … and 3 more PlanRuns that would not run');
    expect(hasDifferences(plan)).toBe(false);
    expect(diffReport(plan)).toHaveProperty('planRuns.7.whyNot', 'it has run');
  });

  test('that Git no longer has are suspended, which is a difference', () => {
    const plan = { ...nothing, runs: { ...nothing.runs, suspended: ['shop/nightly'] as const } };
    expect(diffText(plan, '.', plain)).toContain(
      'shop/nightly would be removed from Git: it is suspended',
    );
    expect(hasDifferences(plan)).toBe(true);
  });
});

test('a diff says which labels it changes, in text and for programs', () => {
  const labels = { team: 'a', zone: null };
  const change = { key, kind: 'annotate', plan: '-', annotations: {}, labels } as const;
  const instances: ClusterPlan['instances'] = [{ key, changes: [change], problems: [], notes: [] }];
  const summary = 'label team: a, label zone no more';
  expect(diffText({ ...nothing, instances }, '.', plain)).toContain(`shop/db: ${summary}`);
  expect(diffReport({ ...nothing, instances })).toMatchObject({
    instances: [{ changes: [{ kind: 'annotate', summary }] }],
  });
});
