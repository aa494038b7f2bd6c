import { Command } from 'commander';
import { pathOf, SYNCS } from '../cluster/resources.ts';
import { Failure } from '../lib/failure.ts';
import { keyOf } from '../model/kube-object.ts';
import { ANNOTATION, FIELD_MANAGER } from '../model/names.ts';
import { isSuspended, type Sync } from '../model/sync.ts';
import type { CommandContext } from './command-context.ts';
import { followSync, requireVerdict, timeoutOf } from './follow-sync.ts';
import { readSync } from './named-sync.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  type OpenCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { withExamples } from './output.ts';

interface SuspendOptions extends NamespacedOptions {
  readonly all?: boolean;
}

interface ResumeOptions extends SuspendOptions {
  readonly wait?: boolean;
  readonly timeout: string;
}

/** `kudo-gitops suspend`: nothing is looked at and nothing is written for a Sync until it is resumed. */
export function suspendCommand(context: CommandContext): Command {
  const command = syncsCommand('suspend')
    .description(
      'stop Syncs: no look at Git, no write, no preview until resumed; plans that run go on',
    )
    .action(async (names: readonly string[], options: SuspendOptions) => {
      const cluster = await openCluster(options, context);
      for (const sync of await chosen(names, options, cluster, context)) {
        await change(sync, { spec: { suspend: true } }, cluster, context);
      }
    });
  return withExamples(command, [
    ['During an incident', 'suspend fleet -n shop'],
    ['Every Sync of a namespace', 'suspend --all -n shop'],
  ]);
}

/** `kudo-gitops resume`: ends a suspension; what happened meanwhile is caught up with. */
export function resumeCommand(context: CommandContext): Command {
  const command = syncsCommand('resume')
    .description('let suspended Syncs go on; they look at their repository at once')
    .option('--wait', 'wait until each is as Git says; exits with 1 when it fails')
    .option('--timeout <duration>', 'longest wait for each, such as 90s or 1h', '5m')
    .action(async (names: readonly string[], options: ResumeOptions) => {
      await resume(names, options, context);
    });
  return withExamples(command, [
    ['After the incident', 'resume shop/fleet --wait'],
    ['Every Sync of a namespace', 'resume --all -n shop'],
  ]);
}

async function resume(
  names: readonly string[],
  options: ResumeOptions,
  context: CommandContext,
): Promise<void> {
  const timeoutMs = timeoutOf(options.timeout);
  const cluster = await openCluster(options, context);
  const requestedAt = new Date(context.scope.clock.now()).toISOString();
  // Until the look that is asked for here is over, Ready tells of what was read before.
  const annotations = { [ANNOTATION.requestedAt]: requestedAt };
  const body = { metadata: { annotations }, spec: { suspend: false } };
  const resumed: Sync[] = [];
  for (const sync of await chosen(names, options, cluster, context)) {
    resumed.push(await change(sync, body, cluster, context));
  }
  if (options.wait !== true) return;
  for (const sync of resumed) {
    const isAsked = sync.metadata.annotations?.[ANNOTATION.requestedAt] === requestedAt;
    const goal = isAsked ? ({ kind: 'request', requestedAt } as const) : READY;
    const verdict = await followSync({ sync, goal, timeoutMs }, cluster.client, context);
    requireVerdict(verdict, `sync/${keyOf(sync)}`, options.timeout, context);
  }
}

const READY = { kind: 'ready' } as const;

function syncsCommand(name: string): Command {
  return withClusterOptions(new Command(name))
    .argument('[syncs...]', '<name>, sync/<name> or <namespace>/<name>')
    .option(
      '-n, --namespace <name>',
      "namespace of the Syncs; the kubeconfig context's when absent",
    )
    .option('--all', 'every Sync of the namespace');
}

async function chosen(
  names: readonly string[],
  { all = false }: SuspendOptions,
  cluster: OpenCluster,
  { scope }: CommandContext,
): Promise<readonly Sync[]> {
  if (all === names.length > 0) {
    const hint = 'name the Syncs, or write --all for every Sync of the namespace';
    throw new Failure('invalid', all ? 'names and --all together' : 'no Sync is named', { hint });
  }
  if (all) {
    const { client, namespace } = cluster;
    const every = await listAll<Sync>(client, { ...SYNCS, namespace }, scope);
    if (every.length > 0) return every;
    const hint = 'say which namespace with -n; "kudo-gitops get syncs -A" lists all';
    throw new Failure('missing', `there are no Syncs in namespace ${namespace}`, { hint });
  }
  const found: Sync[] = [];
  for (const name of names) found.push(await readSync(name, cluster, scope));
  return found;
}

async function change(
  sync: Sync,
  body: { readonly metadata?: object; readonly spec: { readonly suspend: boolean } },
  { client }: OpenCluster,
  { scope, out }: CommandContext,
): Promise<Sync> {
  const key = keyOf(sync);
  const { suspend } = body.spec;
  const word = suspend ? 'suspended' : 'resumed';
  if (isSuspended(sync) === suspend) {
    out(`sync/${key}: ${suspend ? 'is suspended already' : 'was not suspended'}\n`);
    return sync;
  }
  const patch = { type: 'merge' as const, body, fieldManager: FIELD_MANAGER };
  const changed = await client.patch<Sync>(pathOf(SYNCS, key), patch, scope);
  out(`sync/${key}: ${word}\n`);
  return changed;
}
