import { renderTemplate } from '../src/kudo/render-template.ts';

const PARAMS = {
  NAME: 'my-cluster',
  CSV: 'a,b;c',
  EMPTY: '',
  COUNT: '3',
  FLOAT: 2.5,
  LIST: ['b', 'a', 'c'],
  NUMBERS: [3, 1_000_000, 1.5],
  MIXED: ['x', 2, null, true, { a: 1 }],
  MAP: { a: 1, b: 'x', deep: { c: true } },
  NIL: null,
};

/** What every template of the fidelity tests sees. */
export const TEMPLATE_VARIABLES = { Name: 'kafka', Params: PARAMS, Pipes: { cert: 'pipe-cert' } };

/** The text of `{{ expression }}`, or the column of its error. */
export function renderExpression(expression: string): string | number {
  const sources = { now: () => new Date(0), random: () => 0.5 };
  const rendering = renderTemplate('t', `{{ ${expression} }}`, TEMPLATE_VARIABLES, sources);
  return rendering.ok ? rendering.text : rendering.column;
}
