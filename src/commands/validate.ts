import { Command } from 'commander';
import { suggestionHint } from '../desired/suggest.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import type { DesiredInstance, DesiredState } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { dependencyProblems } from '../plan/dependency-problems.ts';
import { planInstance, type PlanContext, referenceOf } from '../plan/plan-instance.ts';
import { dependencyContext } from '../reconcile/dependency-context.ts';
import type { CommandContext } from './command-context.ts';
import { packageHostOption, packageLoading, type PackageHostOptions } from './load-packages.ts';
import {
  collect,
  counted,
  isStructured,
  outputOption,
  structured,
  withExamples,
} from './output.ts';
import { offlineRuns } from './offline-runs.ts';
import { countProblems, githubNote, problemList } from './problem-lines.ts';
import { readWorkingCopyState, type WorkingCopyState } from './read-working-copy-state.ts';
import { stylesFor } from './styles.ts';

interface ValidateOptions extends PackageHostOptions {
  readonly path?: readonly string[];
  readonly namespace: string;
  readonly output: 'text' | 'github' | 'json' | 'yaml';
  readonly online?: boolean;
}

/** `kudo-gitops validate`: whether a working copy says what a Sync can carry out, without any cluster. */
export function validateCommand(context: CommandContext): Command {
  const command = new Command('validate')
    .description(
      'check the files of a working copy; needs no cluster, and no network without --online',
    )
    .argument('[folder]', 'the working copy', '.')
    .option(
      '--path <path>',
      'folder or file in it, as in spec.paths of the Sync (repeatable)',
      collect,
    )
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .option('--online', 'fetch the packages that live elsewhere, to check them and what uses them')
    .addOption(packageHostOption())
    .addOption(outputOption(['text', 'github', 'json', 'yaml']))
    .action(async (folder: string, options: ValidateOptions) => {
      await validate(folder, options, context);
    });
  return withExamples(command, [
    ['The working copy that you are in; exits with 1 when there is an error', 'validate'],
    ['What a Sync with two layers would read', 'validate . --path base --path prod -n shop'],
    ['In a GitHub or Gitea workflow: notes at the lines', 'validate -o github'],
    ['For a program', 'validate fleet -o json'],
  ]);
}

async function validate(
  folder: string,
  options: ValidateOptions,
  context: CommandContext,
): Promise<void> {
  const { output, namespace, path: paths = ['.'] } = options;
  const packages = options.online === true ? packageLoading(options, context) : undefined;
  const state = await readWorkingCopyState(folder, { paths, namespace, packages }, context.scope);
  const runs = offlineRuns(state.desired);
  const problems = [
    ...state.desired.problems,
    ...instanceProblems(state.desired),
    ...runs.problems,
  ];
  const { errors, warnings } = countProblems(problems);
  if (isStructured(output)) {
    const { instances, operatorVersions, planRuns, planSchedules } = state.desired;
    const report = {
      folder,
      paths,
      files: state.fileCount,
      instances: [...instances.keys()],
      operatorVersions: [...operatorVersions.keys()],
      planRuns: [...planRuns.values()].map(({ key, spec }) => ({ key, ...spec })),
      planSchedules: [...planSchedules.values()].map(({ key, spec }) => ({ key, ...spec })),
      errors,
      warnings,
      problems,
    };
    context.out(structured(report, output));
  } else {
    const styles = stylesFor(context);
    context.out(
      output === 'github'
        ? problems.map((problem) => githubNote(problem, folder)).join('')
        : problemList(problems, folder, styles) + runs.lines(styles),
    );
    const found = [
      ...(errors > 0 ? [styles.red(counted(errors, 'error'))] : []),
      ...(warnings > 0 ? [styles.yellow(counted(warnings, 'warning'))] : []),
    ];
    const verdict = found.length > 0 ? found.join(', ') : styles.green('no problems');
    context.out(`${summary(state)}: ${verdict}\n`);
  }
  if (errors > 0) context.exit(1);
}

function summary({ desired, fileCount }: WorkingCopyState): string {
  return [
    counted(fileCount, 'file'),
    counted(desired.instances.size, 'Instance'),
    counted(desired.operatorVersions.size, 'OperatorVersion'),
    ...[
      [desired.planRuns.size, 'PlanRun'] as const,
      [desired.planSchedules.size, 'PlanSchedule'] as const,
    ].flatMap(([count, kind]) => (count > 0 ? [counted(count, kind)] : [])),
  ].join(', ');
}

/** What KUDO would refuse when it creates the Instances, as far as the files alone can tell. */
export function instanceProblems(
  desired: DesiredState<Operator, OperatorVersion>,
): readonly Problem[] {
  const find = (namespace: string, name: string): OperatorVersion | undefined =>
    desired.operatorVersions.get(`${namespace}/${name}`)?.object;
  const context: PlanContext = {
    syncUid: undefined,
    findDesired: find,
    findObserved: () => undefined,
    knownNames: () => [],
    ownerName: () => undefined,
    driftPolicy: 'ignore',
    isFought: () => false,
  };
  const dependencies = dependencyContext(desired.instances, undefined);
  return [...desired.instances.values()].flatMap((instance) => {
    const { namespace, name } = referenceOf(instance);
    const own = find(namespace, name)
      ? planInstance(instance, undefined, context).problems
      : [missingVersion(instance, desired)];
    return [...dependencyProblems(instance, dependencies), ...own];
  });
}

/** It may be in the cluster, of which nothing is known here. */
function missingVersion(
  instance: DesiredInstance,
  { operatorVersions }: DesiredState<Operator, OperatorVersion>,
): Problem {
  const { namespace, name } = referenceOf(instance);
  const known = [...operatorVersions.values()].map(({ object }) => object.metadata.name);
  return {
    id: 'missing-operator-version',
    severity: 'warning',
    ...instance.operatorVersionPosition,
    message: `OperatorVersion ${namespace}/${name} is not in these files: the parameters of ${instance.key} are not checked`,
    hint: suggestionHint(name, known) ?? 'it must be in the cluster, or its package be added',
  };
}
