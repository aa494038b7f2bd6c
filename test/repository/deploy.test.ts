import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { KUDO_IMAGE, kudoObjects } from '../../src/cluster/kudo-install.ts';
import { LEASE_RULES, REQUIRED_RULES } from '../../src/cluster/required-rules.ts';
import { printed } from '../../src/commands/engine.ts';
import { refusedBy } from '../fakes/refused-by.ts';

const NOTE = `# Printed by: kudo-gitops engine install --dry-run -o yaml
# /root/manager, the command of the manager, is a path inside KUDO's own image.
`;

test('deploy/kudo/kudo.yaml is what "engine install --dry-run -o yaml" prints', async () => {
  await expect(NOTE + printed({ image: KUDO_IMAGE, output: 'yaml' })).toMatchFileSnapshot(
    '../../deploy/kudo/kudo.yaml',
  );
});

test('what is printed for Git holds no key and no certificate', () => {
  const secret = kudoObjects().find(({ object }) => object.kind === 'Secret')?.object;
  expect(secret).not.toHaveProperty('data');
  expect(JSON.stringify(kudoObjects())).not.toMatch(/caBundle|BEGIN |tls\.key/);
});

test.each([
  { kind: 'ClusterRole', name: 'cluster-role', rules: REQUIRED_RULES },
  { kind: 'Role', name: 'role', rules: LEASE_RULES },
])('the $kind allows what the code needs and nothing else', ({ kind, name, rules }) => {
  const file = new URL(`../../deploy/kustomize/${name}.yaml`, import.meta.url);
  const role = load(readFileSync(file, 'utf8'));
  expect(role).toMatchObject({ kind, metadata: { name: 'kudo-gitops' }, rules });
  expect((role as { rules: unknown }).rules).toEqual(rules);
});

test('the role lets the service do its work, and nothing to objects of others', () => {
  const api = '/apis/gitops.kudo.dev/v1alpha1';
  const requests = [
    ['GET', '/version'],
    ['GET', `${api}/syncs?watch=true`],
    ['PATCH', `${api}/namespaces/a/syncs/fleet/status`],
    ['PATCH', `${api}/namespaces/a/syncs/fleet`],
    ['POST', '/apis/kudo.dev/v1beta1/namespaces/a/instances?fieldManager=kudo-gitops'],
    ['GET', '/api/v1/namespaces/a/secrets/token'],
    ['GET', '/api/v1/secrets'],
    ['PATCH', '/api/v1/namespaces/kudo-system/secrets/kudo-webhook-server-secret'],
    ['PATCH', '/api/v1/namespaces/kudo-system/secrets/other'],
    ['DELETE', '/api/v1/namespaces/a'],
  ].map(([method = '', path = '']) => ({ method, path }));
  expect(refusedBy(REQUIRED_RULES, requests)).toEqual([
    'patch gitops.kudo.dev/syncs/fleet',
    'list /secrets/',
    'patch /secrets/other',
    'delete /namespaces/a',
  ]);
});
