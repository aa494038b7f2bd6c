import type { Problem } from '../../src/model/problem.ts';
import { defaultQuestions } from '../../src/kudo/lint-rendered.ts';
import { lintPackage } from '../../src/kudo/package-lint.ts';
import { readPackage } from '../../src/kudo/package-reader.ts';
import { renderTemplate } from '../../src/kudo/render-template.ts';

const OPERATOR = `name: queue
operatorVersion: 1.0.0
appVersion: 3.9.0
kubernetesVersion: 1.22.0
tasks:
  - name: brokers
    kind: Apply
    spec:
      resources: [brokers.yaml]
plans:
  deploy:
    phases:
      - name: nodes
        steps:
          - name: brokers
            tasks: [brokers]
`;
const PARAMS = `parameters:
  - name: BROKERS
    type: integer
    default: 3
`;
const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Name }}
data:
  brokers: "{{ .Params.BROKERS }}"
`;

/** `from` in a file becomes `to`. */
export type Edit = readonly [file: 'operator' | 'params' | 'template', from: string, to: string];

/** An edit of a package without a mistake, and what is then found, and where. */
export interface LintCase {
  readonly id: string;
  readonly at: string;
  readonly edits: readonly Edit[];
  readonly more?: Readonly<Record<string, string>>;
}

/** A package without a mistake, edited. */
export function packageWith({
  edits,
  more = {},
}: Pick<LintCase, 'edits' | 'more'>): Map<string, string> {
  const texts = { operator: OPERATOR, params: PARAMS, template: TEMPLATE };
  for (const [file, from, to] of edits) {
    if (!texts[file].includes(from)) throw new Error(`${file} has no ${from}`);
    texts[file] = texts[file].replace(from, to);
  }
  return new Map([
    ['operator.yaml', texts.operator],
    ['params.yaml', texts.params],
    ['templates/brokers.yaml', texts.template],
    ...Object.entries(more),
  ]);
}

/** All findings, those of rendering and of Kubernetes 1.36 included, as `id file:line:column`. */
export function lint(files: ReadonlyMap<string, string>): readonly string[] {
  return findings(files).map(({ id, file, line, column }) => `${id} ${file}:${line}:${column}`);
}

/** The same as they are. */
export function findings(files: ReadonlyMap<string, string>): readonly Problem[] {
  const reading = readPackage(files);
  const sources = { now: () => new Date(0), random: () => 0 };
  const questions = reading.source ? defaultQuestions(reading.source) : [];
  const renderings = new Map(
    questions.map(({ name, text, variables }) => [
      name,
      renderTemplate(name, text, variables, sources),
    ]),
  );
  return lintPackage(reading, { targetMinor: 36, renderings });
}

const MORE_TASKS = '\nplans:';
export const task = (yaml: string): Edit => ['operator', MORE_TASKS, `\n  - ${yaml}${MORE_TASKS}`];
export const used = (name: string): Edit => ['operator', '[brokers]\n', `[brokers, ${name}]\n`];
export const plan = (yaml: string): Edit => ['operator', '\n  deploy:', `\n  ${yaml}\n  deploy:`];
export const param = (yaml: string): Edit => [
  'params',
  'parameters:\n',
  `parameters:\n  - ${yaml}\n`,
];
export const uses = (text: string): Edit => [
  'template',
  '\ndata:\n',
  `\ndata:\n  more: "${text}"\n`,
];
