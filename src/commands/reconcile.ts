import { Command } from 'commander';
import { pathOf, SYNCS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import { keyOf } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import { isSuspended, type Sync } from '../model/sync.ts';
import type { CommandContext } from './command-context.ts';
import { followSync, requireVerdict, timeoutOf } from './follow-sync.ts';
import { readSync } from './named-sync.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { withExamples } from './output.ts';

interface ReconcileOptions extends NamespacedOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}

/** `kudo-gitops reconcile`: asks the service to look at a Sync's repository now. */
export function reconcileCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('reconcile').description(
      'ask for a look at the repository of a Sync now; with --wait follow it to the verdict',
    ),
  )
    .argument('<sync>', '<name>, sync/<name> or <namespace>/<name>')
    .option('-n, --namespace <name>', "namespace of the Sync; the kubeconfig context's when absent")
    .option('--wait', 'wait for the verdict and show how it goes; exits with 1 when it fails')
    .option('--timeout <duration>', 'longest wait, such as 90s or 1h', '5m')
    .action(async (name: string, options: ReconcileOptions) => {
      await reconcile(name, options, context);
    });
  return withExamples(command, [
    ['Now, not at the next poll', 'reconcile fleet -n shop'],
    ['And see what comes of it', 'reconcile shop/fleet --wait'],
  ]);
}

async function reconcile(
  name: string,
  options: ReconcileOptions,
  context: CommandContext,
): Promise<void> {
  const timeoutMs = timeoutOf(options.timeout);
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const sync = await readSync(name, cluster, scope);
  const key = keyOf(sync);
  if (isSuspended(sync)) {
    const hint = `kudo-gitops resume ${key}`;
    throw new Failure('invalid', `sync/${key} is suspended: nothing looks at it`, { hint });
  }
  const requestedAt = new Date(scope.clock.now()).toISOString();
  const body = { metadata: { annotations: { [ANNOTATION.requestedAt]: requestedAt } } };
  const patch = { type: 'merge' as const, body, fieldManager: FIELD_MANAGER };
  const asked = await cluster.client.patch<Sync>(pathOf(SYNCS, key), patch, scope);
  context.out(`sync/${key}: a look was asked for\n`);
  if (options.wait !== true) return;
  const goal = { kind: 'request', requestedAt } as const;
  const verdict = await followSync({ sync: asked, goal, timeoutMs }, cluster.client, context);
  requireVerdict(verdict, `sync/${key}`, options.timeout, context);
}
