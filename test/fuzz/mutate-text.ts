import type { Chance } from './chance.ts';

/** Pieces that have broken readers of YAML, JSON, templates and names before. */
const PIECES: readonly string[] = [
  '&a |*a|<<: *a|!!binary |!!set |? |- - - |{|}|[|]|: |"|\'|%YAML 1.1\n|#|\t|\r\n|\0|\uFEFF',
  '>-\n|---\n|...\n|null|~|yes|0x1F|0o17|1_000|.inf|.nan|1e999|-0|1970-01-01|-9223372036854775809',
  '__proto__: |constructor: |toString|hasOwnProperty: 1\n|length: -1\n|../|/|\\|%2e%2e/|${HOME}',
  '{{|}}|{{- | -}}|{{ range . }}|{{ end }}|{{ else }}|{{/*|*/}}|`| := |$x|(|)|{{ .Params.A }}',
  '{{ template "x" . }}|{{ define "x" }}|\u202E|😀|\uD800',
  'kind: Instance\n|apiVersion: kudo.dev/v1beta1\n|spec:\n  parameters:\n|metadata:\n',
]
  .flatMap((pieces) => pieces.split('|'))
  .concat('|\n', ' | ', 'a'.repeat(300));

type Edit = (text: string, chance: Chance, others: readonly string[]) => string;

const EDITS: readonly Edit[] = [
  (text, chance) => splice(text, chance.below(text.length + 1), 0, chance.of(PIECES)),
  (text, chance) => splice(text, chance.below(text.length + 1), 1 + chance.below(40), ''),
  (text, chance) =>
    splice(text, chance.below(text.length + 1), 1, String.fromCodePoint(chance.below(0x3000))),
  (text, chance) => {
    const part = text.slice(chance.below(text.length), chance.below(text.length));
    return splice(text, chance.below(text.length + 1), 0, part.repeat(1 + chance.below(3)));
  },
  (text, chance) => {
    const lines = text.split('\n');
    const [from, to] = [chance.below(lines.length), chance.below(lines.length)];
    lines.splice(to, 0, ...lines.splice(from, 1));
    return lines.join('\n');
  },
  (text, chance) => {
    const lines = text.split('\n');
    const at = chance.below(lines.length);
    lines[at] = ' '.repeat(chance.below(12)) + (lines[at] ?? '').trimStart();
    return lines.join('\n');
  },
  (text, chance, others) => {
    const other = chance.of(others);
    return text.slice(0, chance.below(text.length)) + other.slice(chance.below(other.length));
  },
  (text, chance) => {
    const opening = chance.of(['[', '{a: ', '- ', '(', '{{ if ']);
    return splice(text, chance.below(text.length + 1), 0, opening.repeat(1 + chance.below(400)));
  },
];

/** The text with one to six things wrong with it; `others` may be crossed into it. */
export function mutateText(text: string, chance: Chance, others: readonly string[]): string {
  let mutated = text;
  for (let left = 1 + chance.below(6); left > 0; left -= 1) {
    mutated = chance.of(EDITS)(mutated, chance, others);
  }
  return mutated;
}

function splice(text: string, at: number, remove: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + remove);
}
