import * as fc from 'fast-check';
import { call, callText, type Call } from './template-calls.ts';

/** A template with one call in front that stands for what it tries. */
export interface RandomTemplate {
  readonly focus: string;
  readonly text: string;
}

const written = fc.tuple(call, fc.boolean()).map(([given, isPiped]) => callText(given, isPiped));

/** Given no date, two of these take the time of the day; the others know no order of keys. */
const outerCall = call.filter(({ name }) => !['date', 'htmlDate', 'keys', 'values'].includes(name));

const expression: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: written },
  {
    weight: 1,
    arbitrary: fc.tuple(written, outerCall).map(([inner, outer]) => chained(inner, outer)),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '$.Params.NAME',
      '$v',
      '$w',
      '.',
      '$',
      '.Name',
      '$.Params.MAP.deep.c',
      '$.Params.MAP.nope.x',
      '$.Params.NOPE',
      '($v)',
      '(dict "a" 1).a',
      '(index $.Params.LIST 0)',
      '(semver "1.2.3").Major',
      'nil',
      '$.Name.x',
      '"text"',
      '42',
      '(printf "%v" $v)',
      '$w.a',
    ),
  },
);

/** The value of one call as the last argument of another. */
function chained(inner: string, { name, args }: Call): string {
  return [name, ...args.slice(0, -1), `(${inner})`].join(' ');
}

const condition = fc.oneof(
  expression,
  fc.constantFrom('true', '$.Params.EMPTY', 'eq $.Name "kafka"', 'and $v $w', 'not $v', '$x := 1'),
);

/** What makes large numbers: KUDO counts up to them, whatever they are. */
const LARGE = /add|mul|sub|max|big|int|atoi|toDecimal|unixEpoch|123456|substr|sum/;

const loop = fc.oneof(
  fc.constantFrom(
    '$.Params.LIST',
    '$i, $x := $.Params.LIST',
    '$k, $x := $.Params.MAP',
    '$x := $.Params.NUMBERS',
    'until 3',
    '3',
    '$x := 2',
    '$v = $.Params.LIST',
    '$v, $w = $.Params.LIST',
    '$i, $x := list 1 "a" nil',
    'list',
    '$.Params.NIL',
    '$.Name',
    '$i, $x := 2',
    '$x := dict "b" 1 "a" 2',
    '$i, $x := add 1 1',
  ),
  expression.filter((text) => !LARGE.test(text)),
);

const open = fc.constantFrom('{{ ', '{{ ', '{{ ', '{{', '{{- ', '{{-\n');
const close = fc.constantFrom(' }}', ' }}', ' }}', '}}', ' -}}', '\n-}}');
const plain = fc.constantFrom('', ' ', '\n', 'a', '  key: ', '\n  - ', ' é ', '}', '{ ', '"x"\n');

function action(inside: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(open, inside, close).map((parts) => parts.join(''));
}

const statement = fc.constantFrom(
  '{{ template "t" . }}',
  '{{ template "t" $.Params.MAP }}',
  '{{ template "t" }}',
  '{{ template "none" . }}',
  '{{ block "b" . }}[{{ . }}]{{ end }}',
  '{{ break }}',
  '{{ continue }}',
  '{{ end }}',
  '{{ else }}',
);

const { node } = fc.letrec<{ node: string; body: string }>((tie) => ({
  body: fc.array(tie('node'), { maxLength: 2 }).map((nodes) => nodes.join('')),
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: plain },
    { weight: 6, arbitrary: action(expression) },
    { weight: 2, arbitrary: action(expression.map((value) => `$v = ${value}`)) },
    { weight: 1, arbitrary: action(expression.map((value) => `$u := ${value}`)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('{{/* note */}}', ' {{- /* {{ x }} */ -}} ', '{{ /* no */ }}'),
    },
    { weight: 1, arbitrary: statement },
    {
      weight: 2,
      arbitrary: fc
        .tuple(condition, tie('body'), tie('body'), condition, fc.nat(3))
        .map(([test, yes, no, other, form]) => ifText([test, yes, no, other], form)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(loop, tie('body'), tie('body'), fc.boolean())
        .map(([over, each, none, hasElse]) =>
          [
            `{{ range ${over} }}${each}{{ . }},`,
            hasElse ? `{{ else }}${none}` : '',
            '{{ end }}',
          ].join(''),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(condition, tie('body'), tie('body'))
        .map(([given, yes, no]) => `{{ with ${given} }}${yes}{{ . }}{{ else }}${no}{{ end }}`),
    },
  ),
}));

function ifText(
  [test, yes, no, other]: readonly [string, string, string, string],
  form: number,
): string {
  const otherwise = [
    '',
    `{{ else }}${no}`,
    `{{ else if ${other} }}${no}`,
    `{{ else if ${other} }}${no}{{ else }}-`,
  ];
  return `{{ if ${test} }}${yes}${otherwise[form] ?? ''}{{ end }}`;
}

const definition = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(
    '{{ define "t" }}<{{ . }}>{{ end }}',
    '{{- define "t" -}} {{ with . }}{{ .a }}{{ end }} {{- end -}}\n',
    '{{ define "t" }}{{ range $k, $x := . }}{{ $k }}={{ $x }}{{ end }}{{ end }}',
    '{{ define "t" }}{{ $v }}{{ end }}',
    '{{ define "t" }} {{ end }}{{ define "t" }}x{{ end }}',
    '{{ define "t" }}a{{ end }}{{ define "t" }}b{{ end }}',
  ),
);

/** Takes one character away, or adds one: what people mistype. Not in layouts of dates, which are tried as they are. */
type Typo = (text: string) => string;
const typo: fc.Arbitrary<Typo> = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Typo>((text) => text) },
  fc.nat(400).map((at): Typo => (text) => {
    const index = at % Math.max(text.length, 1);
    return text.slice(0, index) + text.slice(index + 1);
  }),
  fc
    .tuple(
      fc.nat(400),
      fc.constantFrom('(', ')', '|', '"', '}', '{{', '.', '$', ',', '-', ' ', 'x'),
    )
    .map(([at, extra]): Typo => (text) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + extra + text.slice(index);
    }),
);

/** With a verb of numbers, printf shows the inside of Go's time.Time, which is not worth copying. */
const TIME_PRINTED = /printf[^}]*toDate|toDate[^}]*printf/;

/** Templates as operators write them, most of them right, some with a mistake. */
export const randomTemplate: fc.Arbitrary<RandomTemplate> = fc
  .tuple(
    fc.tuple(call, fc.boolean()),
    fc.tuple(definition, expression, fc.array(node, { maxLength: 3 })),
    fc.oneof({ weight: 2, arbitrary: fc.constant('') }, fc.constantFrom('a\n', '# é\n  ')),
    typo,
  )
  .map(([[focus, isPiped], [definitions, value, nodes], lead, mistype]) => ({
    focus: focus.name,
    text: mistyped(
      [
        `${lead}{{ ${callText(focus, isPiped)} }}`,
        `{{ $v := "v" }}{{ $w := dict "a" 1 }}`,
        nodes.length > 1 ? `{{ $v = ${value} }}` : '',
        definitions,
        ...nodes,
      ].join(''),
      mistype,
    ),
  }))
  .filter(({ text }) => !TIME_PRINTED.test(text));

function mistyped(text: string, mistype: Typo): string {
  return text.includes('toDate') ? text : mistype(text);
}
