import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTools } from './binaries.ts';
import type { ToolFolders } from './binaries.ts';
import { startControlPlane, writeKubeconfig } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { startGitea } from './gitea.ts';
import type { RealGitea } from './gitea.ts';
import type { KubeAccess, KubeApi } from './kube-api.ts';
import type { RunningProcess } from './processes.ts';
import { logToStderr } from './progress.ts';
import type { Log } from './progress.ts';
import type { ToolName } from './tools.ts';
import { startWorkloads } from './workloads.ts';

export interface ClusterOptions {
  /** Deployments, Jobs and the like: controller manager, scheduler and simulated nodes. */
  readonly workloads?: boolean;
  /** A Gitea beside the cluster. */
  readonly gitea?: boolean;
  readonly log?: Log;
}

/** A real Kubernetes API server and what was asked for around it, on free ports of 127.0.0.1. */
export interface RealCluster {
  /** Temporary folder; holds every program's log as `<name>.log`. */
  readonly dir: string;
  readonly access: KubeAccess;
  readonly api: KubeApi;
  /** Path of a kubeconfig for an administrator. */
  readonly kubeconfig: string;
  readonly gitea: RealGitea | undefined;
  readonly tools: ToolFolders;
  /** Adds something to be stopped with the cluster, before it. */
  readonly onStop: (stop: () => Promise<void>) => void;
  /** Ends everything that was started, last first, and removes the folder. */
  readonly stop: () => Promise<void>;
}

/** Starts a cluster; builds its programs first when they are not cached (see `ensureTools`). */
export async function startCluster(options: ClusterOptions = {}): Promise<RealCluster> {
  const tools = await ensureTools(toolsFor(options), options.log ?? logToStderr);
  const dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-cluster-'));
  const stops: (() => Promise<void>)[] = [async () => rm(dir, { recursive: true, force: true })];
  const stop = once(async () => {
    for (const step of stops.toReversed()) await step();
  });
  try {
    const gitea = options.gitea === true ? beside(startGitea({ tools, dir }), stops) : undefined;
    gitea?.catch(() => undefined);
    const plane = await controlPlane(tools, dir, stops);
    if (options.workloads === true) {
      await startWorkloads({ tools, dir, plane, onStart: (child) => stops.push(child.stop) });
    }
    const { access, api, kubeconfig } = plane;
    const onStop = (step: () => Promise<void>): void => void stops.push(step);
    return { dir, access, api, kubeconfig, tools, gitea: await gitea, onStop, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function toolsFor({ workloads, gitea }: ClusterOptions): ToolName[] {
  return [
    'etcd',
    'kubernetes',
    'kudo',
    ...(workloads === true ? (['kwok'] as const) : []),
    ...(gitea === true ? (['gitea'] as const) : []),
  ];
}

/** Lets Gitea come up while the API server does; whatever happens it is stopped at the end. */
async function beside(
  starting: Promise<RealGitea>,
  stops: (() => Promise<void>)[],
): Promise<RealGitea | undefined> {
  const settled = starting.catch(() => undefined);
  stops.push(async () => (await settled)?.stop());
  await settled;
  return starting;
}

async function controlPlane(
  tools: ToolFolders,
  dir: string,
  stops: (() => Promise<void>)[],
): Promise<ControlPlane> {
  const plane = await startControlPlane({
    dir,
    etcd: join(tools.etcd, 'etcd'),
    apiServer: join(tools.kubernetes, 'kube-apiserver'),
  });
  stops.push(
    async () => killAll(plane.processes),
    async () => plane.api.close(),
  );
  return plane;
}

/** Nothing of what these hold is kept, and the API server would take seconds to say goodbye. */
async function killAll(processes: readonly RunningProcess[]): Promise<void> {
  for (const child of processes) await child.kill();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return async () => (done ??= work());
}

/**
 * Writes a kubeconfig for a service account of the cluster (it must exist), so that a program runs
 * with the rights that its role gives it. Gives the path.
 */
export async function serviceAccountKubeconfig(
  cluster: Pick<RealCluster, 'api' | 'access' | 'dir'>,
  account: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const { namespace, name } = account;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await cluster.api.request('POST', path, { body });
  const token = (answer.body as { status?: { token?: string } }).status?.token;
  if (token === undefined) {
    throw new Error(`no token for service account ${namespace}/${name}: ${JSON.stringify(answer)}`);
  }
  const file = join(cluster.dir, `kubeconfig-${namespace}-${name}`);
  return writeKubeconfig(file, { ...cluster.access, token });
}
