import { expect, test } from 'vitest';
import type { OperatorVersion, Task } from '../kudo/objects.ts';
import { settleNamedDependencies } from './named-dependencies.ts';

function version(
  name: string,
  spec: Partial<NonNullable<OperatorVersion['spec']>>,
): OperatorVersion {
  return {
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'OperatorVersion',
    metadata: { name },
    spec: { operator: { name }, ...spec },
  };
}

/** What a task of package `web` that names another one comes to, where `cache` is there in two versions. */
function settled(task: Task['spec'], mayBeInCluster = false) {
  const web = version('web', { tasks: [{ name: 'cache', kind: 'KudoOperator', spec: task }] });
  const candidates = [
    { operatorVersion: version('cache', { version: '1.0.0', appVersion: '8.0.0' }) },
    { operatorVersion: version('cache', { version: '2.0.0' }), url: 'https://example.org/c.tgz' },
  ];
  const { operatorVersion, unsettled } = settleNamedDependencies(web, candidates, mayBeInCluster);
  return unsettled[0]?.message ?? operatorVersion.spec?.tasks?.[0]?.spec;
}

test.each([
  ['the version that it asks for', { package: 'cache', operatorVersion: '1.0.0' }, '1.0.0'],
  ['the appVersion that it asks for', { package: 'cache', appVersion: '8.0.0' }, '1.0.0'],
  ['the tarball at its address', { package: 'https://example.org/c.tgz' }, '2.0.0'],
])('a task that names a package means %s', (_why, task, operatorVersion) => {
  expect(settled(task)).toMatchObject({ package: 'cache', operatorVersion });
});

test('a version that Git lacks is said, unless the cluster may have it', () => {
  const task = { package: 'cache', operatorVersion: '3.0.0' };
  expect(settled(task)).toBe('no package in Git is cache 3.0.0');
  expect(settled(task, true)).toEqual(task);
});
