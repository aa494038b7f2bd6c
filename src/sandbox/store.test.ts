import { expect, test } from 'vitest';
import type { ApiObject } from './api-object.ts';
import { ObjectStore } from './store.ts';

function object(name: string, value = 0): ApiObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { name, namespace: 'n' }, value };
}

const namesAndValues = (objects: readonly ApiObject[]): unknown =>
  objects.map(({ metadata, value }) => [metadata.name, value]);

test('every write gets the next revision, and the object carries it', () => {
  const store = new ObjectStore(10);
  expect(store.put('xs', object('a')).metadata.resourceVersion).toBe('2');
  expect(store.put('ys', object('a')).metadata.resourceVersion).toBe('3');
  expect(store.revision).toBe(3);
});

test('a list can be had as it was at an earlier revision', () => {
  const store = new ObjectStore(10);
  store.put('xs', object('b', 1));
  const { revision } = store;
  const a = store.put('xs', object('a', 1));
  store.put('xs', object('b', 2));
  store.remove('xs', a);
  expect(namesAndValues(store.list('xs'))).toEqual([['b', 2]]);
  expect(namesAndValues(store.listAt('xs', revision))).toEqual([['b', 1]]);
  expect(namesAndValues(store.listAt('xs', revision + 1))).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

test('the history is bounded, and what is forgotten is said to be', () => {
  const store = new ObjectStore(4);
  for (let value = 0; value < 20; value++) store.put('xs', object('a', value));
  expect(store.eventsSince(store.revision - 4).map(({ revision }) => revision)).toEqual([
    18, 19, 20, 21,
  ]);
  expect(() => store.eventsSince(2)).toThrow('too old resource version: 2');
});
