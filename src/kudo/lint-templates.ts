import { parseYamlDocuments } from '../lib/go-yaml.ts';
import type { Problem } from '../model/problem.ts';
import { templatesOf } from './convert-package.ts';
import { finding } from './lint-findings.ts';
import { operatorPlace, templatePlace, type PackageView } from './lint-package-view.ts';
import { templateUses, type TemplateUses } from './lint-template-uses.ts';
import type { PackageSource } from './package-file.ts';
import { parseTemplate } from './template-parser.ts';
import { TemplateFault } from './template-tree.ts';

/** Templates as they are written: references both ways, syntax, variables, parameters and pipes. */
export function lintTemplates(view: PackageView): Problem[] {
  const { source } = view;
  const found: Problem[] = [...manifestFindings(view), ...unusedTemplates(view)];
  const uses: TemplateUses[] = [];
  for (const [name, text] of Object.entries(source.templates)) {
    const parsed = parse(text);
    if ('fault' in parsed) {
      const message = `template ${name} is not valid: ${parsed.fault}`;
      found.push(finding('template-syntax', templatePlace(source, name, parsed.at), message));
      continue;
    }
    uses.push(parsed);
    found.push(...useFindings(name, parsed, view));
  }
  // A parameter may be used by a template that cannot be parsed.
  const isComplete = uses.length === Object.keys(source.templates).length;
  return isComplete ? [...found, ...unusedParameters(uses, view)] : found;
}

function parse(text: string): TemplateUses | { readonly fault: string; readonly at: number } {
  try {
    // Whether a function is known is found by rendering.
    return templateUses(parseTemplate(text, () => true));
  } catch (thrown) {
    if (thrown instanceof TemplateFault) return { fault: thrown.message, at: thrown.at };
    if (thrown instanceof RangeError) return { fault: 'it is nested too deeply', at: 0 };
    throw thrown;
  }
}

const VARIABLES = new Set(
  `OperatorName Name Namespace AppVersion OperatorVersion PlanName PhaseName StepName`.split(' '),
);

function useFindings(name: string, uses: TemplateUses, view: PackageView): Problem[] {
  const { source } = view;
  const parameters = new Set(view.parameters.map((parameter) => parameter.name));
  return [
    ...missing(uses.variables, VARIABLES).map(([variable, at]) => {
      const message = `template ${name} uses .${variable}, which KUDO does not have`;
      return finding('template-variable', templatePlace(source, name, at), message);
    }),
    ...missing(uses.params, parameters).map(([parameter, at]) => {
      const message = `template ${name} uses parameter ${parameter}, which is not defined`;
      return finding('parameter-undefined', templatePlace(source, name, at), message);
    }),
    ...missing(uses.pipes, view.pipeKeys).map(([key, at]) => {
      const message = `template ${name} uses .Pipes.${key}, which no Pipe task of a plan makes`;
      return finding('template-pipe', templatePlace(source, name, at), message);
    }),
  ];
}

function missing(
  uses: ReadonlyMap<string, number>,
  known: ReadonlySet<string>,
): (readonly [string, number])[] {
  return [...uses].filter(([name]) => !known.has(name));
}

function unusedParameters(
  uses: readonly TemplateUses[],
  { parameters, tasks }: PackageView,
): Problem[] {
  if (uses.some(({ usesAllParams }) => usesAllParams)) return [];
  const used = new Set(uses.flatMap(({ params }) => [...params.keys()]));
  for (const { kind, spec } of tasks) if (kind === 'Toggle') used.add(spec.parameter ?? '');
  return parameters
    .filter(({ name, trigger }) => name !== '' && trigger === '' && !used.has(name))
    .map(({ name, at }) =>
      finding('parameter-unused', at('name'), `nothing uses parameter ${name}`),
    );
}

function unusedTemplates({ source, tasks }: PackageView): Problem[] {
  const used = new Set(tasks.flatMap((task) => templatesOf(task) ?? []));
  used.add(source.operator.namespaceManifest);
  return Object.keys(source.templates)
    .filter((name) => !used.has(name))
    .map((name) =>
      finding('template-unused', templatePlace(source, name), `no task uses template ${name}`),
    );
}

/** verify_namespace.go: a Namespace may be made by the namespaceManifest only. */
function manifestFindings({ source }: PackageView): Problem[] {
  const { namespaceManifest } = source.operator;
  const found = Object.entries(source.templates).flatMap(([name, text]) => {
    const at = name === namespaceManifest ? -1 : text.search(/kind:\s*Namespace/);
    if (at < 0) return [];
    const message = `template ${name} makes a Namespace`;
    return [finding('template-namespace', templatePlace(source, name, at), message)];
  });
  const why = namespaceManifest === '' ? undefined : whyNoManifest(namespaceManifest, source);
  if (why === undefined) return found;
  const place = operatorPlace(source, ['namespaceManifest']);
  return [...found, finding('namespace-manifest', place, `${namespaceManifest} ${why}`)];
}

/** KUDO looks at it as it is written, before it is rendered. */
function whyNoManifest(name: string, { templates }: PackageSource): string | undefined {
  const text = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (text === undefined) return 'is not in templates/';
  const { documents, errors } = parseYamlDocuments(text);
  const [error] = errors;
  if (error) return `is not YAML: line ${error.line}: ${error.message}`;
  if (documents.length !== 1) return `has ${documents.length} objects`;
  const value = documents[0]?.value;
  const isNamespace =
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Namespace';
  return isNamespace ? undefined : 'is not of kind Namespace';
}
