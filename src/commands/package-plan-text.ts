import { parseManifests } from '../engine/parse-manifests.ts';
import { pipesOf } from '../engine/plan-variables.ts';
import type { RenderTemplate } from '../engine/task-context.ts';
import { parseBoolError } from '../kudo/go-numbers.ts';
import { childInstanceName } from '../kudo/object-names.ts';
import type { OperatorVersion, Plan, Task } from '../kudo/objects.ts';
import { effectiveParameters } from '../kudo/parameter-values.ts';
import type { TemplateVariables } from '../kudo/render-template.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import { toGoYaml } from '../lib/go-yaml-emit.ts';
import type { ParameterValues } from './package-parameters.ts';

/** An Instance that nobody has created, and the plan of it that is asked for. */
export interface PlanQuestion {
  readonly version: OperatorVersion;
  readonly parameters: ParameterValues;
  readonly plan: string;
  readonly instance: string;
  readonly namespace: string;
}

/**
 * The objects of a plan in the order in which it would apply them, as YAML with a comment for each
 * task. Objects are as the templates make them, without what KUDO adds (namespace, labels, owner).
 *
 * @throws {Failure} `invalid` when there is no such plan, or a template of it does not render
 */
export async function planText(question: PlanQuestion, render: RenderTemplate): Promise<string> {
  const { version, instance, plan: planName, parameters } = question;
  const plan = findPlan(question);
  const params = effectiveParameters(version, { spec: { parameters } });
  if (!params.ok) throw new Failure('invalid', params.message);
  const pipes = pipesOf(instance, planName, plan, version);
  if (!pipes.ok) throw new Failure('invalid', `plan ${planName}: ${pipes.reason}`);
  const variables = { ...instanceVariables(question), Params: params.values, Pipes: pipes.names };
  const place = { render, question, params: params.values, variables };
  const parts: string[] = [];
  for (const phase of plan.phases ?? [])
    for (const step of phase.steps ?? [])
      for (const task of step.tasks ?? [])
        parts.push(await taskText(task, { ...place, phase: phase.name, step: step.name }));
  return parts.join('');
}

function instanceVariables({
  version,
  instance,
  namespace,
  plan,
}: PlanQuestion): TemplateVariables {
  const { operator, version: number = '', appVersion = '' } = version.spec ?? {};
  return {
    OperatorName: operator?.name ?? '',
    Name: instance,
    Namespace: namespace,
    AppVersion: appVersion,
    OperatorVersion: number,
    PlanName: plan,
  };
}

function findPlan({ version, plan }: PlanQuestion): Plan {
  const plans = version.spec?.plans ?? {};
  const found = Object.hasOwn(plans, plan) ? plans[plan] : undefined;
  if (found) return found;
  throw new Failure('invalid', `${version.metadata.name} has no plan ${plan}`, {
    hint: `its plans are ${Object.keys(plans).join(', ')}`,
  });
}

interface TaskPlace {
  readonly render: RenderTemplate;
  readonly question: PlanQuestion;
  readonly params: Readonly<Record<string, unknown>>;
  readonly variables: TemplateVariables;
  readonly phase: string;
  readonly step: string;
}

async function taskText(name: string, place: TaskPlace): Promise<string> {
  const { version, plan } = place.question;
  const task = version.spec?.tasks?.find((candidate) => candidate.name === name);
  if (!task) throw new Failure('invalid', `plan ${plan} uses task ${name}, which is not defined`);
  const { verb, templates } = actionOf(task, place);
  const head = `# plan ${plan} / phase ${place.phase} / step ${place.step} / task ${name}: ${verb}\n`;
  const objects: string[] = [];
  for (const template of templates) objects.push(...(await objectTexts(template, place)));
  if (task.kind === 'KudoOperator') objects.push(await childText(task, place));
  return [head, ...objects.map((text) => `---\n${text}`)].join('');
}

/** What a task does, in a word, and the templates whose objects it does it with. */
function actionOf(
  { kind, spec }: Task,
  { params }: TaskPlace,
): { readonly verb: string; readonly templates: readonly string[] } {
  const resources = [...new Set(spec.resources ?? [])];
  switch (kind) {
    case 'Apply':
      return { verb: 'apply', templates: resources };
    case 'Delete':
      return { verb: 'delete', templates: resources };
    case 'Toggle':
      return { verb: toggleVerb(spec.parameter ?? '', params), templates: resources };
    case 'Pipe':
      return { verb: `pipe files out of this pod`, templates: [spec.pod ?? ''] };
    case 'KudoOperator':
      return { verb: `apply an Instance of ${spec.package ?? ''}`, templates: [] };
    default:
      return { verb: dummyVerb(spec), templates: [] };
  }
}

function toggleVerb(parameter: string, params: TaskPlace['params']): string {
  const value = params[parameter];
  if (typeof value !== 'string' || parseBoolError(value) !== undefined)
    return `fail, because ${parameter} is not a boolean`;
  const isOn = /^(1|t)/i.test(value);
  return `${isOn ? 'apply' : 'delete'}, because ${parameter} is ${value}`;
}

function dummyVerb({ wantErr, fatal, done }: Task['spec']): string {
  if (wantErr === true) return fatal === true ? 'fail' : 'fail again and again';
  return done === true ? 'nothing' : 'nothing, and never finish';
}

async function objectTexts(template: string, place: TaskPlace): Promise<readonly string[]> {
  const text = await expand(template, place);
  try {
    return parseManifests(template, text).map(toGoYaml);
  } catch (thrown) {
    throw new Failure('invalid', messageOf(thrown), {
      hint: 'line and column are those of the rendered text',
    });
  }
}

async function expand(name: string, place: TaskPlace): Promise<string> {
  const templates = place.question.version.spec?.templates ?? {};
  const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (template === undefined) throw new Failure('invalid', `there is no template ${name}`);
  const variables = { ...place.variables, PhaseName: place.phase, StepName: place.step };
  const rendering = await place.render(name, template, variables);
  if (rendering.ok) return rendering.text;
  throw new Failure('invalid', rendering.message, { hint: 'see "kudo-gitops package lint"' });
}

/** The Instance that a KudoOperator task makes; a package that is a path is shown as it is written. */
async function childText({ spec }: Task, place: TaskPlace): Promise<string> {
  const file = spec.parameterFile ?? '';
  const parameters = file === '' ? '' : await expand(file, place);
  const names = [spec.package, spec.appVersion, spec.operatorVersion].filter(Boolean);
  const head = toGoYaml({
    apiVersion: 'kudo.dev/v1beta1',
    kind: 'Instance',
    metadata: { name: childInstanceName(place.question.instance, spec) },
    spec: { operatorVersion: { name: names.join('-') } },
  });
  const lines = parameters.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return head;
  return `${head}  parameters:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}
