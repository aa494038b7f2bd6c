import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toGoYaml, toGoYamlOfFloats } from './go-yaml-emit.ts';
import { parseFirstYamlDocument } from './go-yaml.ts';

test.each([
  {
    why: 'sorts keys, letters last, numbers by value',
    value: { k10: 1, k9: 2, a: 0, '-': 3 },
    text: "'-': 3\na: 0\nk9: 2\nk10: 1\n",
  },
  {
    why: 'puts lists at the level of their key',
    value: { a: [1, { b: 2, c: [] }] },
    text: 'a:\n- 1\n- b: 2\n  c: []\n',
  },
  {
    why: 'quotes what would be read as something else',
    value: ['yes', '1', '', '~', '1:30'],
    text: '- "yes"\n- "1"\n- ""\n- "~"\n- "1:30"\n',
  },
  {
    why: 'quotes singly what only looks like syntax',
    value: ['- a', 'a: b', "it's # no", ' x'],
    text: "- '- a'\n- 'a: b'\n- 'it''s # no'\n- ' x'\n",
  },
  {
    why: 'writes lines as a block',
    value: { a: 'x\ny\n', b: 'x\ny', c: 'x\n\n' },
    text: 'a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\n',
  },
  {
    why: 'escapes what cannot be printed',
    value: ['\t', '😀', 'a\u0085b'],
    text: '- "\\t"\n- "\\U0001F600"\n- "a\\Nb"\n',
  },
  {
    why: 'writes whole numbers in full',
    value: [1_000_000, 1.5, 1e21, 1e-7],
    text: '- 1000000\n- 1.5\n- 1e+21\n- 1e-07\n',
  },
  { why: 'writes null and nothing', value: { a: null, b: {} }, text: 'a: null\nb: {}\n' },
])('$why', ({ value, text }) => {
  expect(toGoYaml(value)).toBe(text);
});

test('numbers that Go holds as floats have exponents early', () => {
  expect(toGoYamlOfFloats({ a: 1_000_000, b: 1n })).toBe('a: 1e+06\nb: 1\n');
});

test('what is written is read back the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const parsed = parseFirstYamlDocument(toGoYaml(value));
      expect(parsed.ok ? (parsed.document?.value ?? null) : parsed.error).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});
