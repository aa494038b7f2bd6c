import type { Command } from 'commander';
import { createKubeClient } from '../cluster/http-kube-client.ts';
import type { KubeClient, ResourcePath } from '../cluster/kube-client.ts';
import { KubeError } from '../cluster/kube-client.ts';
import { loadKubeConfig } from '../cluster/kube-config.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { CommandContext } from './command-context.ts';

/** Options of every command that talks to a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** Options of commands that look into one namespace. */
export interface NamespacedOptions extends ClusterOptions {
  readonly namespace?: string | undefined;
}

/** The cluster that kubectl would talk to, and the namespace that it would look into. */
export interface OpenCluster {
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Adds the options by which a cluster is found. */
export function withClusterOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig to use; $KUBECONFIG or ~/.kube/config when absent')
    .option('--context <name>', 'context of the kubeconfig');
}

/** @throws {Failure} when there is no kubeconfig, or none that can be used */
export async function openCluster(
  options: NamespacedOptions,
  { env, version }: CommandContext,
): Promise<OpenCluster> {
  const { kubeconfig, context } = options;
  const access = await loadKubeConfig({ kubeconfig, context, env });
  const client = createKubeClient(access, { userAgent: `kudo-gitops/${version}` });
  return { client, namespace: options.namespace ?? access.namespace ?? 'default' };
}

const PAGE = 500;

/**
 * Every object below `path`, page by page.
 *
 * @throws {Failure} `missing` when the cluster does not know the resource
 */
export async function listAll<T extends KubeObject>(
  client: KubeClient,
  path: ResourcePath,
  scope: Scope,
): Promise<readonly T[]> {
  const found: T[] = [];
  let next: string | undefined;
  do {
    const page = { limit: PAGE, ...(next === undefined ? {} : { continue: next }) };
    const list = await client.list<T>(path, page, scope).catch((thrown: unknown) => {
      throw unknownResource(thrown, client, path);
    });
    found.push(...list.items);
    next = list.continue;
  } while (next !== undefined && next !== '');
  return found;
}

/** What is thrown for a list that failed; for one of an unknown resource, with what to do about it. */
export function unknownResource(
  thrown: unknown,
  { server }: KubeClient,
  path: ResourcePath,
): unknown {
  if (!(thrown instanceof KubeError) || thrown.code !== 404) return thrown;
  const isKudo = path.group === 'kudo.dev';
  return new Failure('missing', `${server} does not know ${path.plural}.${path.group}`, {
    cause: thrown,
    hint: isKudo
      ? 'install KUDO: kudo-gitops engine install'
      : 'install the custom resources of kudo-gitops: kubectl apply -k deploy/crds',
  });
}
