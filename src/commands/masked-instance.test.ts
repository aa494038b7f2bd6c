import { expect, test } from 'vitest';
import { type Instance, KUDO_API_VERSION, type OperatorVersion } from '../kudo/objects.ts';
import { ANNOTATION } from '../model/names.ts';
import { maskInstance, secretsOf } from './masked-instance.ts';

const instance: Instance = {
  apiVersion: KUDO_API_VERSION,
  kind: 'Instance',
  metadata: {
    name: 'db',
    namespace: 'shop',
    managedFields: [{ manager: 'kubectl' }],
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': '{"PASSWORD":"hunter2"}',
      [ANNOTATION.keys]: 'NODES=00000000,PASSWORD=f52fbd32',
    },
  },
  spec: { operatorVersion: { name: 'db-1' }, parameters: { NODES: '3', PASSWORD: 'hunter2' } },
  status: { planStatus: { deploy: { name: 'deploy', status: 'ERROR', message: 'not hunter2' } } },
};

const version: OperatorVersion = {
  apiVersion: KUDO_API_VERSION,
  kind: 'OperatorVersion',
  metadata: { name: 'db-1', annotations: { [ANNOTATION.secretParameters]: 'PASSWORD' } },
};

test('secret values, their copies and their hashes are masked, the rest stays', () => {
  const masked = maskInstance(
    instance,
    secretsOf(instance, () => version),
  );
  expect(masked.spec?.parameters).toEqual({ NODES: '3', PASSWORD: '***' });
  expect(masked.metadata.annotations?.[ANNOTATION.keys]).toBe('NODES=00000000,PASSWORD=***');
  expect(JSON.stringify(masked)).not.toMatch(/hunter2|f52fbd32|managedFields/);
});

test('every value is masked while the OperatorVersion, which names the secrets, is not known', () => {
  expect([...secretsOf(instance, () => undefined)]).toEqual(['NODES', 'PASSWORD']);
});
