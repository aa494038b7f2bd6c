import { expect, test } from 'vitest';
import { jsonPath } from './json-path.ts';

const object = {
  metadata: { labels: { 'app.io/name': 'x' } },
  spec: { list: [{ n: 1 }, { n: 2 }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Stalled', status: 'False' },
    ],
  },
};

test.each([
  { path: '.spec.list[1].n', expected: [2] },
  { path: '.spec.list[*].n', expected: [1, 2] },
  { path: '.status.conditions[?(@.type=="Ready")].status', expected: ['True'] },
  { path: "{.status.conditions[?(@.type=='Stalled')].status}", expected: ['False'] },
  { path: '.metadata.labels.app\\.io/name', expected: ['x'] },
  { path: ".metadata.labels['app.io/name']", expected: ['x'] },
  { path: '.nothing.here', expected: [] },
  { path: '.spec.list[?(@.n > 1)]', expected: [] },
])('$path', ({ path, expected }) => {
  expect(jsonPath(path)(object)).toEqual(expected);
});
