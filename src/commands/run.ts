import { Command, Option } from 'commander';
import { startWeb } from '../web/start-web.ts';
import { untilStopped } from '../lib/scope.ts';
import type { CommandContext } from './command-context.ts';
import { keepHeapSmall } from './keep-heap-small.ts';
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
    .action((options: RunOptions) => run(options, context));
}

async function run(options: RunOptions, context: CommandContext): Promise<void> {
  const { scope, programFolder } = context;
  keepHeapSmall();
  const { client } = await openCluster(options, context);
  scope.log.info('starting', { version: context.version, server: client.server });
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
