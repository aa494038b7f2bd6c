import { version as nodeVersion } from 'node:process';
import { Command } from 'commander';
import { getIfThere } from '../cluster/apply-object.ts';
import { readServerVersion } from '../cluster/discovery.ts';
import { GITOPS_CRDS } from '../cluster/gitops-crds.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { KUDO_CRDS } from '../cluster/kudo-crds.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { CommandContext } from './command-context.ts';
import { type ClusterOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { isStructured, outputOption, structured, withExamples } from './output.ts';
import { stylesFor, type Styles } from './styles.ts';

interface VersionOptions extends ClusterOptions {
  readonly cluster?: boolean;
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops version`: what runs here, and with `--cluster` what runs there. */
export function versionCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('version').description('show the version of this program, and of the cluster'),
  )
    .option('--cluster', "ask the cluster too: its version, KUDO's and our custom resources")
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (options: VersionOptions) => {
      await version(options, context);
    });
  return withExamples(command, [
    ['For a bug report', 'version --cluster'],
    ['For a program', 'version -o json'],
  ]);
}

interface Definition {
  readonly name: string;
  readonly isThere: boolean;
}

interface Versions {
  readonly client: { readonly version: string; readonly node: string };
  readonly server?: {
    readonly url: string;
    readonly version: string;
    readonly kudo: readonly Definition[];
    readonly kudoGitops: readonly Definition[];
  };
}

async function version(options: VersionOptions, context: CommandContext): Promise<void> {
  const versions: Versions = {
    client: { version: context.version, node: nodeVersion },
    ...(options.cluster === true ? { server: await readServer(options, context) } : {}),
  };
  const { output } = options;
  context.out(
    isStructured(output) ? structured(versions, output) : versionText(versions, stylesFor(context)),
  );
}

async function readServer(
  options: VersionOptions,
  context: CommandContext,
): Promise<NonNullable<Versions['server']>> {
  const { client } = await openCluster(options, context);
  const { scope } = context;
  return {
    url: client.server,
    version: await readServerVersion(client, scope),
    kudo: await definitions(KUDO_CRDS, client, scope),
    kudoGitops: await definitions(GITOPS_CRDS, client, scope),
  };
}

async function definitions(
  wanted: readonly KubeObject[],
  client: KubeClient,
  scope: Scope,
): Promise<readonly Definition[]> {
  return Promise.all(
    wanted.map(async ({ metadata: { name } }) => {
      const found = await getIfThere(client, { ...CUSTOM_RESOURCE_DEFINITIONS, name }, scope);
      return { name, isThere: found !== undefined };
    }),
  );
}

/** Lines for people; what is missing comes with the command that brings it. */
export function versionText({ client, server }: Versions, styles: Styles): string {
  const lines = [`kudo-gitops  ${client.version} (Node ${client.node})`];
  if (server) {
    lines.push(
      `Kubernetes   ${server.version} at ${server.url}`,
      `KUDO         ${definitionsText(server.kudo, 'kudo-gitops engine install', styles)}`,
      `our objects  ${definitionsText(server.kudoGitops, 'kubectl apply -k deploy/crds', styles)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function definitionsText(all: readonly Definition[], cure: string, styles: Styles): string {
  const missing = all.filter(({ isThere }) => !isThere).map(({ name }) => name);
  const there = all.filter(({ isThere }) => isThere).map(({ name }) => name);
  if (missing.length === 0) return styles.green(there.join(', '));
  const has = there.length === 0 ? '' : `, has ${there.join(', ')}`;
  return `${styles.red(`lacks ${missing.join(', ')}`)}${has} → ${cure}`;
}
