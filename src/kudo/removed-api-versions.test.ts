import { expect, test } from 'vitest';
import { findRemovedApiVersion } from './removed-api-versions.ts';

test.each([
  { what: 'policy/v1beta1 PodDisruptionBudget', minor: 24, expected: undefined },
  { what: 'policy/v1beta1 PodDisruptionBudget', minor: 25, expected: 'policy/v1' },
  { what: 'policy/v1beta1 PodSecurityPolicy', minor: 36, expected: 'nothing' },
  { what: 'extensions/v1beta1 Deployment', minor: 16, expected: 'apps/v1' },
  { what: 'extensions/v1beta1 Ingress', minor: 21, expected: undefined },
  { what: 'extensions/v1beta1 Ingress', minor: 22, expected: 'networking.k8s.io/v1' },
  { what: 'apps/v1 Deployment', minor: 36, expected: undefined },
  { what: 'example.com/v1beta1 Ingress', minor: 36, expected: undefined },
])('on Kubernetes 1.$minor $what was replaced by $expected', ({ what, minor, expected }) => {
  const [apiVersion = '', kind = ''] = what.split(' ');
  const removed = findRemovedApiVersion(apiVersion, kind, minor);
  expect(removed && (removed.replacement ?? 'nothing')).toBe(expected);
});
