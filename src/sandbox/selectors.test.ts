import { expect, test } from 'vitest';
import { fieldMatcher, labelMatcher, labelSelectorMatches } from './selectors.ts';
import type { ApiObject } from './api-object.ts';

function pod(labels: Readonly<Record<string, string>>): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', labels },
    spec: { nodeName: 'one' },
  };
}

test.each([
  { selector: '', labels: {}, expected: true },
  { selector: 'a=1', labels: { a: '1' }, expected: true },
  { selector: 'a==1', labels: { a: '2' }, expected: false },
  { selector: 'a!=1', labels: {}, expected: true },
  { selector: 'a', labels: { a: '' }, expected: true },
  { selector: '!a', labels: { a: '' }, expected: false },
  { selector: 'a in (1, 2)', labels: { a: '2' }, expected: true },
  { selector: 'a notin (1,2)', labels: {}, expected: true },
  { selector: 'a in (1,2),b=3', labels: { a: '1', b: '4' }, expected: false },
  {
    selector: 'app.kubernetes.io/name=x',
    labels: { 'app.kubernetes.io/name': 'x' },
    expected: true,
  },
])('label selector "$selector" on $labels', ({ selector, labels, expected }) => {
  expect(labelMatcher(selector)(pod(labels))).toBe(expected);
});

test('a label selector that makes no sense is refused', () => {
  expect(() => labelMatcher('a===b')).toThrow('unable to parse requirement');
});

test('a field selector finds values at allowed paths only', () => {
  const allowed = ['metadata.name', 'spec.nodeName'];
  expect(fieldMatcher('spec.nodeName=one,metadata.name!=q', allowed)(pod({}))).toBe(true);
  expect(fieldMatcher('spec.nodeName=two', allowed)(pod({}))).toBe(false);
  expect(() => fieldMatcher('status.phase=Running', allowed)).toThrow('field label not supported');
});

test('a LabelSelector object combines labels and expressions', () => {
  const selector = {
    matchLabels: { a: '1' },
    matchExpressions: [
      { key: 'b', operator: 'In', values: ['x', 'y'] },
      { key: 'c', operator: 'DoesNotExist' },
    ],
  };
  expect(labelSelectorMatches(selector, { a: '1', b: 'y' })).toBe(true);
  expect(labelSelectorMatches(selector, { a: '1', b: 'y', c: '' })).toBe(false);
  expect(labelSelectorMatches({}, {})).toBe(true);
});
