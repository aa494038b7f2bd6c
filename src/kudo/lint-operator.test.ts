import { expect, test } from 'vitest';
import { OPERATOR_RULES } from './lint-operator-rules.ts';
import {
  lint,
  packageWith,
  plan,
  task,
  used,
  type LintCase,
} from '../../test/fakes/linted-package.ts';

const CASES: readonly LintCase[] = [
  { id: 'package-yaml', at: 'params.yaml:3:9', edits: [['params', '  - name', '  - {name']] },
  {
    id: 'package-type',
    at: 'operator.yaml:5:8',
    edits: [['operator', 'tasks:\n', 'tasks: 1\nx:\n']],
  },
  {
    id: 'package-unknown-field',
    at: 'operator.yaml:1:1',
    edits: [['operator', 'name:', 'nam: x\nname:']],
  },
  {
    id: 'package-repeated-key',
    at: 'operator.yaml:2:1',
    edits: [['operator', 'name:', 'name: x\nname:']],
  },
  {
    id: 'package-api-version',
    at: 'params.yaml:1:13',
    edits: [['params', 'param', 'apiVersion: v1\nparam']],
  },
  { id: 'package-name', at: 'operator.yaml:1:7', edits: [['operator', 'name: queue', 'name: ""']] },
  {
    id: 'operator-name',
    at: 'operator.yaml:1:7',
    edits: [['operator', 'name: queue', 'name: Queue']],
  },
  {
    id: 'version-missing',
    at: 'operator.yaml:1:1',
    edits: [['operator', 'kubernetesVersion: 1.22.0\n', '']],
  },
  { id: 'version-not-semver', at: 'operator.yaml:3:13', edits: [['operator', '3.9.0', '3.9.0.1']] },
  {
    id: 'plan-deploy-missing',
    at: 'operator.yaml:11:3',
    edits: [['operator', 'deploy:', 'install:']],
  },
  { id: 'plan-empty', at: 'operator.yaml:11:3', edits: [plan('backup: { phases: [] }')] },
  {
    id: 'plan-does-nothing',
    at: 'operator.yaml:12:3',
    edits: [
      task('{ name: no, kind: Dummy, spec: { done: true } }'),
      plan('not-allowed:\n    phases: [{ name: a, steps: [{ name: a, tasks: ["no"] }] }]'),
      ['operator', 'name: no,', 'name: "no",'],
    ],
  },
  {
    id: 'plan-never-ends',
    at: 'operator.yaml:17:30',
    edits: [task('{ name: wait, kind: Dummy, spec: {} }'), used('wait')],
  },
  {
    id: 'plan-repeated-name',
    at: 'operator.yaml:17:19',
    edits: [
      [
        'operator',
        'tasks: [brokers]\n',
        'tasks: [brokers]\n          - name: brokers\n            tasks: [brokers]\n',
      ],
    ],
  },
  { id: 'task-kind', at: 'operator.yaml:7:11', edits: [['operator', 'kind: Apply', 'kind: Aply']] },
  {
    id: 'task-template',
    at: 'operator.yaml:9:7',
    edits: [['operator', '[brokers.yaml]', '[brokers.yaml, x.yaml]']],
  },
  {
    id: 'task-incomplete',
    at: 'operator.yaml:10:36',
    edits: [task('{ name: t, kind: Toggle, spec: { resources: [brokers.yaml] } }'), used('t')],
  },
  {
    id: 'task-no-resources',
    at: 'operator.yaml:10:36',
    edits: [task('{ name: t, kind: Delete, spec: { resources: [] } }'), used('t')],
  },
  {
    id: 'task-no-package',
    at: 'operator.yaml:10:42',
    edits: [task('{ name: t, kind: KudoOperator, spec: { instanceName: x } }'), used('t')],
  },
  {
    id: 'task-pipe-file',
    at: 'operator.yaml:10:62',
    edits: [
      task(
        '{ name: t, kind: Pipe, spec: { pod: brokers.yaml, pipe: [{ file: a, kind: Pod, key: k }] } }',
      ),
      used('t'),
    ],
  },
  {
    id: 'task-pipe-key',
    at: 'operator.yaml:17:33',
    edits: [
      task(
        '{ name: t, kind: Pipe, spec: { pod: brokers.yaml, pipe: [{ file: a, kind: Secret, key: k }] } }',
      ),
      used('t, t'),
    ],
  },
  { id: 'task-undefined', at: 'operator.yaml:16:30', edits: [used('x')] },
  {
    id: 'task-unused',
    at: 'operator.yaml:10:13',
    edits: [task('{ name: t, kind: Apply, spec: { resources: [brokers.yaml] } }')],
  },
  {
    id: 'task-repeated-name',
    at: 'operator.yaml:10:13',
    edits: [task('{ name: brokers, kind: Apply, spec: { resources: [brokers.yaml] } }')],
  },
  {
    id: 'task-field-ignored',
    at: 'operator.yaml:9:12',
    edits: [['operator', 'resources:', 'pod: x.yaml\n      resources:']],
  },
  {
    id: 'toggle-not-boolean',
    at: 'operator.yaml:10:49',
    edits: [
      task('{ name: t, kind: Toggle, spec: { parameter: BROKERS, resources: [brokers.yaml] } }'),
      used('t'),
    ],
  },
];

/** Found in package-lint.test.ts and, for dependencies, where packages are resolved. */
const ELSEWHERE = ['package-missing-file', 'package-empty-file', 'package-dependency'];

test.each(CASES)('an operator.yaml is told of $id with its place', ({ id, at, ...files }) => {
  expect(lint(packageWith(files))).toContain(`${id} ${at}`);
});

test('every finding about it is found in one of these tests', () => {
  const reached = new Set([...CASES.map(({ id }) => id), ...ELSEWHERE]);
  expect(Object.keys(OPERATOR_RULES).filter((id) => !reached.has(id))).toEqual([]);
});
