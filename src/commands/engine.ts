import { Command } from 'commander';
import { dump } from 'js-yaml';
import type { KubeClient } from '../cluster/kube-client.ts';
import { type AnyObject, KUDO_IMAGE, kudoObjects } from '../cluster/kudo-install.ts';
import { countInstances, installKudo, uninstallKudo } from '../cluster/kudo-installer.ts';
import { type KudoCheck, readKudoStatus } from '../cluster/kudo-status.ts';
import { Failure } from '../lib/failure.ts';
import type { CommandContext } from './command-context.ts';
import { type ClusterOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { outputOption } from './output.ts';

/** `kudo-gitops engine`: puts KUDO v0.19 on clusters on which its own installer fails, and takes it off. */
export function engineCommand(context: CommandContext): Command {
  return new Command('engine')
    .summary('install KUDO on a current cluster')
    .description(
      'put KUDO v0.19, which runs the plans, on Kubernetes 1.22 and newer, where "kubectl kudo init" fails',
    )
    .addCommand(installCommand(context))
    .addCommand(statusCommand(context))
    .addCommand(uninstallCommand(context));
}

interface InstallOptions extends ClusterOptions {
  readonly image: string;
  readonly takeOver?: boolean;
  readonly dryRun?: boolean;
  readonly output: 'yaml' | 'json';
  readonly wait?: boolean;
  readonly timeout: string;
}

function installCommand(context: CommandContext): Command {
  return clusterCommand('install')
    .description(
      'install KUDO, or bring an installation up to date; "kudo-gitops run" renews its certificate',
    )
    .option('--image <image>', "image of KUDO's manager", KUDO_IMAGE)
    .option('--take-over', 'take over an installation that is not from kudo-gitops')
    .option('--dry-run', 'print the objects, without keys and certificates, and install nothing')
    .addOption(outputOption(['yaml', 'json']))
    .option('--wait', 'wait until KUDO answers')
    .option('--timeout <seconds>', 'longest wait', '300')
    .action(async (options: InstallOptions) => {
      if (options.dryRun === true) context.out(printed(options));
      else await install(options, context);
    });
}

/** The objects of an installation as they belong into Git. */
export function printed(options: Pick<InstallOptions, 'image' | 'output'>): string {
  const objects = kudoObjects(options).map(({ object }) => object);
  if (options.output === 'json') {
    return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
  }
  return objects.map((object) => `---\n${dump(object, { noRefs: true, lineWidth: 100 })}`).join('');
}

async function install(options: InstallOptions, context: CommandContext): Promise<void> {
  const seconds = Number(options.timeout);
  if (!(seconds > 0)) {
    throw new Failure('invalid', `--timeout ${options.timeout} is not a number of seconds`);
  }
  const { client } = await openCluster(options, context);
  const wish = { image: options.image, takeOver: options.takeOver ?? false };
  for await (const { object, outcome } of installKudo(client, wish, context.scope)) {
    context.out(`${outcome.padEnd(9)} ${nameOf(object)}\n`);
  }
  if (options.wait !== true) return;
  const last = await waitUntilGood(client, seconds * 1_000, context);
  context.out(table(last));
  if (!isAllGood(last)) throw new Failure('timeout', `KUDO was not ready within ${seconds} s`);
}

const POLL_MS = 2_000;

async function waitUntilGood(
  client: KubeClient,
  timeoutMs: number,
  { scope }: CommandContext,
): Promise<readonly KudoCheck[]> {
  const deadline = scope.clock.now() + timeoutMs;
  for (;;) {
    const checks = await readKudoStatus(client, scope);
    if (isAllGood(checks) || scope.clock.now() >= deadline) return checks;
    await scope.clock.sleep(POLL_MS, scope.signal);
  }
}

interface StatusOptions extends ClusterOptions {
  readonly output: 'table' | 'yaml' | 'json';
}

function statusCommand(context: CommandContext): Command {
  return clusterCommand('status')
    .description('say whether KUDO can work; exits with 1 when it cannot')
    .addOption(outputOption(['table', 'yaml', 'json']))
    .action(async (options: StatusOptions) => {
      const { client } = await openCluster(options, context);
      const checks = await readKudoStatus(client, context.scope);
      if (options.output === 'json') context.out(`${JSON.stringify(checks, null, 2)}\n`);
      else if (options.output === 'yaml') context.out(dump(checks));
      else context.out(table(checks));
      if (!isAllGood(checks)) context.exit(1);
    });
}

interface UninstallOptions extends ClusterOptions {
  readonly yes?: boolean;
  readonly deleteData?: boolean;
}

function uninstallCommand(context: CommandContext): Command {
  return clusterCommand('uninstall')
    .description("remove KUDO's manager and its webhook; Instances stay")
    .option('--yes', 'do not ask')
    .option(
      '--delete-data',
      'delete the custom resources and all Operators and OperatorVersions too; refused while there are Instances',
    )
    .action(async (options: UninstallOptions) => {
      await uninstall(options, context);
    });
}

async function uninstall(options: UninstallOptions, context: CommandContext): Promise<void> {
  const { client } = await openCluster(options, context);
  const deleteData = options.deleteData ?? false;
  const question = await uninstallQuestion(client, deleteData, context);
  if (options.yes !== true && !(await context.confirm(question))) {
    context.err(`${question}\nnothing was removed: not confirmed (--yes does)\n`);
    context.exit(1);
    return;
  }
  for await (const { object, outcome } of uninstallKudo(client, { deleteData }, context.scope)) {
    context.out(`${outcome.padEnd(9)} ${nameOf(object)}\n`);
  }
}

async function uninstallQuestion(
  client: KubeClient,
  deleteData: boolean,
  { scope }: CommandContext,
): Promise<string> {
  if (deleteData) return `Remove KUDO and its custom resources from ${client.server}?`;
  const count = await countInstances(client, scope);
  return `Remove KUDO from ${client.server}? ${count} Instance(s) stay, but nobody runs their plans.`;
}

function clusterCommand(name: string): Command {
  return withClusterOptions(new Command(name));
}

function nameOf({ kind, metadata }: AnyObject): string {
  return `${kind.toLowerCase()}/${metadata.name}`;
}

function isAllGood(checks: readonly KudoCheck[]): boolean {
  return checks.every(({ isGood }) => isGood);
}

function table(checks: readonly KudoCheck[]): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  return checks
    .map(
      ({ check, isGood, detail }) =>
        `${isGood ? 'ok ' : 'BAD'} ${check.padEnd(width)}  ${detail}\n`,
    )
    .join('');
}
