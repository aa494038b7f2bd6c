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

const KEY = `-----BEGIN KEY-----\n${'abcdefgh'.repeat(40)}\n-----END KEY-----\n`;

test.each([
  ['as JSON within JSON', String.raw`{\"p\":\"a\\nbcd\"}`, ['a\nbcd'], String.raw`{\"p\":\"***\"}`],
  ['as Go writes JSON', String.raw`"a\u003cb\u0026c"`, ['a<b&c'], '"***"'],
  ['in single quotes of YAML', "password: 'it''s me'", ["it's me"], "password: '***'"],
  ['in a URL', 'http://db/?p=p%40ss%2Fword failed', ['p@ss/word'], 'http://db/?p=*** failed'],
  ['in a Secret', 'data: aHVudGVyMjI= is', ['hunter22'], 'data: ***I= is'],
  ['one line of several', `line 2: ${'abcdefgh'.repeat(40)}: bad`, [KEY], 'line 2: ***: bad'],
  ['cut in the middle', `got ${KEY.slice(20, 200)}, which`, [KEY], 'got ***, which'],
  ['cut at the end', 'FATAL_ERROR: got hunte…', ['hunter22'], 'FATAL_ERROR: got ***…'],
  [
    'a text in a map',
    'no such user: hunter22',
    ['users:\n- {name: a, key: hunter22}\n'],
    'no such user: ***',
  ],
])('%s it is masked too', (_why, text, values, expected) => {
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
  const version = operatorVersion([{ name: 'B', default: 'default-b' }], {
    annotations: { [annotation]: 'B' },
  });
  expect([...secretValues({ desired, observed, versions: [version] })].toSorted()).toEqual([
    'default-b',
    'git-a',
    'git-b',
    'live-a',
    'live-d',
  ]);
});
