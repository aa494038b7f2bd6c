import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { KubeApi } from './kube-api.ts';
import type { KubeAccess } from './kube-api.ts';
import { freePorts, startProcess, waitFor } from './processes.ts';
import type { RunningProcess } from './processes.ts';

/** etcd and an API server. */
export interface ControlPlane {
  readonly access: KubeAccess;
  readonly api: KubeApi;
  /** A kubeconfig for a member of system:masters. */
  readonly kubeconfig: string;
  /** Key that service account tokens are signed with; the controller manager wants it. */
  readonly serviceAccountKeyFile: string;
  /** The API server's certificate, which is its own authority. */
  readonly caFile: string;
  readonly processes: readonly RunningProcess[];
}

export interface ControlPlaneOptions {
  readonly dir: string;
  readonly etcd: string;
  readonly apiServer: string;
}

/** Starts etcd and the API server (tokens, RBAC) on free ports and waits until it is ready. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const [etcdPort = 0, peerPort = 0, apiPort = 0] = await freePorts(3);
  const { dir } = options;
  const etcdUrl = `http://127.0.0.1:${String(etcdPort)}`;
  const etcd = await startProcess({
    name: 'etcd',
    command: options.etcd,
    dir,
    args: etcdArguments(join(dir, 'etcd'), etcdUrl, `http://127.0.0.1:${String(peerPort)}`),
  });
  try {
    const token = randomBytes(16).toString('hex');
    const files = await writeSecrets(dir, token);
    const apiServer = await startProcess({
      name: 'kube-apiserver',
      command: options.apiServer,
      dir,
      args: apiServerArguments({ etcdUrl, port: apiPort, dir, files }),
    });
    const processes = [apiServer, etcd] as const;
    return await connected({ dir, token, apiPort, files, processes }).catch(async (error) => {
      await apiServer.stop();
      throw error;
    });
  } catch (error) {
    await etcd.stop();
    throw error;
  }
}

function etcdArguments(dataDir: string, client: string, peer: string): string[] {
  return [
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=error',
  ];
}

interface SecretFiles {
  readonly tokens: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

async function writeSecrets(dir: string, token: string): Promise<SecretFiles> {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const files = {
    tokens: join(dir, 'tokens.csv'),
    privateKey: join(dir, 'service-account.key'),
    publicKey: join(dir, 'service-account.pub'),
  };
  await writeFile(files.tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  await writeFile(files.privateKey, keys.privateKey, { mode: 0o600 });
  await writeFile(files.publicKey, keys.publicKey);
  return files;
}

interface ApiServerSettings {
  readonly etcdUrl: string;
  readonly port: number;
  readonly dir: string;
  readonly files: SecretFiles;
}

function apiServerArguments({ etcdUrl, port, dir, files }: ApiServerSettings): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${String(port)}`,
    `--cert-dir=${certificatesFolder(dir)}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    `--service-account-key-file=${files.publicKey}`,
    `--service-account-signing-key-file=${files.privateKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
  ];
}

function certificatesFolder(dir: string): string {
  return join(dir, 'certificates');
}

interface StartedServer {
  readonly dir: string;
  readonly token: string;
  readonly apiPort: number;
  readonly files: SecretFiles;
  readonly processes: readonly [RunningProcess, RunningProcess];
}

/** Waits for the server's self-signed certificate first: it is what everybody has to trust. */
async function connected({
  dir,
  token,
  apiPort,
  files,
  processes,
}: StartedServer): Promise<ControlPlane> {
  const caFile = join(certificatesFolder(dir), 'apiserver.crt');
  const [server] = processes;
  const caPem = await waitFor(
    'the API server’s certificate',
    async () => {
      const pem = await readFile(caFile, 'utf8');
      return pem.includes('END CERTIFICATE') && pem;
    },
    { process: server },
  );
  const access = { url: `https://127.0.0.1:${String(apiPort)}`, token, caPem };
  const api = new KubeApi(access);
  const isReady = async (): Promise<boolean> =>
    (await api.request('GET', '/readyz')).status === 200;
  await waitFor('the API server', isReady, { process: server, timeoutMs: 120_000 });
  const kubeconfig = await writeKubeconfig(join(dir, 'kubeconfig'), access);
  return { access, api, kubeconfig, caFile, serviceAccountKeyFile: files.privateKey, processes };
}

/** Writes a kubeconfig that needs no other file, and gives its path. */
export async function writeKubeconfig(path: string, access: KubeAccess): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [
      {
        name: 'test',
        cluster: {
          server: access.url,
          'certificate-authority-data': Buffer.from(access.caPem).toString('base64'),
        },
      },
    ],
    users: [{ name: 'test', user: { token: access.token } }],
  };
  await writeFile(path, dump(config), { mode: 0o600 });
  return path;
}
