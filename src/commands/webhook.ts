import { Command } from 'commander';
import { openForge, type OpenForge } from '../forge/forge-registry.ts';
import { Failure } from '../lib/failure.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { readForgeSecret, readSettings, type ForgeSecret } from '../reconcile/sync-settings.ts';
import {
  installWebhook,
  removeWebhooks,
  webhookStanding,
  type WebhookStanding,
} from '../report/registered-webhook.ts';
import type { CommandContext } from './command-context.ts';
import { readSync } from './named-sync.ts';
import { openCluster, withClusterOptions, type NamespacedOptions } from './open-cluster.ts';
import { counted, withExamples } from './output.ts';

interface WebhookOptions extends NamespacedOptions {
  readonly publicUrl: string;
  readonly oneSync?: boolean;
}

/** `kudo-gitops webhook`: registers the service at the forge of a Sync. */
export function webhookCommand(context: CommandContext): Command {
  const command = new Command('webhook')
    .summary('register the service at the forge, for pushes and pull requests')
    .description(
      'register the service at the forge of a Sync, so that pushes and pull requests are noticed at once',
    )
    .addCommand(
      subcommand('install', 'register the webhook, or bring it up to date', install, context),
    )
    .addCommand(
      subcommand(
        'status',
        'say whether the webhook is registered; exits with 1 when it is not, or lacks something',
        status,
        context,
      ),
    )
    .addCommand(subcommand('remove', 'take the webhook off the forge', remove, context));
  return withExamples(command, [
    [
      'Once for all Syncs of a repository',
      'webhook install shop/fleet --public-url https://gitops.example.org',
    ],
    [
      'Whether it is still there',
      'webhook status shop/fleet --public-url https://gitops.example.org',
    ],
  ]);
}

/** A Sync's forge, as the webhook is to be there. */
interface Registration {
  readonly sync: ObjectKey;
  readonly url: string;
  readonly secret: ForgeSecret;
  readonly forge: OpenForge;
}

type Act = (registration: Registration, context: CommandContext) => Promise<void>;

function subcommand(name: string, description: string, act: Act, context: CommandContext): Command {
  return withClusterOptions(new Command(name).description(description))
    .argument('<sync>', 'namespace/name of the Sync')
    .requiredOption('--public-url <url>', 'where the forge reaches the service, as in "run"')
    .option('--one-sync', 'an address of this Sync alone: then only its own secret is tried')
    .option('-n, --namespace <name>', 'namespace of a Sync that is named without one')
    .action(async (sync: string, options: WebhookOptions) => {
      const registration = await open(sync, options, context);
      try {
        await act(registration, context);
      } finally {
        registration.forge.close();
      }
    });
}

async function open(
  name: string,
  options: WebhookOptions,
  context: CommandContext,
): Promise<Registration> {
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const sync = await readSync(name, cluster, scope);
  const settings = readSettings(sync);
  const secret = await readForgeSecret(settings, cluster.client, scope);
  if (!settings.forge || !secret) {
    throw new Failure('invalid', `Sync ${keyOf(sync)} has no spec.forge`, {
      hint: 'say there which forge it is and which Secret holds a token',
    });
  }
  const { type, apiUrl } = settings.forge;
  const { env } = context;
  const forge = openForge({ type, url: settings.url, apiUrl, ...secret }, { env });
  return { sync: keyOf(sync), url: targetUrl(keyOf(sync), options), secret, forge };
}

function targetUrl(sync: ObjectKey, { publicUrl, oneSync = false }: WebhookOptions): string {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username + url.password !== '') {
    throw new Failure('invalid', '--public-url is no http or https address without credentials', {
      hint: 'write it like https://gitops.example.org',
    });
  }
  const base = (url.origin + url.pathname).replace(/\/+$/, '');
  return oneSync ? `${base}/webhooks/${sync}` : `${base}/webhooks`;
}

async function install(
  { sync, url, secret: { webhookSecret }, forge }: Registration,
  { scope, out }: CommandContext,
): Promise<void> {
  if (webhookSecret === undefined || webhookSecret === '') {
    throw new Failure('invalid', `the forge Secret of Sync ${sync} has no key webhookSecret`, {
      hint: 'put a long random text there, such as `openssl rand -hex 32` prints: what is not signed with it is refused',
    });
  }
  const done = await installWebhook({ url, secret: webhookSecret }, forge, scope);
  out(`${done} webhook ${url}\n`);
}

const SENTENCES: Readonly<Record<WebhookStanding, string>> = {
  complete: 'is registered for pushes and pull requests',
  incomplete: 'is registered, but switched off or without some of what is needed: install it again',
  missing: 'is not registered',
};

async function status({ url, forge }: Registration, context: CommandContext): Promise<void> {
  const standing = await webhookStanding(url, forge, context.scope);
  context.out(`webhook ${url} ${SENTENCES[standing]}\n`);
  if (standing !== 'complete') context.exit(1);
}

async function remove({ url, forge }: Registration, { scope, out }: CommandContext): Promise<void> {
  const count = await removeWebhooks(url, forge, scope);
  out(count === 0 ? `no webhook ${url}\n` : `removed ${counted(count, 'webhook')} ${url}\n`);
}
