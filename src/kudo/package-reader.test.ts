import { expect, test } from 'vitest';
import { packageDependencies, resolvePackage } from './package-dependencies.ts';
import { readPackage } from './package-reader.ts';

const OPERATOR = `name: kafka
operatorVersion: 1.2.0
appVersion: 2.5
tasks:
  - name: broker
    kind: Apply
    spec:
      resources:
        - broker.yaml
plans:
  deploy:
    strategy: serial
    phases:
      - name: nodes
        strategy: parallel
        steps:
          - name: node
            tasks:
              - broker
`;
const PARAMS = `parameters:
  - name: NODES
    default: 3
  - name: LIMIT
    default: 1000000
    required: false
  - name: OPTIONS
    type: map
    default:
      b: 1
      a: yes
  - name: LIST
    type: array
  - name: DISK
    immutable: true
`;

function files(changes: Readonly<Record<string, string | undefined>> = {}): Map<string, string> {
  const all: Record<string, string | undefined> = {
    'operator.yaml': OPERATOR,
    'params.yaml': PARAMS,
    'templates/broker.yaml': 'kind: Pod',
    'templates/sub/x.yaml': 'kind: Service',
    'templates/notes.txt': 'no template',
    'docs/README.md': 'ignored',
    ...changes,
  };
  return new Map(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

test('a package becomes an Operator and an OperatorVersion as KUDO makes them', () => {
  const { operator, operatorVersion, problems } = readPackage(files());
  expect(problems).toEqual([]);
  expect(operator?.metadata.name).toBe('kafka');
  expect(operatorVersion?.metadata.name).toBe('kafka-2.5-1.2.0');
  expect(operatorVersion?.spec?.templates).toEqual({
    'broker.yaml': 'kind: Pod',
    'sub/x.yaml': 'kind: Service',
  });
  expect(operatorVersion?.spec?.parameters).toEqual([
    { name: 'NODES', required: true, default: '3', immutable: false },
    { name: 'LIMIT', required: false, default: '1e+06', immutable: false },
    {
      name: 'OPTIONS',
      required: true,
      default: 'a: true\nb: 1\n',
      'value-type': 'map',
      immutable: false,
    },
    { name: 'LIST', required: true, default: 'null\n', 'value-type': 'array', immutable: false },
    { name: 'DISK', required: true, immutable: true },
  ]);
});

test.each([
  {
    why: 'a missing params.yaml',
    changes: { 'params.yaml': undefined },
    place: ['package-missing-file', 'params.yaml', 1, 1],
  },
  {
    why: 'broken YAML',
    changes: { 'params.yaml': 'parameters: [' },
    place: ['package-yaml', 'params.yaml', 1, 14],
  },
  {
    why: 'an empty operator.yaml',
    changes: { 'operator.yaml': '# nothing' },
    place: ['package-empty-file', 'operator.yaml', 1, 1],
  },
  {
    why: 'a missing template',
    changes: { 'templates/broker.yaml': undefined },
    place: ['task-template', 'operator.yaml', 8, 7],
  },
  {
    why: 'an unknown kind of task',
    changes: { 'operator.yaml': OPERATOR.replace('Apply', 'Aply') },
    place: ['task-kind', 'operator.yaml', 6, 11],
  },
  {
    why: 'text where a list is wanted',
    changes: { 'operator.yaml': OPERATOR.replace(/resources:\n.*\n/, 'resources: broker.yaml\n') },
    place: ['package-type', 'operator.yaml', 8, 18],
  },
  {
    why: 'another apiVersion',
    changes: { 'params.yaml': `apiVersion: v9\n${PARAMS}` },
    place: ['package-api-version', 'params.yaml', 1, 13],
  },
  {
    why: 'a missing name',
    changes: { 'operator.yaml': OPERATOR.replace('name: kafka\n', '') },
    place: ['package-name', 'operator.yaml', 1, 1],
  },
  {
    why: 'an empty value in an enum',
    changes: { 'params.yaml': 'parameters:\n  - name: A\n    enum: [a, ~]\n' },
    place: ['parameter-enum', 'params.yaml', 3, 15],
  },
])('$why is an error with its place', ({ changes, place }) => {
  const { operatorVersion, problems } = readPackage(files(changes));
  expect(operatorVersion).toBeUndefined();
  expect(problems.map(({ id, file, line, column }) => [id, file, line, column])).toContainEqual(
    place,
  );
});

test('what KUDO overlooks is a warning', () => {
  const params = PARAMS.replace('default: 3', 'defualt: 3\n    default: 3\n    default: 4');
  const { operatorVersion, problems } = readPackage(files({ 'params.yaml': params }));
  expect(operatorVersion?.spec?.parameters?.[0]?.default).toBe('4');
  expect(problems.map(({ id, severity }) => [id, severity])).toEqual([
    ['package-unknown-field', 'warning'],
    ['package-repeated-key', 'warning'],
  ]);
});

const parent = (dependency: string) =>
  readPackage(
    files({
      'operator.yaml': `name: shop\noperatorVersion: 0.1.0\nplans: {deploy: {}}\ntasks:\n  - name: child\n    kind: KudoOperator\n    spec:\n      package: ${dependency}\n`,
    }),
  );

test('a relative dependency becomes the name and version of its operator', () => {
  const packages = new Map([
    ['operators/shop', parent('../kafka')],
    ['operators/kafka', readPackage(files())],
  ]);
  const resolved = resolvePackage('operators/shop', packages);
  expect(resolved?.problems).toEqual([]);
  expect(resolved?.dependencies).toEqual(['operators/kafka']);
  expect(resolved?.operatorVersion.spec?.tasks?.[0]?.spec).toEqual({
    package: 'kafka',
    operatorVersion: '1.2.0',
    appVersion: '2.5',
  });
});

test('a dependency that is not there, or a circle of them, is an error at the task', () => {
  const lonely = resolvePackage('a', new Map([['a', parent('../b')]]));
  expect(lonely?.problems).toMatchObject([{ id: 'package-dependency', line: 8, column: 16 }]);
  const circle = new Map([
    ['a', parent('../b')],
    ['b', parent('../a')],
  ]);
  expect(resolvePackage('a', circle)?.problems[0]?.message).toContain('a → b → a');
});

test('a dependency by name is left to be found elsewhere', () => {
  const { operatorVersion } = parent('kafka');
  expect(operatorVersion && packageDependencies(operatorVersion)).toMatchObject([
    { task: 'child', package: 'kafka', isPath: false },
  ]);
});
