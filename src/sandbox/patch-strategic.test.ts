import { expect, test } from 'vitest';
import { strategicPatch } from './patch-strategic.ts';

const given = {
  containers: [
    { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }], ports: [{ containerPort: 80 }] },
    { name: 'b', image: 'b:1' },
  ],
  finalizers: ['one'],
  args: ['x', 'y'],
};

test.each([
  {
    why: 'containers are found by their names',
    patch: { containers: [{ name: 'b', image: 'b:2' }] },
    expected: { ...given, containers: [given.containers[0], { name: 'b', image: 'b:2' }] },
  },
  {
    why: 'lists inside of them are merged as well',
    patch: { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
    expected: {
      ...given,
      containers: [
        {
          ...given.containers[0],
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
        given.containers[1],
      ],
    },
  },
  {
    why: 'an item is deleted by directive',
    patch: { containers: [{ $patch: 'delete', name: 'a' }] },
    expected: { ...given, containers: [given.containers[1]] },
  },
  {
    why: 'a list is replaced by directive',
    patch: { containers: [{ $patch: 'replace' }, { name: 'c', image: 'c:1' }] },
    expected: { ...given, containers: [{ name: 'c', image: 'c:1' }] },
  },
  {
    why: 'the order of a list is set by directive',
    patch: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    expected: { ...given, containers: given.containers.toReversed() },
  },
  {
    why: 'finalizers are a set',
    patch: { finalizers: ['two', 'one'] },
    expected: { ...given, finalizers: ['one', 'two'] },
  },
  {
    why: 'plain values are taken out of a list by directive',
    patch: { '$deleteFromPrimitiveList/finalizers': ['one'] },
    expected: { ...given, finalizers: [] },
  },
  {
    why: 'lists without keys are replaced',
    patch: { args: ['z'] },
    expected: { ...given, args: ['z'] },
  },
  {
    why: 'only the retained keys stay',
    patch: { $retainKeys: ['args'], args: ['z'] },
    expected: { args: ['z'] },
  },
  {
    why: 'null removes',
    patch: { args: null, finalizers: null },
    expected: { containers: given.containers },
  },
])('strategic merge patch: $why', ({ patch, expected }) => {
  expect(strategicPatch(given, patch)).toEqual(expected);
});
