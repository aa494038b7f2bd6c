import { Command } from 'commander';
import { ROLLOUTS, SYNCS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { accessCheck, leaseCheck } from './check-access.ts';
import { clusterChecks } from './check-cluster.ts';
import { type Check, checkText } from './check-list.ts';
import { syncChecks } from './check-sync.ts';
import type { CommandContext } from './command-context.ts';
import { objectKey } from './object-key.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  type OpenCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { isStructured, outputOption, structured, withExamples } from './output.ts';
import { stylesFor } from './styles.ts';
import { withGitSource } from './with-git-source.ts';

interface CheckOptions extends NamespacedOptions {
  readonly as?: ObjectKey;
  readonly lease?: ObjectKey;
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops check`: whether this cluster is ready, and every Sync's repository and forge reachable. */
export function checkCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('check').description(
      'say whether the cluster is ready: versions, engine, webhook, access, Lease, clocks, and each Sync’s repository, forge, statuses and links; exits with 1 when something is not',
    ),
  )
    .option('-n, --namespace <name>', 'only the Syncs of this namespace')
    .option(
      '--as <namespace/name>',
      'ask for the access of this service account, not for that of the user',
      objectKey,
    )
    .option(
      '--lease <namespace/name>',
      'the Lease that the service holds (default: that of deploy/kustomize)',
      objectKey,
    )
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (options: CheckOptions) => {
      await check(options, context);
    });
  return withExamples(command, [
    ['Before the installation, and after it', 'check'],
    ['What the service itself may do', 'check --as kudo-gitops/kudo-gitops'],
  ]);
}

async function check(options: CheckOptions, context: CommandContext): Promise<void> {
  const serviceAccount = options.as;
  const cluster = await openCluster(options, context);
  const { client } = cluster;
  const checks = [
    ...(await clusterChecks(client, context.scope)),
    await accessCheck(serviceAccount, client, context.scope),
    await leaseCheck(options.lease, serviceAccount, client, context.scope),
    ...(await checksOfSyncs(options.namespace, cluster, context)),
  ];
  const { output } = options;
  context.out(
    isStructured(output) ? structured(checks, output) : checkText(checks, stylesFor(context)),
  );
  if (checks.some(({ state }) => state === 'bad')) context.exit(1);
}

async function checksOfSyncs(
  namespace: string | undefined,
  { client }: OpenCluster,
  context: CommandContext,
): Promise<readonly Check[]> {
  const path = { ...SYNCS, namespace };
  const syncs = await listAll<Sync>(client, path, context.scope).catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.kind === 'missing') return [];
    throw thrown;
  });
  if (syncs.length === 0) return [];
  const rollouts = await listAll<Rollout>(client, { ...ROLLOUTS, namespace }, context.scope);
  const sorted = syncs.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return withGitSource(context, async (source) => {
    const checked = { client, source, rollouts, env: context.env };
    const found: Check[] = [];
    for (const sync of sorted) {
      found.push(...(await syncChecks(sync, checked, context.scope)));
    }
    return found;
  });
}
