import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  problemLines as lines,
  QUEUE,
  READ_ALL as options,
  readFiles as read,
} from '../../test/fakes/read-files.ts';
import { DesiredCache } from './desired-cache.ts';
import { readDesired } from './read-desired.ts';

describe('files', () => {
  test('of others, hidden ones and those that are not YAML are left alone', () => {
    const state = read({
      'orders.yml': QUEUE,
      'README.md': '# kind: Instance',
      '.github/workflows/ci.yaml': 'kind: Instnace',
      'deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\n',
      'crossplane.yaml': 'apiVersion: database.example.org/v1\nkind: Instance\n',
    });
    expect(lines(state)).toEqual([]);
    expect([...state.instances.keys()]).toEqual(['shop/orders']);
  });

  test('without apiVersion and kind are named, but break nothing', () => {
    const state = read({ 'orders.yaml': QUEUE, 'values.yaml': 'replicas: 3\n' });
    expect(lines(state)).toEqual([
      'warning values.yaml:1:1 not a Kubernetes object: it has no apiVersion and kind (it is ignored; move it out of the paths of the Sync to silence this)',
    ]);
    expect(state.incomplete).toBe(false);
  });

  test('that are broken do not stop the others', () => {
    const state = read({ 'a.yaml': 'kind: [', 'orders.yaml': QUEUE });
    expect(state.problems.map(({ id, file }) => [id, file])).toEqual([['invalid-yaml', 'a.yaml']]);
    expect([...state.instances.keys()]).toEqual(['shop/orders']);
    expect(state.incomplete).toBe(true);
  });

  test('may hold several documents, and a broken one does not hide the others', () => {
    const text = `${QUEUE}---\nkind: {\n---\n${QUEUE.replace('orders', 'mail')}`;
    expect([...read({ 'all.yaml': text }).instances.keys()]).toEqual(['shop/mail', 'shop/orders']);
  });

  test('that Git could not give make the state incomplete', () => {
    const skipped = [{ path: 'prod/kafka.yaml', reason: 'a symbolic link' }];
    const state = read({ 'orders.yaml': QUEUE }, { skipped });
    expect(lines(state)).toEqual(['error prod/kafka.yaml:1:1 not read: a symbolic link']);
    expect(state.incomplete).toBe(true);
  });

  test('that may hide a folder make the state incomplete, but break nothing', () => {
    const state = read(
      { 'orders.yaml': QUEUE },
      {
        skipped: [
          { path: 'prod', reason: 'it is a submodule' },
          { path: 'logo.png', reason: 'it is too large' },
        ],
      },
    );
    expect(lines(state)).toEqual(['warning prod:1:1 not read: it is a submodule']);
    expect(state.incomplete).toBe(true);
    expect(state.instances.size).toBe(1);
  });

  test('in a submodule are an error where Git names it, which stops no Instance of the same layer', () => {
    const place = { file: '.gitmodules', line: 2 };
    const skipped = [{ path: 'shop/kafka', reason: 'a submodule', place, isFolder: true }];
    const state = read({ 'shop/orders.yaml': QUEUE }, { paths: ['shop'], skipped });
    expect(lines(state)).toEqual(['error .gitmodules:2:1 not read: a submodule']);
    expect(state.incomplete).toBe(true);
    expect(state.instances.size).toBe(1);
  });

  test('in a submodule of a later layer hold what that layer may change', () => {
    const skipped = [{ path: 'prod/kafka', reason: 'a submodule', isFolder: true }];
    const files = { 'base/orders.yaml': QUEUE, 'prod/mail.yaml': QUEUE.replace('orders', 'mail') };
    const state = read(files, { paths: ['base', 'prod'], skipped });
    expect([...state.instances.keys()]).toEqual(['shop/mail']);
    expect(lines(state)[0]).toContain('shop/orders is left as it is: prod/kafka may change it');
  });

  test('that are missing altogether are an error, not an empty fleet', () => {
    const state = read({}, { paths: ['clusters/prod'], missingPaths: ['clusters/prod'] });
    expect(lines(state)).toEqual([
      'error clusters/prod:1:1 there is no such path (spec.paths[0] of the Sync names it)',
    ]);
    expect(state.incomplete).toBe(true);
  });

  test('with one Instance twice are an error that names both places', () => {
    const state = read({
      'a.yaml': QUEUE,
      'b.yaml': QUEUE,
      'c.yaml': QUEUE.replace('orders', 'mail'),
    });
    expect(lines(state)).toEqual([
      'error b.yaml:4:3 Instance shop/orders is already defined at a.yaml:4:3 (take one of them out, or put one into a later path of the Sync to override the other)',
    ]);
    expect([...state.instances.keys()]).toEqual(['shop/mail']);
  });

  test('beyond the limits are named, not read', () => {
    const limits = { maxDocuments: 1 };
    const state = read({ 'a.yaml': QUEUE, 'b.yaml': QUEUE.replace('orders', 'mail') }, { limits });
    expect(lines(state)).toEqual([
      'error b.yaml:1:1 left out: the revision has more than 1 documents',
    ]);
  });
});

describe('whether Git may name an Instance that is not known', () => {
  const mail = QUEUE.replace('orders', 'mail');
  test.each([
    { why: 'not while all is read', files: { 'a.yaml': mail }, expected: false },
    { why: 'when it is there twice', files: { 'a.yaml': QUEUE, 'b.yaml': QUEUE }, expected: true },
    {
      why: 'when something of it is misspelt',
      files: { 'a.yaml': QUEUE.replace('spec:', 'sepc:') },
      expected: true,
    },
    {
      why: 'when its file has lost its first lines',
      files: { 'a.yaml': QUEUE.slice(QUEUE.indexOf('metadata:')) },
      expected: true,
    },
    {
      why: 'when a file that is not YAML mentions it',
      files: { 'a.yaml': mail, 'b.yaml': 'name: [orders' },
      expected: true,
    },
    {
      why: 'not when something is wrong elsewhere',
      files: { 'a.yaml': mail.replace('spec:', 'sepc:'), 'b.yaml': 'name: [stock' },
      expected: false,
    },
  ])('$why', ({ files, expected }) => {
    const state = read(files);
    expect(state.mayHave('shop/orders')).toBe(expected);
    expect(state.incomplete || !expected).toBe(true);
  });

  test('when a file of its cannot be read as text', () => {
    const skipped = [{ path: 'b.yaml', reason: 'it is a symbolic link' }];
    expect(read({ 'a.yaml': mail }, { skipped }).mayHave('shop/orders')).toBe(true);
  });
});

test('a cache changes nothing, whatever changed between two revisions', () => {
  const file = fc.record({
    path: fc.constantFrom('a.yaml', 'b.yaml', 'p/operator.yaml', 'p/params.yaml'),
    text: fc.constantFrom(
      QUEUE,
      QUEUE.replace('3', '5'),
      QUEUE.replace('spec', 'sepc'),
      'kind: [',
      'name: queue\noperatorVersion: 1.0.0\ntasks: []\n',
      'parameters: [{ name: BROKERS }]',
      'parameters: [{ name: OTHER }]',
    ),
  });
  const revision = fc.uniqueArray(file, { selector: ({ path }) => path });
  fc.assert(
    fc.property(fc.array(revision, { maxLength: 4 }), (revisions) => {
      const cache = new DesiredCache();
      for (const files of revisions) {
        const fresh = readDesired(files, options);
        const mayHave = expect.any(Function) as typeof fresh.mayHave;
        expect(readDesired(files, { ...options, cache })).toEqual({ ...fresh, mayHave });
      }
    }),
  );
});

test('no text whatever makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const state = read({ 'a.yaml': text, 'p/operator.yaml': text });
      expect(state.instances.size).toBe(0);
    }),
  );
});
