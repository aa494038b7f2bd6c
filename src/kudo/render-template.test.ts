import { expect, test } from 'vitest';
import { renderTemplate, type Rendering } from './render-template.ts';

const PARAMS = {
  NAME: 'hello World',
  EMPTY: '',
  COUNT: '3',
  FALSE: 'false',
  LIST: ['b', 'a'],
  NUMBERS: [3, 1_000_000, 1.5],
  MAP: { b: 'x', a: 1, deep: { c: true } },
  NIL: null,
};

function render(text: string): Rendering {
  const sources = { now: () => new Date(0), random: () => 0.5 };
  return renderTemplate('node.yaml', text, { Name: 'kafka', Params: PARAMS }, sources);
}

/** Each answer is what KUDO's own renderer gives; the fidelity tests ask it. */
test.each([
  ['{{ .Name }}-{{ .Params.COUNT | int | add 1 }}', 'kafka-4'],
  ['{{ if .Params.FALSE }}text is true{{ end }}', 'text is true'],
  ['{{ .Params.NUMBERS }}', '[3 1e+06 1.5]'],
  ['{{ .Params.MAP }}', 'map[a:1 b:x deep:map[c:true]]'],
  ['{{ .Params.NIL }}', '<no value>'],
  ['{{ toYaml .Params.MAP }}', 'a: 1\nb: x\ndeep:\n  c: true\n'],
  ['{{ toYaml .Params.NUMBERS }}', '- 3\n- 1e+06\n- 1.5\n'],
  ['{{ toJson "<a>" }}', '"\\u003ca\\u003e"'],
  ['a {{- " b " -}} c', 'a b c'],
  ['x{{/* a comment */}}y {{- /* and one that trims */ -}} z', 'xyz'],
  [
    '{{ $f := true }}{{ range .Params.LIST }}{{ if $f }}{{ $f = false }}{{ else }},{{ end }}{{ . }}{{ end }}',
    'b,a',
  ],
  ['{{ range $i, $v := .Params.LIST }}{{ $i }}={{ $v }};{{ else }}none{{ end }}', '0=b;1=a;'],
  ['{{ range $k, $v := .Params.MAP }}{{ $k }} {{ end }}', 'a b deep '],
  ['{{ range .Params.NIL }}x{{ else }}none{{ end }}', 'none'],
  [
    '{{ range .Params.LIST }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ break }}{{ end }}',
    'a',
  ],
  ['{{ with .Params.MAP }}{{ .b }}{{ $.Name }}{{ end }}', 'xkafka'],
  ['{{ if .Params.EMPTY }}a{{ else if eq .Params.COUNT "3" }}b{{ else }}c{{ end }}', 'b'],
  ['{{ define "x" }}[{{ . }}]{{ end }}{{ template "x" .Name }}', '[kafka]'],
  ['{{ block "y" .Name }}<{{ . }}>{{ end }}', '<kafka>'],
  [
    '{{ printf "%05d|%-4s|%q|%v|%.2f" 42 "ab" "q" .Params.LIST 3.14159 }}',
    '00042|ab  |"q"|[b a]|3.14',
  ],
  ['{{ printf "%d" .Params.COUNT }}', '%!d(string=3)'],
  [
    '{{ add "1" .Params.COUNT }} {{ div 7 2 }} {{ mul 1000 1000 }} {{ max "10" 9 }}',
    '4 3 1000000 10',
  ],
  ['{{ until 3 }} {{ untilStep 3 10 3 }}', '[0 1 2] [3 6 9]'],
  ['{{ quote 1 nil .Params.NAME }} {{ squote "a" }}', `"1" "hello World" 'a'`],
  ['{{ default "d" .Params.EMPTY }} {{ coalesce "" 0 "x" }} {{ ternary "a" "b" false }}', 'd x b'],
  [
    '{{ join "," .Params.NUMBERS }} {{ sortAlpha .Params.LIST }} {{ has "a" .Params.LIST }}',
    '3,1e+06,1.5 [a b] true',
  ],
  ['{{ merge (dict "x" (dict "a" 1)) (dict "x" (dict "b" 2)) }}', 'map[x:map[a:1 b:2]]'],
  [
    '{{ kindOf .Params.LIST }} {{ kindOf 1 }} {{ kindOf 1.0 }} {{ typeOf .Params.MAP }}',
    'slice int float64 map[string]interface {}',
  ],
  [
    '{{ b64enc "hi" }} {{ b64dec "!!" }} {{ sha256sum "" | trunc 8 }}',
    'aGk= illegal base64 data at input byte 0 e3b0c442',
  ],
  ['{{ regexReplaceAll "l(o)" .Params.NAME "${1}x" }}', 'helox World'],
  ['{{ indent 2 "a\\nb" }}', '  a\n  b'],
  ['{{ html "<a>" }} {{ urlquery "a b&" }} {{ js "\'" }}', "&lt;a&gt; a+b%26 \\'"],
  ['{{ and 1 0 }} {{ or 0 "x" }} {{ not "" }} {{ len "é" }}', '0 x true 2'],
  ['{{ (index .Params.LIST 0) | upper }} {{ index .Params.MAP "zz" }}', 'B <no value>'],
  ["{{ 0x10 }} {{ 'a' }} {{ 1_000 }} {{ 1e6 }} {{ `raw\\n` }}", '16 97 1000 1e+06 raw\\n'],
])('%s renders as with KUDO', (text, expected) => {
  expect(render(text)).toEqual({ ok: true, text: expected });
});

test.each([
  {
    why: 'a missing parameter',
    text: 'a\n  {{ .Params.NOPE }}',
    place: [2, 13],
    message: /no entry for key "NOPE"/,
  },
  {
    why: 'a field of text',
    text: '{{ .Name.x }}',
    place: [1, 9],
    message: /can't evaluate field x/,
  },
  {
    why: 'a field of nothing',
    text: '{{ .Params.NIL.x }}',
    place: [1, 11],
    message: /no entry for key "x"/,
  },
  {
    why: 'an unknown function, though never called',
    text: '{{ if false }}{{ nope }}{{ end }}',
    place: [1, 18],
    message: /function "nope" not defined/,
  },
  {
    why: 'a function that KUDO takes away',
    text: '{{ env "HOME" }}',
    place: [1, 4],
    message: /function "env" not defined/,
  },
  {
    why: 'an unknown variable',
    text: '{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}',
    place: [1, 39],
    message: /undefined variable "\$x"/,
  },
  {
    why: 'a missing end',
    text: 'a\n{{ if true }}b',
    place: [2, 15],
    message: /unexpected EOF: \{\{if\}\} of line 2 has no/,
  },
  { why: 'an open action', text: 'a {{ .Name', place: [1, 3], message: /unclosed action/ },
  {
    why: 'an else too many',
    text: '{{ else }}',
    place: [1, 1],
    message: /unexpected \{\{else\}\}/,
  },
  {
    why: 'a division by zero',
    text: '{{ div 1 0 }}',
    place: [1, 4],
    message: /integer divide by zero/,
  },
  { why: 'a call to fail', text: '{{ fail "boom" }}', place: [1, 4], message: /boom/ },
  {
    why: 'text where a number is wanted',
    text: '{{ until "3" }}',
    place: [1, 10],
    message: /expected int; found string/,
  },
  {
    why: 'a number compared with text',
    text: '{{ eq .Params.COUNT 3 }}',
    place: [1, 4],
    message: /incompatible types/,
  },
  {
    why: 'a float compared with an int',
    text: '{{ eq (index .Params.NUMBERS 0) 3 }}',
    place: [1, 4],
    message: /incompatible types/,
  },
  {
    why: 'a range over text',
    text: '{{ range .Name }}{{ end }}',
    place: [1, 10],
    message: /can't iterate/,
  },
  {
    why: 'a template that is not there',
    text: '{{ template "x" }}',
    place: [1, 13],
    message: /"x" not defined/,
  },
  {
    why: 'a loop without end',
    text: '\n{{ range 1000000000 }}x{{ end }}',
    place: [2, 10],
    message: /more than \d+ steps/,
  },
  {
    why: 'a template that calls itself',
    text: '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}',
    place: [1, 29],
    message: /too deeply/,
  },
  {
    why: 'text without end',
    text: '{{ repeat 1000000000 "x" }}',
    place: [1, 4],
    message: /more than \d+ characters/,
  },
  {
    why: 'a list without end',
    text: '{{ until 1000000000 }}',
    place: [1, 4],
    message: /more than \d+ numbers/,
  },
  {
    why: 'a secret that cannot be foretold',
    text: '{{ genPrivateKey "rsa" }}',
    place: [1, 4],
    message: /genPrivateKey makes a new private key each time/,
  },
  {
    why: 'a dict inside of itself',
    text: '{{ $d := dict }}{{ $_ := set $d "x" $d }}{{ $d }}',
    place: [1, 26],
    message: /./,
  },
])('$why is an error with its place', ({ text, place, message }) => {
  const rendering = render(text);
  expect(rendering).toMatchObject({ ok: false, message: expect.stringMatching(message) as string });
  expect(rendering.ok ? [] : [rendering.line, rendering.column]).toEqual(place);
});

test('no template reaches what JavaScript objects inherit', () => {
  for (const text of [
    '{{ .constructor }}',
    '{{ .Params.toString }}',
    '{{ (dict).constructor }}',
    '{{ call .Name }}',
  ])
    expect(render(text)).toMatchObject({ ok: false });
});
