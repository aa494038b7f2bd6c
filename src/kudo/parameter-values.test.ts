import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anOperatorVersion } from '../../test/fakes/kudo-objects.ts';
import type { Parameter } from './objects.ts';
import { effectiveParameters, encodeParameter, sameParameterValue } from './parameter-values.ts';
import { validateParameter } from './validate-parameter.ts';

test.each([
  { why: 'text stays', value: 'a: b', text: 'a: b' },
  { why: 'small numbers stay', value: 3, text: '3' },
  { why: 'large numbers become what Go prints', value: 1_000_000, text: '1e+06' },
  { why: 'fractions stay', value: 0.5, text: '0.5' },
  { why: 'booleans become words', value: false, text: 'false' },
  { why: 'maps become YAML with sorted keys', value: { b: 1, a: ['x'] }, text: 'a:\n- x\nb: 1\n' },
  { why: 'numbers inside of lists stay whole', value: [1_000_000], text: '- 1000000\n' },
  { why: 'null is no value', value: null, text: undefined },
])('in an Instance in Git $why', ({ value, text }) => {
  expect(encodeParameter(value)).toBe(text);
});

const parameter = (type: Parameter['value-type'], rest: Partial<Parameter> = {}): Parameter => ({
  name: 'P',
  'value-type': type,
  ...rest,
});

test.each([
  {
    why: 'an integer',
    given: parameter('integer'),
    value: '1.5',
    text: 'parameter "P" has an invalid value "1.5": type is "integer" but format of "1.5" is invalid: strconv.ParseInt: parsing "1.5": invalid syntax',
  },
  {
    why: 'an integer of 64 bits',
    given: parameter('integer'),
    value: '9223372036854775808',
    text: 'parameter "P" has an invalid value "9223372036854775808": type is "integer" but format of "9223372036854775808" is invalid: strconv.ParseInt: parsing "9223372036854775808": value out of range',
  },
  {
    why: 'a boolean',
    given: parameter('boolean'),
    value: 'yes',
    text: 'parameter "P" has an invalid value "yes": type is "boolean" but format of "yes" is invalid: strconv.ParseBool: parsing "yes": invalid syntax',
  },
  {
    why: 'a number',
    given: parameter('number'),
    value: '1e',
    text: 'parameter "P" has an invalid value "1e": type is "number" but format of "1e" is invalid: strconv.ParseFloat: parsing "1e": invalid syntax',
  },
  {
    why: 'a list',
    given: parameter('array'),
    value: 'a: b',
    text: 'parameter "P" has an invalid value "a: b": type is "array", but format of a: b is invalid',
  },
  {
    why: 'a map',
    given: parameter('map'),
    value: '[a]',
    text: 'parameter "P" has an invalid value "[a]": type is "map", but format of [a] is invalid',
  },
  {
    why: 'one of the enum',
    given: parameter('string', { enum: ['a', 'b'] }),
    value: 'c',
    text: 'parameter "P" has an invalid value "c": value is "c", but only allowed values are [a b]',
  },
  {
    why: 'there when required',
    given: parameter('', { required: true }),
    value: '',
    text: 'parameter "P" is required but has no value set',
  },
])('a value must be $why', ({ given, value, text }) => {
  expect(validateParameter(given, value)).toBe(text);
});

test.each([
  { given: parameter('integer'), value: '-7' },
  { given: parameter('number'), value: '0x1p-2' },
  { given: parameter('boolean'), value: 'T' },
  { given: parameter('array'), value: '~' },
  { given: parameter('map'), value: '{a: 1}' },
  { given: parameter('integer', { enum: ['1'] }), value: '' },
  { given: parameter('', { required: true, default: '' }), value: '' },
  { given: { name: 'P', 'value-type': 'unheard of' } as unknown as Parameter, value: 'x' },
])('$given.value-type takes $value', ({ given, value }) => {
  expect(validateParameter(given, value)).toBeUndefined();
});

test('maps and lists are the same when they say the same, all else byte for byte', () => {
  expect(sameParameterValue(parameter('map'), 'a: 1\nb: 2\n', '{b: 2, a: 1}')).toBe(true);
  expect(sameParameterValue(parameter('array'), '[1]', '[2]')).toBe(false);
  expect(sameParameterValue(parameter('map'), '[', '[')).toBe(true);
  expect(sameParameterValue(parameter('map'), '[', '{')).toBe(false);
  expect(sameParameterValue(parameter('integer'), '1', '01')).toBe(false);
});

test('what is stored for a value looks to templates like the value', () => {
  const value = fc.oneof(
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.integer())),
    fc.array(fc.string()),
  );
  fc.assert(
    fc.property(value, (given) => {
      const type = Array.isArray(given) ? 'array' : 'map';
      const version = anOperatorVersion('v', [], [parameter(type)]);
      const stored = encodeParameter(given) ?? '';
      expect(effectiveParameters(version, { spec: { parameters: { P: stored } } })).toEqual({
        ok: true,
        values: { P: given },
      });
    }),
  );
});

test('templates see defaults, text for plain types, and an empty list for one without a value', () => {
  const version = anOperatorVersion(
    'v',
    [],
    [
      { name: 'A', default: '3', 'value-type': 'integer' },
      { name: 'B' },
      { name: 'C', 'value-type': 'array' },
      { name: 'D', default: 'x: 1', 'value-type': 'map' },
    ],
  );
  expect(effectiveParameters(version, { spec: { parameters: { B: '' } } })).toEqual({
    ok: true,
    values: { A: '3', B: '', C: [], D: { x: 1 } },
  });
});

test('a stored map that is no YAML is named', () => {
  const version = anOperatorVersion('v', [], [parameter('map', { default: '[' })]);
  expect(effectiveParameters(version, {})).toMatchObject({ ok: false, parameter: 'P' });
});
