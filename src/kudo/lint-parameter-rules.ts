import { error, warning } from './lint-rule.ts';

/** Findings about params.yaml and the templates. */
export const PARAMETER_RULES = {
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
    'a template uses a pipe key that no Pipe task of a plan makes: the plan fails',
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
} as const;
