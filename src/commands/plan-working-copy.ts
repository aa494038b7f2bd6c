import { type Command, Option } from 'commander';
import { Failure } from '../lib/failure.ts';
import { readSettings, type SyncSettings } from '../reconcile/sync-settings.ts';
import type { CommandContext } from './command-context.ts';
import {
  packageHostOption,
  packageLoading,
  type PackageHostOptions,
  remoteOfSync,
} from './load-packages.ts';
import { readSync } from './named-sync.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { collect } from './output.ts';
import { type ClusterPlan, planAgainstCluster } from './plan-against-cluster.ts';
import { readWorkingCopyState } from './read-working-copy-state.ts';

/** How a working copy is to be read: as a Sync would, or by paths and a namespace. */
export interface WorkingCopyOptions extends NamespacedOptions, PackageHostOptions {
  readonly sync?: string;
  readonly path?: readonly string[];
}

/** Adds the folder and the options by which it is read. */
export function withWorkingCopyOptions(command: Command): Command {
  return withClusterOptions(command)
    .argument('[folder]', 'the working copy, at the root of its repository', '.')
    .addOption(new Option('--sync <namespace/name>', 'read it as this Sync does'))
    .option(
      '--path <path>',
      'folder or file in it, as in spec.paths of a Sync (repeatable)',
      collect,
    )
    .addOption(packageHostOption())
    .option('-n, --namespace <name>', 'namespace of objects that name none, and of the Sync');
}

/** What a rollout of a working copy would do, and who would carry it out. */
export interface WorkingCopyPlan {
  readonly plan: ClusterPlan;
  /** Undefined when the working copy was read without one. */
  readonly sync: SyncSettings | undefined;
  /** Namespace of objects that name none. */
  readonly namespace: string;
}

/** Reads the working copy and compares it with the cluster. */
export async function planWorkingCopy(
  folder: string,
  options: WorkingCopyOptions,
  context: CommandContext,
): Promise<WorkingCopyPlan> {
  if (options.sync !== undefined && options.path !== undefined) {
    const hint = 'a Sync says itself which paths it reads: leave one of the two out';
    throw new Failure('invalid', '--sync and --path cannot be given together', { hint });
  }
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const sync =
    options.sync === undefined
      ? undefined
      : readSettings(await readSync(options.sync, cluster, scope));
  const paths = sync?.paths ?? options.path ?? ['.'];
  const namespace = sync?.defaultNamespace ?? cluster.namespace;
  const packages = packageLoading(options, context, sync && remoteOfSync(sync, cluster.client));
  const { desired } = await readWorkingCopyState(folder, { paths, namespace, packages }, scope);
  const against = { client: cluster.client, namespace, sync };
  return { plan: await planAgainstCluster(desired, against, scope), sync, namespace };
}
