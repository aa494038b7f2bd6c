import { error, warning } from './lint-rule.ts';

/** Findings about the files of a package, operator.yaml, plans and tasks. */
export const OPERATOR_RULES = {
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
    'lint',
    'the parameter of a Toggle task may hold text that is not a boolean, with which its plan fails',
    'give the parameter type: boolean and a default',
  ),
} as const;
