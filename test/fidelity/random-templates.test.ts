import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderTemplate } from '../../src/kudo/render-template.ts';
import { SIGNATURES } from '../../src/kudo/template-signatures.ts';
import { TEMPLATE_VARIABLES } from '../render-expression.ts';
import { startOracle, type Oracle } from './oracle.ts';
import { CALLS, LEFT_OUT } from './template-calls.ts';
import { randomTemplate } from './template-grammar.ts';

const TEMPLATES = Number(process.env['FIDELITY_TEMPLATES'] ?? 10_000);
const SEED = Number(process.env['FIDELITY_SEED'] ?? 4);

let oracle: Oracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => {
  oracle.stop();
});

const { Params: PARAMS, Pipes: PIPES } = TEMPLATE_VARIABLES;
const NAME = 't.yaml';

/** Functions that refuse whatever they are given; all others must have rendered something. */
const ALWAYS_REFUSE = ['fail', 'call'];

test('every function of KUDO is tried, or left out for a reason', () => {
  const known = [...Object.keys(CALLS), ...Object.keys(LEFT_OUT)];
  expect(known.toSorted()).toEqual([...SIGNATURES.keys()].toSorted());
});

/**
 * Compared: the output, byte for byte, or that there is an error; of an error while it renders its line and
 * column, of an error of the syntax its line (Go tells no column of those). Not compared: the error's wording.
 */
test(`${TEMPLATES} random templates render as with KUDO`, async () => {
  const counts = new Map(Object.keys(CALLS).map((name) => [name, { rendered: 0, refused: 0 }]));
  await fc.assert(
    fc.asyncProperty(randomTemplate, async ({ focus, text }) => {
      const [ours, theirs] = [ourAnswer(text), await kudosAnswer(text)];
      expect(ours.output ?? placeText(ours, theirs)).toBe(
        theirs.output ?? placeText(theirs, theirs),
      );
      const count = counts.get(focus);
      if (count !== undefined) count[theirs.output === undefined ? 'refused' : 'rendered'] += 1;
    }),
    { numRuns: TEMPLATES, seed: SEED },
  );
  const rows = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  process.stderr.write(`\n${table(rows)}\n`);
  const untried = rows.filter(([name, { rendered, refused }]) =>
    ALWAYS_REFUSE.includes(name) ? refused === 0 : rendered === 0,
  );
  expect(untried.map(([name]) => name)).toEqual([]);
});

interface Answer {
  readonly output?: string;
  readonly line?: number;
  /** In bytes from 0, as Go counts; undefined for an error of the syntax. */
  readonly column?: number | undefined;
}

function placeText({ line, column }: Answer, { column: theirs }: Answer): string {
  return `error in line ${line}${theirs === undefined ? '' : `, column ${column}`}`;
}

function ourAnswer(text: string): Answer {
  const all = { ...NO_VARIABLES, ...TEMPLATE_VARIABLES, Namespace: 'data' };
  const sources = { now: () => new Date(0), random: () => 0.5 };
  const rendering = renderTemplate(NAME, text, all, sources);
  if (rendering.ok) return { output: rendering.text };
  const { line, column } = rendering;
  const before = (text.split('\n')[line - 1] ?? '').slice(0, column - 1);
  return { line, column: new TextEncoder().encode(before).length };
}

const NO_VARIABLES = Object.fromEntries(
  'OperatorName OperatorVersion AppVersion PlanName PhaseName StepName'
    .split(' ')
    .map((name) => [name, '']),
);

async function kudosAnswer(template: string): Promise<Answer> {
  const meta = { InstanceName: 'kafka', InstanceNamespace: 'data' };
  const question = { op: 'render', name: NAME, template, params: PARAMS, pipes: PIPES, meta };
  const { output, error } = await oracle.ask(question);
  if (error === undefined) return { output: output as string };
  const [, line, , column] = /template: t\.yaml:(\d+)(:(\d+))?:/.exec(error as string) ?? [];
  return { line: Number(line), column: column === undefined ? undefined : Number(column) };
}

type Row = readonly [string, { readonly rendered: number; readonly refused: number }];

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ([name, { rendered, refused }]) =>
      `${name.padEnd(24)}${String(rendered).padStart(7)}${String(refused).padStart(7)}`,
  );
  const left = Object.entries(LEFT_OUT).map(
    ([name, why]) => `${name.padEnd(24)}  left out: ${why}`,
  );
  const head = `${'function'.padEnd(24)}  alike: rendered, refused`;
  return [head, ...lines, ...left].join('\n');
}
