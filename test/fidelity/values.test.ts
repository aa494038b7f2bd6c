import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperatorVersion } from '../../src/kudo/objects.ts';
import { parseFirstYamlDocument } from '../../src/lib/go-yaml.ts';
import { readPackage } from '../../src/kudo/package-reader.ts';
import { effectiveParameters } from '../../src/kudo/parameter-values.ts';
import { renderTemplate } from '../../src/kudo/render-template.ts';
import { startOracle, type Oracle } from './oracle.ts';

const VALUES = Number(process.env['FIDELITY_VALUES'] ?? 10_000);
const PER_PACKAGE = 20;

let oracle: Oracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => {
  oracle.stop();
});

/** Scalars as people write them without quotes, and as JSON would. */
const scalar = fc.oneof(
  fc.constantFrom(
    'yes',
    'No',
    'on',
    'y',
    '~',
    'null',
    '1_000',
    '010',
    '0o17',
    '0x1F',
    '0b11',
    '08',
    '1e6',
    '1.0',
    '1.10',
  ),
  fc.constantFrom(
    '.5',
    '-.5',
    '+1',
    '1:30',
    '2001-01-01',
    '2001-01-01T00:00:00Z',
    '12345678901234567890',
    '1e400',
    '-0',
    '0.1e-7',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.string().map((text) => JSON.stringify(text)),
  fc
    .string({ unit: fc.constantFrom('a', ' ', '\n', '#', ':', "'", '"', '-', 'é', '\t', '0') })
    .map((text) => JSON.stringify(text)),
);

/** What a key becomes: of two that become the same, KUDO keeps either. */
function keyText(key: string): string {
  const parsed = parseFirstYamlDocument(`{? ${key} : 0}`);
  return Object.keys((parsed.ok ? parsed.document?.value : null) ?? {}).join('');
}

/** Null is no key; and keys such as `1e4`, `31` and `1000` are in a circle for yaml.v2's order. */
function isOrderedKey(key: string): boolean {
  const text = keyText(key);
  return (text !== '' || key === '""') && !/[0-9].*[^0-9]/s.test(text);
}

/** Flow YAML of any shape. */
const { yaml } = fc.letrec<{ yaml: string }>((tie) => ({
  yaml: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc.array(tie('yaml'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(
          fc.tuple(
            scalar.filter((key) => isOrderedKey(key)),
            tie('yaml'),
          ),
          { maxLength: 4, selector: ([key]) => keyText(key) },
        )
        .map((pairs) => `{${pairs.map(([key, item]) => `? ${key} : ${item}`).join(', ')}}`),
    },
  ),
}));

/** A text alone in a document that starts with a space or line end: js-yaml counts its indentation otherwise. */
const parameter = fc.record({
  type: fc.constantFrom('', 'string', 'integer', 'number', 'boolean', 'array', 'map'),
  value: yaml.filter((text) => !/^"(\\n|\s)/.test(text)),
});

const OPERATOR = 'name: op\noperatorVersion: 1.0.0\ntasks: []\nplans: {deploy: {}}\n';

test(`${VALUES} values are stored, and seen by templates, as with KUDO`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(parameter, { minLength: 1, maxLength: PER_PACKAGE }),
      async (given) => {
        const params = given.map(
          ({ type, value }, index) =>
            `- name: P${index}\n  type: ${JSON.stringify(type)}\n  default: ${value}\n`,
        );
        const files = {
          'operator.yaml': OPERATOR,
          'params.yaml': `parameters:\n${params.join('')}`,
        };
        const theirs = (await oracle.ask({ op: 'convert', files }))['operatorVersion'] as
          OperatorVersion | undefined;
        const ours = readPackage(new Map(Object.entries(files))).operatorVersion;
        expect(ours?.spec?.parameters ?? 'refused').toEqual(theirs?.spec?.parameters ?? 'refused');
        if (theirs === undefined) return;
        expect(seenByTemplates(theirs)).toEqual(await seenByKudo(theirs));
      },
    ),
    { numRuns: Math.ceil(VALUES / (PER_PACKAGE / 2)) },
  );
}, 300_000);

/** Go holds a list that is nil as `[]` for all but JSON, so JSON is asked of maps only. */
const TEMPLATE = `{{ toYaml .Params }}{{ .Params }}{{ range .Params }}
{{ if eq (kindOf .) "map" }}{{ toJson . }}{{ toPrettyJson . }}{{ end }}{{ end }}`;

function seenByTemplates(version: OperatorVersion): string {
  const decoded = effectiveParameters(version, {});
  if (!decoded.ok) return 'error';
  const sources = { now: () => new Date(0), random: () => 0 };
  const rendering = renderTemplate('t', TEMPLATE, { Params: decoded.values }, sources);
  return rendering.ok ? rendering.text : 'error';
}

async function seenByKudo(operatorVersion: OperatorVersion): Promise<unknown> {
  const instance = { spec: {} };
  const answer = await oracle.ask({ op: 'render', template: TEMPLATE, instance, operatorVersion });
  return answer['output'] ?? 'error';
}
