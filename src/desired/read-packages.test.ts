import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFiles } from '../../test/fakes/read-files.ts';
import { sha256 } from '../lib/sha256.ts';
import { readDesired } from './read-desired.ts';

const read = (files: Record<string, string>, paths: readonly string[] = ['.']) =>
  readFiles(files, { paths });

const DEPLOY = 'plans: { deploy: { phases: [] } }';

const CACHE = {
  'cache/operator.yaml': `name: cache\noperatorVersion: 0.4.0\nappVersion: 8.1.0\ntasks: []\n${DEPLOY}\n`,
  'cache/params.yaml': 'parameters: [{ name: MEMORY, type: integer, default: 1 }]\n',
};

function web(dependency: string): Record<string, string> {
  return {
    'web/operator.yaml': `name: web
operatorVersion: 2.0.0
tasks:
  - name: cache
    kind: KudoOperator
    spec: { ${dependency} }
${DEPLOY}
`,
    'web/params.yaml': 'parameters: []\n',
    'web/templates/x.yaml': 'kind: Instnace {{ not yaml }}',
  };
}

function lines(state: ReturnType<typeof read>): string[] {
  return state.problems.map(
    ({ severity, file, line, column, message }) =>
      `${severity} ${file}:${line}:${column} ${message}`,
  );
}

describe('a package', () => {
  test('becomes an Operator and an OperatorVersion of the target namespace', () => {
    const state = read(CACHE);
    expect(lines(state)).toEqual([]);
    expect([...state.operators.keys()]).toEqual(['shop/cache']);
    const version = state.operatorVersions.get('shop/cache-8.1.0-0.4.0');
    expect(version?.position).toEqual({ file: 'cache/operator.yaml', line: 1, column: 7 });
    expect(version?.object.spec?.parameters?.[0]).toMatchObject({ name: 'MEMORY', default: '1' });
  });

  test('keeps its hash through edits of comments, and changes it with its content', () => {
    const hash = (files: Record<string, string>) =>
      read(files).operatorVersions.get('shop/cache-8.1.0-0.4.0')?.contentHash;
    const params = CACHE['cache/params.yaml'];
    const same = hash({ ...CACHE, 'cache/params.yaml': `# about memory\n${params}` });
    const other = hash({ ...CACHE, 'cache/params.yaml': params.replace('1', '2') });
    expect(same).toBe(hash(CACHE));
    expect(other).not.toBe(same);
  });

  test('may lie beside another version of itself', () => {
    const next = Object.entries(CACHE).map(([path, text]) => [
      path.replace('cache/', 'cache-next/'),
      text.replace('0.4.0', '0.5.0'),
    ]);
    const state = read({ ...CACHE, ...Object.fromEntries(next) });
    expect(lines(state)).toEqual([]);
    expect([...state.operators.keys()]).toEqual(['shop/cache']);
    expect([...state.operatorVersions.keys()]).toEqual([
      'shop/cache-8.1.0-0.4.0',
      'shop/cache-8.1.0-0.5.0',
    ]);
  });

  test('with an error costs itself, not the others', () => {
    const state = read({ ...CACHE, 'broken/operator.yaml': 'name: x\ntasks: []\n' });
    expect(lines(state)).toEqual(['error broken/params.yaml:1:1 the package has no params.yaml']);
    expect(state.operatorVersions.size).toBe(1);
    expect(state.incomplete).toBe(true);
  });

  test('is not mistaken for a plain Operator in a file named operator.yaml', () => {
    const plain = 'apiVersion: kudo.dev/v1beta1\nkind: Operator\nmetadata: { name: cache }\n';
    const state = read({ 'operator.yaml': plain });
    expect(lines(state)).toEqual([]);
    expect([...state.operators.keys()]).toEqual(['shop/cache']);
  });
});

describe('a dependency', () => {
  const expected = { package: 'cache', operatorVersion: '0.4.0', appVersion: '8.1.0' };

  test.each([
    { why: 'by relative path', dependency: 'package: ../cache' },
    { why: 'by the name of a package in Git', dependency: 'package: cache' },
    { why: 'by name and version', dependency: 'package: cache, operatorVersion: 0.4.0' },
  ])('$why becomes name and versions', ({ dependency }) => {
    const state = read({ ...CACHE, ...web(dependency) });
    expect(lines(state)).toEqual([]);
    const task = state.operatorVersions.get('shop/web-2.0.0')?.object.spec?.tasks?.[0];
    expect(task?.spec).toEqual(expected);
  });

  test('that is pinned and not in Git is left to the cluster', () => {
    const state = read(web('package: zookeeper, operatorVersion: 0.3.0'));
    expect(lines(state)).toEqual([]);
  });

  test.each([
    {
      why: 'outside of the paths',
      dependency: 'package: ../cache',
      expected: 'web-2.0.0: task cache depends on package ../cache, but there is none in cache',
    },
    {
      why: 'that is only named',
      dependency: 'package: cache',
      expected: 'no package in Git is named cache, and the task pins no operatorVersion',
    },
    {
      why: 'on itself',
      dependency: 'package: ../web',
      expected: 'web-2.0.0: packages depend on each other in a circle: web → web',
    },
    {
      why: 'on an archive elsewhere',
      dependency: 'package: "https://example.org/cache.tgz", operatorVersion: 1.0.0',
      expected: 'no Package in Git pins https://example.org/cache.tgz',
    },
  ])('$why is an error with its place', ({ dependency, expected: message }) => {
    const state = read(web(dependency));
    expect(state.problems.map((problem) => problem.message)).toEqual([message]);
    expect(state.problems[0]).toMatchObject({ file: 'web/operator.yaml', severity: 'error' });
    expect(state.operatorVersions.size).toBe(0);
  });
});

const COMMUNITY = join(import.meta.dirname, '../../../shared/operators');

test.skipIf(!existsSync(COMMUNITY))(
  'every package of the community is read without an error',
  () => {
    const names = readdirSync(COMMUNITY, { recursive: true, encoding: 'utf8' });
    const files = names
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => ({ path, text: readFileSync(join(COMMUNITY, path), 'utf8') }));
    const state = readDesired(files, { paths: ['.'], targetNamespace: 'shop', hash: sha256 });
    expect(state.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(state.operatorVersions.size).toBe(13);
    expect(state.operators.size).toBe(13);
  },
);

test('a parameter without a name, which KUDO takes, does not break the Instances of its package', () => {
  const state = read({
    ...CACHE,
    'cache/params.yaml':
      'parameters: [{ default: 1 }, { name: MEMORY, type: integer, default: 1 }]\n',
    'orders.yaml': `apiVersion: kudo.dev/v1beta1
kind: Instance
metadata: { name: orders }
spec: { operatorVersion: { name: cache-8.1.0-0.4.0 }, parameters: { MEMROY: 2 } }
`,
  });
  expect(lines(state)).toContainEqual(expect.stringContaining('has no parameter MEMROY'));
});
