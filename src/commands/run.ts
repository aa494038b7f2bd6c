import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { KubeClient } from '../cluster/kube-client.ts';
import { acquireLease, type HeldLease } from '../cluster/leader-lease.ts';
import { startWeb } from '../web/start-web.ts';
import { startStandby } from '../web/start-standby.ts';
import { untilStopped, withSignal } from '../lib/scope.ts';
import { parseDuration } from '../model/duration.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import type { CommandContext } from './command-context.ts';
import { keepHeapSmall } from './keep-heap-small.ts';
import { objectKey } from './object-key.ts';
import { collect } from './output.ts';
import { openCluster } from './open-cluster.ts';
import { readForgeSecret, readSettings } from '../reconcile/sync-settings.ts';
import type { WebWorld } from '../web/web-world.ts';
import type { NativeChoice } from '../source/open-transport.ts';
import { runService, type RunningService } from './run-service.ts';

interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly clusterName: string;
  readonly publicUrl?: string;
  readonly listen: string;
  readonly mirrors?: string;
  readonly git: NativeChoice;
  readonly packageHost?: readonly string[];
  readonly lease?: ObjectKey;
  readonly leaseDuration: number;
}

/** `kudo-gitops run`: the service itself. */
export function runCommand(context: CommandContext): Command {
  return new Command('run')
    .description('keep the cluster as Git says, until stopped (the service)')
    .option('--kubeconfig <file>', 'kubeconfig; in a Pod its service account is used')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster-name <name>', 'name of this cluster in commit statuses', 'default')
    .option('--public-url <url>', 'where people reach the pages; makes the links of statuses')
    .option(
      '--listen <host:port>',
      'where pages, webhooks, health and metrics answer',
      '127.0.0.1:8080',
    )
    .option('--mirrors <folder>', 'where Git mirrors are kept (may be thrown away)')
    .addOption(
      new Option('--git <when>', 'when the program git speaks http; ssh it speaks always')
        .choices(['auto', 'always', 'never'])
        .default('auto', 'auto: for large histories'),
    )
    .option(
      '--package-host <host>',
      'host (or host:port) on a private network that Packages in Git may name (repeatable)',
      collect,
    )
    .option(
      '--lease <namespace/name>',
      'work only while this Lease is held, so that a second service may stand by',
      objectKey,
    )
    .addOption(
      new Option(
        '--lease-duration <duration>',
        'how long a service that says nothing is waited for',
      )
        .argParser(leaseMs)
        .default(15_000, '15s'),
    )
    .action((options: RunOptions) => run(options, context));
}

async function run(options: RunOptions, context: CommandContext): Promise<void> {
  keepHeapSmall();
  const { client } = await openCluster(options, context);
  context.scope.log.info('starting', { version: context.version, server: client.server });
  const lease = await leadership(options, client, context);
  await lead(options, client, {
    ...context,
    scope: lease ? withSignal(context.scope, lease.signal) : context.scope,
  });
  await lease?.release();
  lease?.signal.throwIfAborted();
}

/** Stands by until the Lease is held; undefined where none is asked for. */
async function leadership(
  { lease: key, leaseDuration: durationMs, listen }: RunOptions,
  client: KubeClient,
  { scope, env }: CommandContext,
): Promise<HeldLease | undefined> {
  if (key === undefined) return undefined;
  const identity = `${env['HOSTNAME'] ?? 'kudo-gitops'}_${randomUUID()}`;
  const standby = await startStandby(listen);
  try {
    return await acquireLease({ key, identity, durationMs }, client, scope);
  } finally {
    await standby.close();
  }
}

function leaseMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1_000) return ms;
  throw new InvalidArgumentError('write a duration of a second or more, such as 15s.');
}

async function lead(
  options: RunOptions,
  client: KubeClient,
  context: CommandContext,
): Promise<void> {
  const { scope, programFolder } = context;
  const running = await runService(
    {
      clusterName: options.clusterName,
      publicUrl: options.publicUrl,
      mirrors: options.mirrors,
      packageHosts: options.packageHost ?? [],
      programFolder,
      env: context.env,
      native: options.git,
    },
    client,
    scope,
  );
  const web = await startWeb(options.listen, webWorld(running), scope);
  scope.log.info('listening', { url: web.url });
  await untilStopped(scope);
  await web.close();
  await running.close();
  scope.log.info('stopped');
}

function webWorld({ service, context }: RunningService): WebWorld {
  return {
    caches: context.view.caches,
    lookNow: (sync) => {
      service.lookNow(sync);
    },
    queueDepth: () => service.depth,
    webhookSecret: async (sync, scope) => {
      const secret = await readForgeSecret(readSettings(sync), context.client, scope);
      return secret?.webhookSecret;
    },
  };
}
