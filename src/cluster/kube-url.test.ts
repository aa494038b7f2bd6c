import { expect, test } from 'vitest';
import { listQuery, urlPath, writeQuery } from './kube-url.ts';
import { INSTANCES, NAMESPACES, pathOf, ROLLOUTS, SECRETS } from './resources.ts';

test.each([
  { path: INSTANCES, expected: '/apis/kudo.dev/v1beta1/instances' },
  { path: { ...SECRETS, namespace: 'a' }, expected: '/api/v1/namespaces/a/secrets' },
  { path: pathOf(SECRETS, 'a/b'), expected: '/api/v1/namespaces/a/secrets/b' },
  { path: pathOf(NAMESPACES, '/a'), expected: '/api/v1/namespaces/a' },
  {
    path: { ...pathOf(ROLLOUTS, 'a/b'), subresource: 'status' },
    expected: '/apis/gitops.kudo.dev/v1alpha1/namespaces/a/rollouts/b/status',
  },
  {
    path: pathOf(SECRETS, 'a/../../b?c'),
    expected: '/api/v1/namespaces/a/secrets/..%2F..%2Fb%3Fc',
  },
])('$expected', ({ path, expected }) => {
  expect(urlPath(path)).toBe(expected);
});

test('a query holds what was asked for and nothing else', () => {
  expect(listQuery({ limit: 500, labelSelector: 'a=b' })).toEqual({
    limit: '500',
    labelSelector: 'a=b',
  });
  expect(writeQuery({ fieldManager: 'me', dryRun: true })).toEqual({
    fieldManager: 'me',
    dryRun: 'All',
  });
  expect(writeQuery({ dryRun: false })).toEqual({});
});
