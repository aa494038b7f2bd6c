import { Command } from 'commander';
import { Failure } from '../lib/failure.ts';
import { keyOf } from '../model/kube-object.ts';
import type { CommandContext } from './command-context.ts';
import { followSync, requireVerdict, timeoutOf } from './follow-sync.ts';
import { readSync } from './named-sync.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { withExamples } from './output.ts';
import { parseGoal } from './wait-verdict.ts';

interface WaitOptions extends NamespacedOptions {
  readonly for: string;
  readonly timeout: string;
}

/** `kudo-gitops wait`: follows a Sync until it is ready, or a commit until its verdict. */
export function waitCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('wait').description(
      'wait until a Sync is ready or a commit is rolled out, and show how it goes; exits with 1 when it fails or takes too long',
    ),
  )
    .argument('<sync>', '<name>, sync/<name> or <namespace>/<name>')
    .option('-n, --namespace <name>', "namespace of the Sync; the kubeconfig context's when absent")
    .option('--for <goal>', 'ready, or revision=<commit>', 'ready')
    .option('--timeout <duration>', 'longest wait, such as 90s or 1h', '5m')
    .action(async (name: string, options: WaitOptions) => {
      await wait(name, options, context);
    });
  return withExamples(command, [
    [
      'After a push: wait for the verdict on this very commit',
      'wait sync/fleet -n shop --for=revision=$(git rev-parse HEAD)',
    ],
    ['Until the cluster is as the newest commit says', 'wait sync/fleet -n shop --timeout 10m'],
  ]);
}

async function wait(name: string, options: WaitOptions, context: CommandContext): Promise<void> {
  const goal = parseGoal(options.for);
  if (!goal) {
    const hint = 'write --for=ready or --for=revision=<commit>, at least 4 hex digits of it';
    throw new Failure('invalid', `--for=${options.for} is nothing to wait for`, { hint });
  }
  const timeoutMs = timeoutOf(options.timeout);
  const cluster = await openCluster(options, context);
  const sync = await readSync(name, cluster, context.scope);
  const verdict = await followSync({ sync, goal, timeoutMs }, cluster.client, context);
  const what = options.for === 'ready' ? 'to be ready' : options.for;
  requireVerdict(verdict, `sync/${keyOf(sync)}`, `${options.timeout} for ${what}`, context);
}
