import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import type { GiteaRepository } from '../cluster/gitea-api.ts';
import type { GiteaAccess } from '../cluster/gitea.ts';
import { startProcess, tail, waitFor } from '../cluster/processes.ts';
import { startStoryCluster } from '../cluster/story-cluster.ts';
import { clientOf } from '../fakes/kube-engine.ts';
import { PROGRAM_FOLDER } from '../fakes/service-process.ts';

/** A cluster with KUDO or our engine, and a forge with a repository; without the service. */
export interface BenchWorld {
  readonly name: string;
  readonly dir: string;
  /** An administrator's. */
  readonly client: KubeClient;
  /** The service's. */
  readonly kubeconfig: string;
  readonly forge: GiteaAccess;
  readonly repository: GiteaRepository;
  readonly stop: () => Promise<void>;
}

/** The sandbox, as a process of its own. */
export async function startSandboxWorld(
  files: Readonly<Record<string, string>>,
): Promise<BenchWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'kudo-gitops-bench-'));
  const folder = join(dir, 'fleet');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const program = join(PROGRAM_FOLDER, 'kudo-gitops.js');
  const args = [program, 'sandbox', '--output=json', `--repository=shop/fleet=${folder}`];
  const sandbox = await startProcess({ name: 'sandbox', command: process.execPath, args, dir });
  const facts = await waitFor('the sandbox', async () => factsIn(await wholeLog(sandbox.logFile)), {
    process: sandbox,
  }).catch(async (error: unknown) => {
    throw new Error(await tail(sandbox.logFile), { cause: error });
  });
  const { kubeconfig } = facts.kubernetes;
  const [user = { login: '', token: '' }] = facts.git.users;
  const cloneUrl = facts.repositories[0]?.url ?? '';
  const pushUrl = new URL(cloneUrl);
  pushUrl.username = user.login;
  pushUrl.password = user.token;
  return {
    name: 'sandbox',
    dir,
    client: await clientOf(await readFile(kubeconfig, 'utf8')),
    kubeconfig,
    forge: { url: facts.git.url, user: user.login, password: user.token, token: user.token },
    repository: { owner: 'shop', name: 'fleet', cloneUrl, pushUrl: pushUrl.href },
    stop: async () => {
      await sandbox.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

interface SandboxFacts {
  readonly kubernetes: { readonly kubeconfig: string };
  readonly git: {
    readonly url: string;
    readonly users: readonly { readonly login: string; readonly token: string }[];
  };
  readonly repositories: readonly { readonly url: string }[];
}

const wholeLog = async (file: string): Promise<string> => readFile(file, 'utf8');

/** What the sandbox prints, once it is whole; log lines may stand around it. */
function factsIn(log: string): SandboxFacts | undefined {
  const text = /^\{\n[^]*?^\}$/m.exec(log)?.[0];
  return text === undefined ? undefined : (JSON.parse(text) as SandboxFacts);
}

/** A real API server and etcd, KUDO's manager and Gitea. */
export async function startClusterWorld(
  files: Readonly<Record<string, string>>,
): Promise<BenchWorld> {
  const { cluster, client, gitea, repository, serviceKubeconfig } = await startStoryCluster(files, {
    workloads: false,
  });
  return {
    name: 'cluster',
    dir: cluster.dir,
    client,
    kubeconfig: serviceKubeconfig,
    forge: gitea,
    repository,
    stop: cluster.stop,
  };
}
