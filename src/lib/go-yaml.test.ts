import { expect, test } from 'vitest';
import { parseFirstYamlDocument, parseYamlDocuments } from './go-yaml.ts';

test.each([
  {
    why: 'yes, on and y are booleans',
    text: '[yes, on, y, NO, Off]',
    value: [true, true, true, false, false],
  },
  {
    why: 'a leading zero is octal, unless it cannot be',
    text: '[010, 0o10, 08]',
    value: [8, 8, 8],
  },
  {
    why: 'underscores, hexadecimal and binary are numbers',
    text: '[1_000, 0x1F, 0b11]',
    value: [1000, 31, 3],
  },
  {
    why: 'dates and times stay text',
    text: '[2001-01-01, 12:30:45]',
    value: ['2001-01-01', '12:30:45'],
  },
  { why: 'quoted is text', text: `["yes", '010']`, value: ['yes', '010'] },
  { why: 'keys become text', text: '{y: a, 1: b, 1.5: c}', value: { true: 'a', 1: 'b', 1.5: 'c' } },
  {
    why: 'a merge key is overwritten by what follows it, and overwrites what stands before',
    text: 'base: &base {a: 1, b: 1}\nmade: {a: 0, <<: *base, b: 2}',
    value: { base: { a: 1, b: 1 }, made: { a: 1, b: 2 } },
  },
  {
    why: 'tags convert',
    text: '[!!str 5, !!float 5, !!binary aGk=, !mine x]',
    value: ['5', 5, 'hi', 'x'],
  },
])('$why', ({ text, value }) => {
  const { documents, errors } = parseYamlDocuments(text);
  expect(errors).toEqual([]);
  expect(documents.map((document) => document.value)).toEqual([value]);
});

test.each([
  {
    why: 'names null keys',
    text: 'a:\n  ~: 1',
    line: 2,
    column: 3,
    message: /null cannot be a key/,
  },
  { why: 'names infinite numbers', text: 'a: .inf', line: 1, column: 4, message: /\.inf/ },
  {
    why: 'names a key that is given twice',
    text: 'a: 1\nb: 2\na: 3',
    line: 3,
    column: 1,
    message: /"a" is given twice/,
  },
  {
    why: 'names an unknown anchor',
    text: 'a: *x',
    line: 1,
    column: 4,
    message: /unknown anchor 'x'/,
  },
  {
    why: 'names an anchor inside of itself',
    text: 'a: &x [*x]',
    line: 1,
    column: 8,
    message: /contains itself/,
  },
  { why: 'names broken syntax', text: 'a: [1', line: 1, column: 6, message: /flow collection/ },
])('$why with line and column', ({ text, line, column, message }) => {
  const { errors } = parseYamlDocuments(text);
  expect(errors).toEqual([{ line, column, message: expect.stringMatching(message) as string }]);
});

test('a broken document does not hide the others, and empty ones do not count', () => {
  const { documents, errors } = parseYamlDocuments(
    '# hello\n---\na: 1\n---\nb: [\n---\n---\nc: 3\n',
  );
  expect(documents.map((document) => document.value)).toEqual([{ a: 1 }, { c: 3 }]);
  expect(errors.map(({ line }) => line)).toEqual([6]);
});

test('every value and key knows its place, also in later documents and behind aliases', () => {
  const { documents } = parseYamlDocuments(
    'x: 1\n---\nlist:\n  - name: "q"\n    text: |\n      t\n  - 1.10\ncopy: &c {k: v}\nalias: *c\n',
  );
  const document = documents[1];
  expect(document?.positionOf(['list', 0, 'name'])).toEqual({ line: 4, column: 11 });
  expect(document?.keyPositionOf(['list', 0, 'text'])).toEqual({ line: 5, column: 5 });
  expect(document?.positionOf(['alias', 'k'])).toEqual({ line: 8, column: 14 });
  expect(document?.positionOf(['list', 7, 'name'])).toEqual({ line: 4, column: 3 });
  expect(document?.textOf(['list', 1])).toBe('1.10');
  expect(document?.textOf(['list'])).toBeUndefined();
});

test.each([
  { why: 'long texts', text: 'a: 1234567890', limits: { maxLength: 5 } },
  { why: 'deep ones', text: '[[[[1]]]]', limits: { maxDepth: 3 } },
  { why: 'many aliases', text: '[&a 1, *a, *a, *a]', limits: { maxAliases: 2 } },
  { why: 'many documents', text: 'a: 1\n---\nb: 1\n---\nc: 1', limits: { maxDocuments: 2 } },
  {
    why: 'aliases that unfold to very much',
    text: 'a: &a [1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]',
    limits: { maxValues: 60 },
  },
])('$why are refused', ({ text, limits }) => {
  expect(parseYamlDocuments(text, limits).errors).toHaveLength(1);
});

test('the first document of a text is read as KUDO reads it: the last of two equal keys wins', () => {
  const parsed = parseFirstYamlDocument('a: 1\na: 2\n---\n[');
  expect(parsed.ok && parsed.document?.value).toEqual({ a: 2 });
  expect(parseFirstYamlDocument('# nothing')).toEqual({ ok: true, document: undefined });
  expect(parseFirstYamlDocument('[')).toMatchObject({ ok: false });
});
