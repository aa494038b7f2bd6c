import { createKubeClient } from '../cluster/http-kube-client.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { loadKubeConfig } from '../cluster/kube-config.ts';
import type { CommandContext } from './command-context.ts';

/** Options of every command that talks to a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** A client for the cluster that kubectl would talk to. */
export async function connect(
  { kubeconfig, context }: ClusterOptions,
  { env, version }: CommandContext,
): Promise<KubeClient> {
  const access = await loadKubeConfig({ kubeconfig, context, env });
  return createKubeClient(access, { userAgent: `kudo-gitops/${version}` });
}
