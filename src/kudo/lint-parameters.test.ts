import { expect, test } from 'vitest';
import { PARAMETER_RULES } from './lint-parameter-rules.ts';
import {
  lint,
  packageWith,
  param,
  task,
  used,
  uses,
  type LintCase,
} from '../../test/fakes/linted-package.ts';

const CASES: readonly LintCase[] = [
  {
    id: 'trigger-plan-missing',
    at: 'params.yaml:3:14',
    edits: [['params', 'type:', 'trigger: scale\n    type:']],
  },
  {
    id: 'trigger-immutable',
    at: 'params.yaml:4:14',
    edits: [['params', 'type:', 'immutable: true\n    trigger: deploy\n    type:']],
  },
  {
    id: 'parameter-name',
    at: 'params.yaml:2:13',
    edits: [param('{ name: "A;B", required: false, trigger: deploy }')],
  },
  {
    id: 'parameter-name-awkward',
    at: 'params.yaml:2:13',
    edits: [param('{ name: A-B, required: false, trigger: deploy }')],
  },
  {
    id: 'parameter-duplicate',
    at: 'params.yaml:3:11',
    edits: [param('{ name: Brokers, required: false, trigger: deploy }')],
  },
  { id: 'parameter-type-unknown', at: 'params.yaml:3:11', edits: [['params', 'integer', 'int']] },
  {
    id: 'parameter-default',
    at: 'params.yaml:4:14',
    edits: [['params', 'default: 3', 'default: three']],
  },
  {
    id: 'parameter-default-text',
    at: 'params.yaml:4:14',
    edits: [['params', 'type: integer\n    default: 3', 'type: number\n    default: 1000000']],
  },
  {
    id: 'parameter-enum',
    at: 'params.yaml:4:15',
    edits: [['params', 'default', 'enum: [3, ~]\n    default']],
  },
  {
    id: 'parameter-enum-empty',
    at: 'params.yaml:4:11',
    edits: [['params', 'default: 3', 'enum: []\n    required: false']],
  },
  {
    id: 'parameter-enum-value',
    at: 'params.yaml:4:15',
    edits: [['params', 'default', 'enum: [3, x]\n    default']],
  },
  {
    id: 'parameter-immutable-open',
    at: 'params.yaml:5:16',
    edits: [['params', 'default: 3', 'required: false\n    immutable: true']],
  },
  {
    id: 'parameter-advanced-required',
    at: 'params.yaml:4:15',
    edits: [['params', 'default: 3', 'advanced: true']],
  },
  {
    id: 'parameter-undefined',
    at: 'templates/brokers.yaml:6:13',
    edits: [uses('{{ .Params.NODES }}')],
  },
  {
    id: 'parameter-unused',
    at: 'params.yaml:2:13',
    edits: [param('{ name: NODES, default: "1" }')],
  },
  {
    id: 'group-duplicate',
    at: 'params.yaml:3:13',
    edits: [
      ['params', 'param', 'groups:\n  - { name: a }\n  - { name: a }\nparam'],
      ['params', 'type:', 'group: a\n    type:'],
    ],
  },
  {
    id: 'group-name',
    at: 'params.yaml:2:13',
    edits: [
      ['params', 'param', 'groups:\n  - { name: a/b }\nparam'],
      ['params', 'type:', 'group: a/b\n    type:'],
    ],
  },
  {
    id: 'group-undefined',
    at: 'params.yaml:3:12',
    edits: [['params', 'type:', 'group: a\n    type:']],
  },
  {
    id: 'group-unused',
    at: 'params.yaml:2:13',
    edits: [['params', 'param', 'groups:\n  - { name: a }\nparam']],
  },
  {
    id: 'template-unused',
    at: 'templates/x.yaml:1:1',
    edits: [],
    more: { 'templates/x.yaml': 'apiVersion: v1\nkind: Secret\n' },
  },
  { id: 'template-syntax', at: 'templates/brokers.yaml:6:18', edits: [uses('{{ if }}')] },
  { id: 'template-variable', at: 'templates/brokers.yaml:6:13', edits: [uses('{{ .Nmae }}')] },
  { id: 'template-pipe', at: 'templates/brokers.yaml:6:13', edits: [uses('{{ .Pipes.cert }}')] },
  { id: 'template-render', at: 'templates/brokers.yaml:6:13', edits: [uses('{{ fail .Name }}')] },
  {
    id: 'template-object',
    at: 'templates/brokers.yaml:1:1',
    edits: [['template', 'kind: ConfigMap\n', '']],
  },
  {
    id: 'parameter-file',
    at: 'templates/child.yaml:1:1',
    edits: [
      task(
        '{ name: t, kind: KudoOperator, spec: { package: x, operatorVersion: 1.0.0, parameterFile: child.yaml } }',
      ),
      used('t'),
    ],
    more: { 'templates/child.yaml': '- A\n' },
  },
  {
    id: 'namespace-manifest',
    at: 'operator.yaml:1:20',
    edits: [['operator', 'name:', 'namespaceManifest: brokers.yaml\nname:']],
  },
  {
    id: 'template-namespace',
    at: 'templates/brokers.yaml:2:1',
    edits: [['template', 'ConfigMap', 'Namespace']],
  },
  {
    id: 'api-version-removed',
    at: 'templates/brokers.yaml:1:13',
    edits: [['template', 'v1\nkind: ConfigMap', 'batch/v1beta1\nkind: CronJob']],
  },
];

test.each(CASES)(
  'a params.yaml or template is told of $id with its place',
  ({ id, at, ...files }) => {
    expect(lint(packageWith(files))).toContain(`${id} ${at}`);
  },
);

test('every finding about it is found in one of these tests', () => {
  const reached = new Set(CASES.map(({ id }) => id));
  expect(Object.keys(PARAMETER_RULES).filter((id) => !reached.has(id))).toEqual([]);
});
