import { parseYamlDocuments } from '../lib/go-yaml.ts';
import type { Problem } from '../model/problem.ts';
import { finding, type PackagePlace } from './lint-findings.ts';
import { templatePlace, viewPackage, type PackageView } from './lint-package-view.ts';
import type { PackageSource } from './package-file.ts';
import { effectiveParameters } from './parameter-values.ts';
import type { Rendering, RenderQuestion } from './render-template.ts';

/** What to render to see whether the templates do with the parameters' defaults. */
export function defaultQuestions(source: PackageSource): RenderQuestion[] {
  const view = viewPackage(source);
  const params = effectiveParameters(view.version, {});
  if (!params.ok) return [];
  const { name, appVersion, operatorVersion } = source.operator;
  const variables = {
    OperatorName: name,
    Name: name,
    Namespace: 'default',
    AppVersion: appVersion,
    OperatorVersion: operatorVersion,
    PlanName: 'deploy',
    PhaseName: 'phase',
    StepName: 'step',
    Params: params.values,
    Pipes: Object.fromEntries([...view.pipeKeys].map((key) => [key, key.toLowerCase()])),
  };
  return Object.entries(source.templates).map(([template, text]) => ({
    name: template,
    text,
    variables,
  }));
}

/** What is wrong with the answers to {@link defaultQuestions}, by the templates' names. */
export function lintRendered(
  view: PackageView,
  renderings: ReadonlyMap<string, Rendering>,
): Problem[] {
  const { source } = view;
  return [...renderings].flatMap(([name, rendering]) => {
    if (rendering.ok) return textFindings(name, rendering.text, view);
    const { line, column, message } = rendering;
    return [finding('template-render', { ...templatePlace(source, name), line, column }, message)];
  });
}

function textFindings(name: string, text: string, view: PackageView): Problem[] {
  const { documents, errors } = parseYamlDocuments(text, { duplicateKeys: 'last' });
  const isParameterFile = view.tasks.some(({ spec }) => spec.parameterFile === name);
  const id = isParameterFile ? 'parameter-file' : 'template-object';
  const [error] = errors;
  if (error) {
    const message = `with the defaults, template ${name} is not YAML: line ${error.line}: ${error.message}`;
    return [finding(id, placeOfRendered(name, text, error.line, view), message)];
  }
  const whyNot = isParameterFile ? whyNoParameters : whyNoObject;
  return documents.flatMap((document) => {
    const why = whyNot(document.value);
    if (why === undefined) return [];
    const { line } = document.positionOf([]);
    const message = `with the defaults, line ${line} of template ${name} ${why}`;
    return [finding(id, placeOfRendered(name, text, line, view), message)];
  });
}

function whyNoParameters(value: unknown): string | undefined {
  return value === null || isMapping(value) ? undefined : 'begins no mapping of parameters';
}

function whyNoObject(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (!isMapping(value)) return 'begins no Kubernetes object';
  const missing = ['apiVersion', 'kind'].find(
    (field) => typeof value[field] !== 'string' || value[field] === '',
  );
  return missing === undefined ? undefined : `begins an object without ${missing}`;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The place in the template that most likely made a line of its text: the nearest line at or above
 * it that stands in the template exactly once.
 */
function placeOfRendered(
  name: string,
  rendered: string,
  line: number,
  { source }: PackageView,
): PackagePlace {
  const start = templatePlace(source, name);
  const lines = (source.templates[name] ?? '').split('\n').map((text) => text.trim());
  const above = rendered.split('\n').slice(0, line).toReversed();
  for (const text of above.map((candidate) => candidate.trim())) {
    const first = text === '' ? -1 : lines.indexOf(text);
    if (first >= 0 && lines.lastIndexOf(text) === first) return { ...start, line: first + 1 };
  }
  return start;
}
