import { expect, test } from 'vitest';
import { anInstance, anOperatorVersion } from '../../test/fakes/kudo-objects.ts';
import { admitCreate } from './admit-create.ts';
import type { OperatorVersion } from './objects.ts';

function admit(version: OperatorVersion, parameters: Record<string, string> = {}) {
  return admitCreate(anInstance({ parameters }), {
    findOperatorVersion: (namespace, name) =>
      namespace === 'shop' && name === 'kafka-1' ? version : undefined,
    newUid: () => 'fresh',
  });
}

test('a new Instance gets the plan deploy, whatever it asked for', () => {
  const answer = admit(anOperatorVersion('kafka-1', ['deploy']));
  expect(answer).toMatchObject({
    allowed: true,
    scheduled: 'deploy',
    instance: { spec: { planExecution: { planName: 'deploy', uid: 'fresh' } } },
  });
});

test('defaults of immutable parameters are stored, values that are given stay', () => {
  const version = anOperatorVersion(
    'kafka-1',
    ['deploy'],
    [
      { name: 'DISK', default: '10Gi', immutable: true },
      { name: 'CLASS', default: 'fast', immutable: true },
      { name: 'NODES', default: '3' },
    ],
  );
  expect(admit(version, { CLASS: 'slow' })).toMatchObject({
    instance: { spec: { parameters: { DISK: '10Gi', CLASS: 'slow' } } },
  });
});

test('an operator with a cleanup plan adds its finalizer', () => {
  expect(admit(anOperatorVersion('kafka-1', ['deploy', 'cleanup']))).toMatchObject({
    instance: { metadata: { finalizers: ['kudo.dev.instance.cleanup'] } },
  });
});

test('an unknown parameter is accepted, as KUDO does', () => {
  expect(admit(anOperatorVersion('kafka-1', ['deploy']), { TYPO: '1' })).toMatchObject({
    allowed: true,
  });
});

test.each([
  {
    why: 'without a plan deploy',
    version: anOperatorVersion('kafka-1', ['update']),
    message:
      "failed to create an Instance shop/kafka: couldn't find 'deploy' plan in the operatorVersion",
  },
  {
    why: 'without a required value',
    version: anOperatorVersion('kafka-1', ['deploy'], [{ name: 'NODES', required: true }]),
    message:
      'failed to create an Instance shop/kafka: parameters are not valid: parameter "NODES" is required but has no value set',
  },
])('$why it is refused with 403', ({ version, message }) => {
  expect(admit(version)).toEqual({ allowed: false, code: 403, message });
});

test('a missing OperatorVersion is a server error', () => {
  const context = { findOperatorVersion: () => undefined, newUid: () => '' };
  expect(admitCreate(anInstance(), context)).toEqual({
    allowed: false,
    code: 500,
    message: 'operatorversions.kudo.dev "kafka-1" not found',
  });
});
