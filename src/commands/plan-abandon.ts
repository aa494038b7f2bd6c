import { Command } from 'commander';
import { abandonPatch } from '../act/abandon-patch.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { INSTANCES, pathOf } from '../cluster/resources.ts';
import { runningPlan } from '../kudo/plan-status.ts';
import { Failure } from '../lib/failure.ts';
import { keyOf } from '../model/kube-object.ts';
import { FIELD_MANAGER } from '../model/names.ts';
import type { CommandContext } from './command-context.ts';
import { readInstance } from './named-instance.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { withExamples } from './output.ts';

interface AbandonOptions extends NamespacedOptions {
  readonly uid?: string;
}

/** `kudo-gitops plan abandon`: gives up the plan that an Instance runs, so that it takes changes again. */
export function planAbandonCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('abandon').description(
      'give up the plan that runs on an Instance and never ends: KUDO stops it where it is, its rollout fails, and the Instance takes changes again',
    ),
  )
    .argument('<instance>', 'name, or <namespace>/<name>')
    .option(
      '-n, --namespace <name>',
      "namespace of the Instance; the kubeconfig context's when absent",
    )
    .option('--uid <uid>', 'only if this very run is still under way')
    .action(async (name: string, options: AbandonOptions) => {
      await abandon(name, options, context);
    });
  return withExamples(command, [
    ['Give up a plan that hangs', 'plan abandon orders -n shop'],
    ['Afterwards, to run it again', 'plan retry orders -n shop'],
  ]);
}

async function abandon(
  name: string,
  options: AbandonOptions,
  context: CommandContext,
): Promise<void> {
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const { client } = cluster;
  const instance = await readInstance(name, cluster, scope);
  const key = keyOf(instance);
  const path = pathOf(INSTANCES, key);
  const running = runningPlan(instance);
  if (!running) throw new Failure('missing', `no plan runs on ${key}`);
  checkRun(running, options, key);
  const body = abandonPatch(instance, running.uid, 'kudo-gitops plan abandon');
  try {
    await client.patch(path, { type: 'json', body, fieldManager: FIELD_MANAGER }, scope);
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.code !== 422) throw thrown;
    throw new Failure('conflict', `plan ${running.plan} of ${key} has just ended, or begun anew`, {
      hint: 'look again: kudo-gitops get instances',
    });
  }
  context.out(`${key}: plan ${running.plan} (${running.uid}) is given up\n`);
}

function checkRun(
  { plan, uid }: { readonly plan: string; readonly uid: string },
  wanted: AbandonOptions,
  key: string,
): void {
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    throw new Failure('conflict', `${key} runs plan ${plan} as ${uid}, not as ${wanted.uid}`);
  }
  if (plan !== 'cleanup') return;
  throw new Failure('invalid', `${key} is being deleted: its plan cleanup cannot be given up`, {
    hint: 'KUDO starts it again; only taking its finalizer away ends it, which leaves behind what it would clean up',
  });
}
