import type { Problem, Severity } from '../model/problem.ts';

/** One kind of finding about an operator package. */
export interface FindingRule {
  readonly severity: Severity;
  /** True when a Sync, a preview and `validate` name it too: it concerns what runs, not how a package is written. */
  readonly runs: boolean;
  /** True when `kubectl kudo package verify` refuses or warns as well. */
  readonly kudo: boolean;
  /** What is wrong, for the list in docs/packages.md. */
  readonly says: string;
  /** What to do about it. */
  readonly cure: string;
}

/** Everything that can be found, by its stable id; docs/packages.md is made of this. */
export const FINDINGS = {
  'package-missing-file': error(
    'run kudo',
    'operator.yaml or params.yaml is missing',
    'add the file; params.yaml may say just "parameters: []"',
  ),
  'package-empty-file': error(
    'run kudo',
    'operator.yaml is empty',
    'write name, operatorVersion, tasks and plans',
  ),
  'package-yaml': error('run kudo', 'a file is not YAML', 'correct the YAML at this place'),
  'package-type': error(
    'run kudo',
    'a field has a value of another type',
    'write the type that the message asks for; quote texts that look like numbers',
  ),
  'package-unknown-field': warning(
    'run',
    'a field is not known; KUDO overlooks it',
    'correct the name or remove the field',
  ),
  'package-repeated-key': warning(
    'run',
    'a key is written twice; KUDO takes the last one without a word',
    'remove one of the two',
  ),
  'package-api-version': error(
    'run kudo',
    'the apiVersion of a file is not kudo.dev/v1beta1',
    'write apiVersion: kudo.dev/v1beta1',
  ),
  'package-name': error(
    'run',
    'operator.yaml has no name or no operatorVersion',
    'write both; together they name the OperatorVersion',
  ),
  'package-dependency': error(
    'run',
    'a package that a KudoOperator task depends on is not there, or packages depend on each other in a circle',
    'correct the path in spec.package; it begins with ./ or ../ and ends at a folder with operator.yaml',
  ),
  'operator-name': error(
    'lint',
    'name and versions do not make a name that Kubernetes takes',
    'use lower-case letters, digits, "-" and "."; begin and end with a letter or digit',
  ),
  'version-missing': error(
    'lint kudo',
    'kubernetesVersion is missing',
    'write kubernetesVersion: the oldest Kubernetes that the package is made for, such as 1.22.0',
  ),
  'version-not-semver': error(
    'lint kudo',
    'a version is not a semantic version',
    'write MAJOR.MINOR.PATCH, such as 1.4.0, in quotes when it has fewer than two dots',
  ),
  'plan-deploy-missing': error(
    'run kudo',
    'there is no plan deploy, without which KUDO creates no Instance',
    'add a plan named deploy',
  ),
  'plan-empty': warning(
    'lint',
    'a plan, phase or step has nothing in it',
    'fill it or remove it; an empty plan ends at once and reports success',
  ),
  'plan-does-nothing': warning(
    'run',
    'all tasks of a plan are Dummy tasks that succeed: it reports success and changes nothing',
    'let it fail (wantErr: true, fatal: true) if it is to forbid a change, or give it real tasks',
  ),
  'plan-never-ends': warning(
    'run',
    'a Dummy task of a plan never finishes (done is not true) or fails for ever (wantErr without fatal): the Instance then takes no other change',
    'write done: true; to forbid a change write wantErr: true and fatal: true, or make the parameter immutable',
  ),
  'plan-repeated-name': error(
    'run',
    'two phases of a plan or two steps of a phase have one name: KUDO runs only the first',
    'give each a name of its own',
  ),
  'task-kind': error(
    'run kudo',
    'a task is of an unknown kind',
    'use Apply, Delete, Toggle, Pipe, KudoOperator or Dummy',
  ),
  'task-template': error(
    'run kudo',
    'a task uses a template that is not in templates/',
    'correct the name; it is the path below templates/',
  ),
  'task-incomplete': error(
    'run kudo',
    'a Toggle task names no parameter, or a Pipe task no files',
    'complete the spec of the task',
  ),
  'task-no-resources': error(
    'run kudo',
    'an Apply, Delete or Toggle task has no resources: its plan fails',
    'list templates under spec.resources, or use a Dummy task with done: true',
  ),
  'task-no-package': error(
    'run kudo',
    'a KudoOperator task names no package',
    'write spec.package: a folder such as ../zookeeper, or the name of an operator',
  ),
  'task-pipe-file': error(
    'run kudo',
    'a file of a Pipe task is not described as KUDO wants it: its plan fails',
    'give each file one of file and envFile, kind Secret or ConfigMap, and a key of letters, digits, "_" and "-"',
  ),
  'task-pipe-key': error(
    'run kudo',
    'two files that a plan pipes have one key: the plan fails',
    'give each a key of its own',
  ),
  'task-undefined': error(
    'run kudo',
    'a step names a task that is not defined: its plan fails',
    'define the task or correct the name',
  ),
  'task-unused': warning('lint kudo', 'no plan uses a task', 'use it in a step or remove it'),
  'task-repeated-name': error(
    'run',
    'two tasks have one name: KUDO takes the first for both',
    'give each a name of its own',
  ),
  'task-field-ignored': warning(
    'lint',
    'a task has a field that its kind does not read',
    'remove the field, or correct the kind',
  ),
  'toggle-not-boolean': warning(
    'run',
    'the parameter of a Toggle task may hold text that is not a boolean, with which its plan fails',
    'give the parameter type: boolean and a default',
  ),
  'trigger-plan-missing': error(
    'run kudo',
    'the trigger of a parameter is not a plan: KUDO refuses every change of it',
    'add the plan or correct the trigger',
  ),
  'trigger-immutable': warning(
    'lint',
    'an immutable parameter has a trigger, which can never run',
    'remove the trigger or "immutable"',
  ),
  'parameter-name': error(
    'run kudo',
    'a parameter has no name, or one with "," or ";" in it',
    'use letters, digits and "_"',
  ),
  'parameter-name-awkward': warning(
    'lint',
    'templates cannot write the name of a parameter as .Params.NAME',
    'use letters, digits and "_"; else templates must write {{ index .Params "NAME" }}',
  ),
  'parameter-duplicate': error(
    'run kudo',
    'two parameters have names that differ at most in case',
    'rename or remove one',
  ),
  'parameter-type-unknown': warning(
    'lint',
    'KUDO does not know the type of a parameter and checks no value of it',
    'use string, integer, number, boolean, array or map',
  ),
  'parameter-default': error(
    'lint kudo',
    'the default of a parameter is refused by its own type or enum',
    'write a default of the type, or one of the enum',
  ),
  'parameter-default-text': warning(
    'run',
    'the default of a parameter, written without quotes, is stored as another text',
    'put it in quotes',
  ),
  'parameter-enum': error(
    'run kudo',
    'an enum has an empty value',
    'remove it; an optional parameter needs none to be left empty',
  ),
  'parameter-enum-empty': error(
    'lint kudo',
    'an enum allows nothing',
    'list the allowed values, or remove "enum"',
  ),
  'parameter-enum-value': error(
    'lint kudo',
    'a value of an enum is refused by the type of its parameter',
    'write values of the type',
  ),
  'parameter-immutable-open': error(
    'lint kudo',
    'an immutable parameter has no default and is not required: left out once, it can never be set',
    'give it a default or write required: true',
  ),
  'parameter-advanced-required': error(
    'lint kudo',
    'a parameter is advanced, yet every Instance must set it',
    'give it a default, or write advanced: false or required: false',
  ),
  'parameter-undefined': error(
    'run kudo',
    'a template or Toggle task uses a parameter that params.yaml does not define: the plan fails',
    'define the parameter or correct the name',
  ),
  'parameter-unused': warning(
    'lint kudo',
    'nothing uses a parameter',
    'use it in a template, give it a trigger, or remove it',
  ),
  'group-duplicate': error('lint kudo', 'two groups have one name', 'rename or remove one'),
  'group-name': error('lint kudo', 'the name of a group has a "/" in it', 'leave out the "/"'),
  'group-undefined': error(
    'lint kudo',
    'a parameter is in a group that is not defined',
    'add the group under "groups" or correct the name',
  ),
  'group-unused': warning('lint', 'no parameter is in a group', 'remove the group'),
  'template-unused': warning(
    'lint kudo',
    'no task uses a template',
    'name it in a task or remove the file',
  ),
  'template-syntax': error(
    'run kudo',
    'a template is not valid: every plan that uses it fails',
    'correct the template at this place',
  ),
  'template-variable': error(
    'run kudo',
    'a template uses a variable that KUDO does not have: the plan fails',
    'KUDO has .Name, .Namespace, .OperatorName, .OperatorVersion, .AppVersion, .PlanName, .PhaseName, .StepName, .Params and .Pipes',
  ),
  'template-pipe': error(
    'run kudo',
    'a template uses a pipe key that no Pipe task makes: the plan fails',
    'correct the key, or add it to a Pipe task',
  ),
  'template-render': error(
    'lint kudo',
    'a template does not render with the defaults',
    'give the parameters defaults with which it does, or guard the place with {{ if }}',
  ),
  'template-object': error(
    'lint kudo',
    'what a template renders to with the defaults is not YAML of Kubernetes objects',
    'see what it makes with "kudo-gitops package render", and correct the template',
  ),
  'parameter-file': error(
    'lint',
    'what a parameterFile renders to with the defaults is not a YAML mapping of parameters',
    'write NAME: value lines',
  ),
  'namespace-manifest': error(
    'lint kudo',
    'namespaceManifest is not a template with exactly one Namespace',
    'name a file below templates/ with one object of kind Namespace',
  ),
  'template-namespace': error(
    'lint kudo',
    'a template makes a Namespace, which KUDO allows in the namespaceManifest only',
    'move it to a file of its own and name that in namespaceManifest',
  ),
  'api-version-removed': error(
    'lint',
    'a template uses an API version that the target Kubernetes no longer serves: the plan fails (with --target)',
    'use the API version that replaced it',
  ),
} as const satisfies Readonly<Record<string, FindingRule>>;

export type FindingId = keyof typeof FINDINGS;

/** Where something stands in a package; the file is relative to it. */
export interface PackagePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A problem of this kind; `cure` replaces the general advice where more is known. */
export function finding(
  id: FindingId,
  place: PackagePlace,
  message: string,
  cure: string = FINDINGS[id].cure,
): Problem {
  const { file, line, column } = place;
  return { id, severity: FINDINGS[id].severity, file, line, column, message, hint: cure };
}

/** The rule of a problem; undefined for problems that are not about packages. */
export function findingRule(id: string): FindingRule | undefined {
  return Object.hasOwn(FINDINGS, id) ? FINDINGS[id as FindingId] : undefined;
}

type Scope = 'run' | 'run kudo' | 'lint' | 'lint kudo';

function error(scope: Scope, says: string, cure: string): FindingRule {
  return rule('error', scope, says, cure);
}

function warning(scope: Scope, says: string, cure: string): FindingRule {
  return rule('warning', scope, says, cure);
}

function rule(severity: Severity, scope: Scope, says: string, cure: string): FindingRule {
  return { severity, runs: scope.startsWith('run'), kudo: scope.endsWith('kudo'), says, cure };
}
