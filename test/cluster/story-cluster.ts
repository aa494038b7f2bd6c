import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';
import { GITOPS_CRDS } from '../../src/cluster/gitops-crds.ts';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { kudoObjects } from '../../src/cluster/kudo-install.ts';
import { clientOf } from '../fakes/kube-engine.ts';
import type { RealCluster } from './cluster.ts';
import { serviceAccountKubeconfig, startCluster } from './cluster.ts';
import { createRepository } from './gitea-api.ts';
import type { GiteaRepository } from './gitea-api.ts';
import type { RealGitea } from './gitea.ts';
import { createWorkspace } from './git-workspace.ts';
import type { TestObject } from './kube-api.ts';
import type { KudoManager } from './kudo.ts';
import { startKudoManager } from './kudo.ts';

/** A real cluster as somebody has it who followed the installation: KUDO, our CRDs, our role, a forge. */
export interface StoryCluster {
  readonly cluster: RealCluster;
  readonly kudo: KudoManager;
  readonly gitea: RealGitea;
  readonly repository: GiteaRepository;
  /** An administrator's client. */
  readonly client: KubeClient;
  /** With the rights of `deploy/kustomize/cluster-role.yaml` and no others. */
  readonly serviceKubeconfig: string;
}

/** What `kudo-gitops engine install` puts on a cluster. */
export const KUDO_OBJECTS = kudoObjects().map(({ object }) => object as TestObject);

const DEPLOY = fileURLToPath(new URL('../../deploy/kustomize/', import.meta.url));
const ACCOUNT = [
  'namespace.yaml',
  'service-account.yaml',
  'cluster-role.yaml',
  'cluster-role-binding.yaml',
  'role.yaml',
  'role-binding.yaml',
];

/**
 * Starts everything but the service.
 *
 * @param files content of the repository's first commit, by path
 */
export async function startStoryCluster(
  files: Readonly<Record<string, string>>,
  { workloads = true }: { readonly workloads?: boolean } = {},
): Promise<StoryCluster> {
  const cluster = await startCluster({ workloads, gitea: true });
  try {
    const { gitea } = cluster;
    if (gitea === undefined) throw new Error('there is no Gitea');
    const kudo = await startKudoManager(cluster, { objects: KUDO_OBJECTS });
    for (const crd of GITOPS_CRDS) await cluster.api.apply(crd as unknown as TestObject);
    for (const file of ACCOUNT) await applyFile(cluster, join(DEPLOY, file));
    const account = { namespace: 'kudo-gitops', name: 'kudo-gitops' };
    const serviceKubeconfig = await serviceAccountKubeconfig(cluster, account);
    const repository = await createRepository(gitea, 'fleet');
    await firstCommit(repository, files);
    const client = await clientOf(await readFile(cluster.kubeconfig, 'utf8'));
    return { cluster, kudo, gitea, repository, client, serviceKubeconfig };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function applyFile({ api }: RealCluster, file: string): Promise<void> {
  for (const object of loadAll(await readFile(file, 'utf8'))) await api.apply(object as TestObject);
}

async function firstCommit(
  { pushUrl }: GiteaRepository,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const workspace = await createWorkspace(pushUrl);
  try {
    await workspace.commit('Start the fleet', files);
    await workspace.push();
  } finally {
    await workspace.remove();
  }
}
