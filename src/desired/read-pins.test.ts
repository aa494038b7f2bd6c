import { describe, expect, test } from 'vitest';
import { findPackagePins } from './find-package-pins.ts';
import { sourceId, type PackageLoad } from './package-pin.ts';
import { readDesired } from './read-desired.ts';

const SHA = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

const options = {
  paths: ['.'],
  targetNamespace: 'shop',
  hash: (text: string) => `<${text.length}>`,
};

interface Parts {
  readonly operator?: string;
  readonly version?: string;
  readonly task?: string;
}

/** Files of a package whose only task may depend on another one. */
function packageFiles({ operator = 'queue', version = '1.0.0', task }: Parts = {}) {
  const tasks = task ?? '{name: main, kind: Dummy, spec: {done: true}}';
  return new Map([
    [
      'operator.yaml',
      `name: ${operator}\noperatorVersion: ${version}\ntasks: [${tasks}]\nplans: {deploy: {phases: []}}\n`,
    ],
    ['params.yaml', 'parameters: []\n'],
  ]);
}

function pin(spec: string, name = 'queue'): string {
  return `apiVersion: gitops.kudo.dev/v1alpha1\nkind: Package\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

const FROM_REPOSITORY = pin(`  repository:
    url: https://operators.example
    operator: queue
    operatorVersion: 1.0.0
    sha256: ${SHA}
`);

function loaded(
  files: ReadonlyMap<string, string>,
  advice?: ReadonlyMap<string, string>,
): PackageLoad {
  return { kind: 'loaded', files, root: '', origin: 'sha256:test', advice };
}

function read(text: string, ...loads: readonly PackageLoad[]) {
  const files = [{ path: 'queue.yaml', text }];
  const pins = findPackagePins(files, options);
  const byId = new Map(
    loads.flatMap((load, index) => {
      const source = pins[index]?.source;
      return source ? [[sourceId(source), load] as const] : [];
    }),
  );
  return readDesired(files, { ...options, loads: byId });
}

describe('a Package that is loaded', () => {
  test('becomes Operator and OperatorVersion in its namespace', () => {
    const { operators, operatorVersions, problems, incomplete } = read(
      FROM_REPOSITORY,
      loaded(packageFiles()),
    );
    expect([...operators.keys(), ...operatorVersions.keys()]).toEqual([
      'shop/queue',
      'shop/queue-1.0.0',
    ]);
    expect({ problems, incomplete }).toEqual({ problems: [], incomplete: false });
    expect(operatorVersions.get('shop/queue-1.0.0')?.madeFrom).toMatchObject({
      source: 'sha256:test',
    });
  });

  test('must be the package that it says', () => {
    const { problems, operatorVersions } = read(
      FROM_REPOSITORY,
      loaded(packageFiles({ version: '1.0.1' })),
    );
    expect(operatorVersions.size).toBe(0);
    expect(problems).toMatchObject([
      { id: 'package-not-loaded', file: 'queue.yaml', line: 5, column: 3 },
    ]);
    expect(problems[0]?.message).toContain('is queue 1.0.1, not what the Package says');
  });

  test('has its own mistakes reported where Git names it', () => {
    const files = new Map(packageFiles()).set('operator.yaml', 'name: queue\ntasks: 3\n');
    const { problems } = read(FROM_REPOSITORY, loaded(files));
    expect(problems).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        file: 'queue.yaml',
        line: 5,
        message: expect.stringMatching(
          /of https:\/\/operators\.example: operator\.yaml:2:\d+: /,
        ) as string,
      }),
    );
  });
});

describe('what a package from a repository depends on', () => {
  const DEPENDS = '{name: main, kind: KudoOperator, spec: {package: cache}}';
  const dependent = loaded(packageFiles({ task: DEPENDS }));

  test('is pinned beside it, and named in its tasks', () => {
    const text = `${FROM_REPOSITORY}    dependencies: [{operator: cache, operatorVersion: 0.3.0, sha256: ${OTHER}}]\n`;
    const cache = loaded(packageFiles({ operator: 'cache', version: '0.3.0' }));
    const { operatorVersions, problems } = read(text, dependent, cache);
    expect(problems).toEqual([]);
    expect([...operatorVersions.keys()]).toEqual(['shop/cache-0.3.0', 'shop/queue-1.0.0']);
    expect(operatorVersions.get('shop/queue-1.0.0')?.object.spec?.tasks?.[0]?.spec).toMatchObject({
      package: 'cache',
      operatorVersion: '0.3.0',
    });
  });

  test('is an error with the lines to add when it is not pinned', () => {
    const advice = new Map([['cache', 'add {operator: cache}']]);
    const load = { ...dependent, advice } as PackageLoad;
    const { problems, operatorVersions } = read(FROM_REPOSITORY, load);
    expect(operatorVersions.size).toBe(0);
    expect(problems).toMatchObject([
      {
        id: 'package-dependency',
        file: 'queue.yaml',
        line: 5,
        message:
          'queue depends on a package: no package in Git is named cache, and the task pins no operatorVersion',
        hint: 'add {operator: cache}',
      },
    ]);
  });

  test('may be pinned by two Packages at once', () => {
    const dependency = `    dependencies: [{operator: cache, operatorVersion: 0.3.0, sha256: ${OTHER}}]\n`;
    const second = FROM_REPOSITORY.replace('{name: queue}', '{name: topic}').replace(
      'operator: queue',
      'operator: topic',
    );
    const text = `${FROM_REPOSITORY}${dependency}---\n${second}${dependency}`;
    const cache = loaded(packageFiles({ operator: 'cache', version: '0.3.0' }));
    const topic = loaded(packageFiles({ operator: 'topic', task: DEPENDS }));
    const { operatorVersions, problems } = read(text, dependent, cache, topic);
    expect(problems).toEqual([]);
    expect(operatorVersions.size).toBe(3);
  });
});

describe('a Package that is not loaded', () => {
  test('is an error with its place, and keeps everything from being pruned', () => {
    const failed: PackageLoad = {
      kind: 'failed',
      message: 'no answer',
      hint: 'wait',
      mayPass: true,
    };
    const { problems, incomplete } = read(FROM_REPOSITORY, failed);
    expect(incomplete).toBe(true);
    expect(problems).toEqual([
      {
        id: 'package-not-loaded',
        severity: 'error',
        file: 'queue.yaml',
        line: 5,
        column: 3,
        message: 'Package shop/queue, queue 1.0.0 of https://operators.example: no answer',
        hint: 'wait',
      },
    ]);
  });

  test('is a warning when nobody tried, and keeps everything from being pruned too', () => {
    const { problems, incomplete } = read(FROM_REPOSITORY);
    expect(problems).toMatchObject([{ id: 'package-not-checked', severity: 'warning' }]);
    expect(incomplete).toBe(true);
  });
});

describe('a Package', () => {
  test('of a later path takes the place of the one before', () => {
    const files = [
      { path: 'base/queue.yaml', text: FROM_REPOSITORY },
      { path: 'prod/queue.yaml', text: FROM_REPOSITORY.replace('1.0.0', '2.0.0') },
    ];
    const pins = findPackagePins(files, { ...options, paths: ['base', 'prod'] });
    expect(pins.map(({ source }) => source)).toMatchObject([{ operatorVersion: '2.0.0' }]);
  });

  test.each([
    ['a digest that is none', 'sha256: abc', /write the SHA-256/],
    [
      'a misspelt field',
      `sha256: ${SHA}\n    operatorVersoin: 1.0.0`,
      /unknown field spec\.repository\.operatorVersoin/,
    ],
    ['no digest', '', /spec\.repository\.sha256 is missing/],
  ])('is refused with %s', (_, line, message) => {
    const { problems } = read(FROM_REPOSITORY.replace(/sha256: a+/, line));
    expect(problems[0]?.message).toMatch(message);
  });

  test('says one thing', () => {
    const both = `${FROM_REPOSITORY}  tarball: {url: "https://x.example/q.tgz", sha256: ${SHA}}\n`;
    expect(read(both).problems).toMatchObject([{ id: 'package-source', line: 4 }]);
    expect(read(pin('  {}\n')).problems).toMatchObject([{ id: 'package-source' }]);
  });

  test.each([
    'file:///etc/passwd',
    'https://ann:secret@operators.example',
    'ftp://operators.example',
  ])('takes no such address: %s', (url) => {
    const { problems } = read(FROM_REPOSITORY.replace('https://operators.example', url));
    expect(problems[0]?.message).toContain('write an http or https URL without credentials');
    expect(JSON.stringify(problems)).not.toContain('secret');
  });
});
