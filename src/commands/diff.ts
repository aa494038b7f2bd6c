import { Command, Option } from 'commander';
import { Failure } from '../lib/failure.ts';
import { readSettings } from '../reconcile/sync-settings.ts';
import type { CommandContext } from './command-context.ts';
import { diffReport, diffText, errorsOf, hasDifferences } from './diff-text.ts';
import { readSync } from './named-sync.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { collect, isStructured, outputOption, structured, withExamples } from './output.ts';
import { type ClusterPlan, planAgainstCluster } from './plan-against-cluster.ts';
import { printFailure } from './print-failure.ts';
import { readWorkingCopyState } from './read-working-copy-state.ts';
import { stylesFor } from './styles.ts';

/** How a working copy is to be read: as a Sync would, or by paths and a namespace. */
export interface WorkingCopyOptions extends NamespacedOptions {
  readonly sync?: string;
  readonly path?: readonly string[];
}

interface DiffOptions extends WorkingCopyOptions {
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops diff`: what a rollout of a working copy would change; exits with 0 for nothing, 1 for something, 2 for trouble. */
export function diffCommand(context: CommandContext): Command {
  const command = withWorkingCopyOptions(
    new Command('diff').description(
      'show what a rollout of a working copy would change in the cluster, in order; exits with 0 when nothing, 1 when something, 2 when it cannot be said or cannot be done',
    ),
  )
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (folder: string, options: DiffOptions) => {
      await diff(folder, options, context);
    });
  return withExamples(command, [
    [
      'As the Sync shop/fleet would read the working copy that you are in',
      'diff --sync shop/fleet',
    ],
    ['Without a Sync', 'diff ~/fleet --path operators --path shop -n shop'],
    ['For a program', 'diff --sync shop/fleet -o json'],
  ]);
}

/** Adds the folder and the options by which it is read. */
export function withWorkingCopyOptions(command: Command): Command {
  return withClusterOptions(command)
    .argument('[folder]', 'the working copy, at the root of its repository', '.')
    .addOption(new Option('--sync <namespace/name>', 'read it as this Sync does').conflicts('path'))
    .option(
      '--path <path>',
      'folder or file in it, as in spec.paths of a Sync (repeatable)',
      collect,
    )
    .option('-n, --namespace <name>', 'namespace of objects that name none, and of the Sync');
}

/** Reads the working copy and compares it with the cluster. */
export async function planWorkingCopy(
  folder: string,
  options: WorkingCopyOptions,
  context: CommandContext,
): Promise<ClusterPlan> {
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const sync =
    options.sync === undefined
      ? undefined
      : readSettings(await readSync(options.sync, cluster, scope));
  const paths = sync?.paths ?? options.path ?? ['.'];
  const namespace = sync?.defaultNamespace ?? cluster.namespace;
  const { desired } = await readWorkingCopyState(folder, { paths, namespace });
  const against = { client: cluster.client, namespace, syncUid: sync?.uid };
  return planAgainstCluster(desired, against, scope);
}

async function diff(folder: string, options: DiffOptions, context: CommandContext): Promise<void> {
  try {
    const plan = await planWorkingCopy(folder, options, context);
    const { output } = options;
    context.out(
      isStructured(output)
        ? structured(diffReport(plan), output)
        : diffText(plan, folder, stylesFor(context)),
    );
    if (errorsOf(plan).length > 0) context.exit(2);
    else if (hasDifferences(plan)) context.exit(1);
  } catch (thrown) {
    context.scope.signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    printFailure(thrown, context);
    context.exit(2);
  }
}
