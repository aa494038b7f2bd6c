import { expect, test } from 'vitest';
import { MemoryCluster } from '../../test/fakes/memory-cluster.ts';
import { testScope } from '../../test/fakes/scope.ts';
import { REQUIRED_RULES } from '../cluster/required-rules.ts';
import { accessCheck, leaseCheck } from './check-access.ts';
import { kubernetesCheck, skewCheck } from './check-cluster.ts';

const NOW = Date.parse('2026-01-01T00:00:10.500Z');

test.each([
  { why: 'the second of now', there: '2026-01-01T00:00:10Z', state: 'good' },
  { why: 'a few seconds', there: '2026-01-01T00:00:14Z', state: 'good' },
  { why: 'a minute behind', there: '2026-01-01T00:01:10Z', detail: /behind/, state: 'bad' },
  { why: 'a minute ahead', there: '2025-12-31T23:59:10Z', detail: /ahead of/, state: 'bad' },
  { why: 'no time', there: '', state: 'unknown' },
])('the clock: $why is $state', ({ there, state, detail = /./ }) => {
  const found = skewCheck(Date.parse(there), NOW, NOW + 100);
  expect(found).toMatchObject({ state, detail: expect.stringMatching(detail) as string });
});

test.each([
  ['v1.36.3', 'good'],
  ['v1.22.0+k3s1', 'good'],
  ['v1.21.14', 'bad'],
])('Kubernetes %s is %s', (version, state) => {
  expect(kubernetesCheck(version)).toMatchObject({ state });
});

test('names each thing that the service account may not do', async () => {
  const cluster = new MemoryCluster();
  const asked: unknown[] = [];
  cluster.create = async (_path, body) => {
    asked.push(body);
    const { spec } = body as { spec: { resourceAttributes: { verb: string; resource: string } } };
    const { verb, resource } = spec.resourceAttributes;
    const status = { allowed: !(verb === 'patch' && resource === 'instances') };
    return Promise.resolve({ metadata: { name: '' }, status } as never);
  };
  const found = await accessCheck('ops/kudo-gitops', cluster, testScope());
  expect(found).toMatchObject({
    state: 'bad',
    detail: 'service account ops/kudo-gitops may not patch instances.kudo.dev',
  });
  const verbs = REQUIRED_RULES.flatMap((rule) => rule.verbs);
  expect(asked.length).toBeGreaterThanOrEqual(verbs.length);
  expect(asked[0]).toMatchObject({ spec: { user: 'system:serviceaccount:ops:kudo-gitops' } });
});

/** Answers every access review with `isAllowed`. */
function reviewing(
  isAllowed: (attributes: Readonly<Record<string, string>>) => boolean,
): MemoryCluster {
  const cluster = new MemoryCluster();
  cluster.create = async (_path, body) => {
    const { spec } = body as { spec: { resourceAttributes: Record<string, string> } };
    const status = { allowed: isAllowed(spec.resourceAttributes) };
    return Promise.resolve({ metadata: { name: '' }, status } as never);
  };
  return cluster;
}

test.each([
  {
    why: 'good when all of it is allowed, in its namespace',
    lease: 'ops/active' as const,
    allows: ({ namespace, name, verb }: Readonly<Record<string, string>>) =>
      namespace === 'ops' && name === (verb === 'create' ? undefined : 'active'),
    expected: { state: 'good', detail: 'service account ops/runner may hold ops/active' },
  },
  {
    why: 'bad when it may not be renewed',
    lease: 'ops/active' as const,
    allows: ({ verb }: Readonly<Record<string, string>>) => verb !== 'patch',
    expected: {
      state: 'bad',
      detail:
        'service account ops/runner may not patch leases.coordination.k8s.io active in ops: with --lease ops/active it would never work',
    },
  },
  {
    why: 'a warning when it may be in no use',
    lease: undefined,
    allows: () => false,
    expected: { state: 'warning' },
  },
])('the access to the Lease is $why', async ({ lease, allows, expected }) => {
  const cluster = reviewing(allows);
  expect(await leaseCheck(lease, 'ops/runner', cluster, testScope())).toMatchObject(expected);
});
