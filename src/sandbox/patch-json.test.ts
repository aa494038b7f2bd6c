import { expect, test } from 'vitest';
import { jsonPatch, JsonPatchError } from './patch-json.ts';

const target = { spec: { size: 1, list: ['a', 'b'] }, metadata: { labels: { 'x/y': '1' } } };

test.each([
  {
    why: 'add at the end of a list',
    patch: [{ op: 'add', path: '/spec/list/-', value: 'c' }],
    expected: { ...target, spec: { size: 1, list: ['a', 'b', 'c'] } },
  },
  {
    why: 'add inside a list moves the rest on',
    patch: [{ op: 'add', path: '/spec/list/0', value: 'c' }],
    expected: { ...target, spec: { size: 1, list: ['c', 'a', 'b'] } },
  },
  {
    why: 'replace and test',
    patch: [
      { op: 'test', path: '/spec/size', value: 1 },
      { op: 'replace', path: '/spec/size', value: 2 },
    ],
    expected: { ...target, spec: { size: 2, list: ['a', 'b'] } },
  },
  {
    why: 'remove with an escaped slash',
    patch: [{ op: 'remove', path: '/metadata/labels/x~1y' }],
    expected: { ...target, metadata: { labels: {} } },
  },
  {
    why: 'move',
    patch: [{ op: 'move', from: '/spec/size', path: '/metadata/size' }],
    expected: { spec: { list: ['a', 'b'] }, metadata: { labels: { 'x/y': '1' }, size: 1 } },
  },
  {
    why: 'copy',
    patch: [{ op: 'copy', from: '/spec/size', path: '/spec/copy' }],
    expected: { ...target, spec: { size: 1, list: ['a', 'b'], copy: 1 } },
  },
])('JSON patch: $why', ({ patch, expected }) => {
  expect(jsonPatch(target, patch)).toEqual(expected);
});

test.each([
  { why: 'a test that fails', patch: [{ op: 'test', path: '/spec/size', value: 2 }] },
  { why: 'a removal of nothing', patch: [{ op: 'remove', path: '/spec/none' }] },
  { why: 'a replacement of nothing', patch: [{ op: 'replace', path: '/spec/none', value: 1 }] },
  { why: 'a parent that is not there', patch: [{ op: 'add', path: '/a/b', value: 1 }] },
  { why: 'an index beyond the list', patch: [{ op: 'add', path: '/spec/list/9', value: 1 }] },
  { why: 'an unknown operation', patch: [{ op: 'merge', path: '/spec', value: 1 }] },
  { why: 'an operation without value', patch: [{ op: 'add', path: '/spec/a' }] },
  { why: 'no list at all', patch: { op: 'add' } },
])('JSON patch refuses $why and leaves the target alone', ({ patch }) => {
  const before = structuredClone(target);
  expect(() => jsonPatch(target, patch)).toThrow(JsonPatchError);
  expect(target).toEqual(before);
});
