import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { desiredInstance, liveInstance, operatorVersion } from '../../test/builders.ts';
import { maskSecrets, secretValues } from './mask-secrets.ts';

test.each([
  ['a word', 'login as hunter22 failed', ['hunter22'], 'login as *** failed'],
  ['the longer of two first', 'hunter22-old', ['hunter22', 'hunter22-old'], '***'],
  ['a short one only as a word', 'a1 is "1" of 21', ['1'], 'a1 is "***" of 21'],
  ['one that is quoted with escapes', String.raw`got "a\nbcd"`, ['a\nbcd'], 'got "***"'],
  ['one that was cut', `got ${'x'.repeat(60)}…`, ['x'.repeat(90)], 'got ***…'],
])('%s is masked', (_why, text, values, expected) => {
  expect(maskSecrets(text, values)).toBe(expected);
});

test('whatever the value, the text does not hold it afterwards', () => {
  const secret = fc
    .string({ minLength: 4, maxLength: 100 })
    .filter((text) => !'***'.includes(text));
  fc.assert(
    fc.property(fc.string(), secret, fc.string(), (before, value, after) => {
      fc.pre(!value.includes('*'));
      expect(maskSecrets(before + value + after, [value])).not.toContain(value);
    }),
  );
});

test('values are those of Git and of the cluster, named on either side or on the OperatorVersion', () => {
  const annotation = 'gitops.kudo.dev/secret-parameters';
  const desired = desiredInstance(
    { A: 'git-a', B: 'git-b', C: 'open' },
    { annotations: { [annotation]: 'A' } },
  );
  const observed = liveInstance(
    { A: 'live-a', B: '', D: 'live-d' },
    { annotations: { [annotation]: 'D' } },
  );
  const version = operatorVersion([], { annotations: { [annotation]: 'B' } });
  expect([...secretValues(desired, observed, version)].toSorted()).toEqual([
    'git-a',
    'git-b',
    'live-a',
    'live-d',
  ]);
});
