import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import * as z from 'zod';
import { Failure, messageOf } from '../lib/failure.ts';
import { accessWith, type KubeAccess } from './kube-access.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where to look for a cluster. */
export interface KubeConfigSource {
  /** `--kubeconfig`: a file, or several separated as in `$KUBECONFIG`. */
  readonly kubeconfig?: string | undefined;
  /** `--context`: another context than the file's current one. */
  readonly context?: string | undefined;
  /** Read: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the pod's service account; another one in tests. */
  readonly serviceAccountDir?: string | undefined;
}

/**
 * The way into the cluster: `kubeconfig`, else `$KUBECONFIG`, else `~/.kube/config`, else the service
 * account of the pod this runs in.
 *
 * @throws {Failure} `missing` when there is none of them, `invalid` when a file says something else
 *   than a kubeconfig should or has no such context
 */
export async function loadKubeConfig(source: KubeConfigSource): Promise<KubeAccess> {
  return accessWith(async () => {
    const config = await findConfig(source);
    selectContext(config, source.context);
    prepareCluster(config);
    return config;
  });
}

async function findConfig(source: KubeConfigSource): Promise<KubeConfig> {
  const named = source.kubeconfig ?? source.env['KUBECONFIG'] ?? '';
  const files = named.split(path.delimiter).filter((file) => file !== '');
  if (files.length > 0) return mergedConfig(files);

  const standard = path.join(source.env['HOME'] ?? '', '.kube', 'config');
  if (await exists(standard)) return mergedConfig([standard]);

  const inCluster = await podConfig(source);
  if (inCluster) return inCluster;
  throw new Failure('missing', 'no cluster is configured: there is no kubeconfig', {
    hint: `name one with --kubeconfig or $KUBECONFIG, or create ${standard}`,
  });
}

/** As kubectl merges: the first file that says something wins; files that do not exist are skipped when there are several. */
async function mergedConfig(files: readonly string[]): Promise<KubeConfig> {
  const merged = new KubeConfig();
  for (const file of files) {
    if (files.length > 1 && !(await exists(file))) continue;
    const one = await readConfigFile(file);
    merged.clusters = union(merged.clusters, one.clusters);
    merged.users = union(merged.users, one.users);
    merged.contexts = union(merged.contexts, one.contexts);
    merged.currentContext ||= one.currentContext;
  }
  return merged;
}

function union<T extends { readonly name: string }>(first: T[], second: readonly T[]): T[] {
  const known = new Set(first.map(({ name }) => name));
  return [...first, ...second.filter(({ name }) => !known.has(name))];
}

async function readConfigFile(file: string): Promise<KubeConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new Failure('missing', `cannot read the kubeconfig ${file}: ${messageOf(cause)}`);
  }
  const config = new KubeConfig();
  try {
    config.loadFromString(JSON.stringify(withTokenFiles(load(text), path.dirname(file))));
  } catch (cause) {
    throw new Failure('invalid', `${file} is not a kubeconfig: ${messageOf(cause)}`);
  }
  config.makePathsAbsolute(path.dirname(file));
  return config;
}

const WithUsers = z.looseObject({
  users: z
    .array(z.looseObject({ user: z.looseObject({ tokenFile: z.string().optional() }).nullish() }))
    .nullish(),
});

/** client-node reads `token-file`, which no kubeconfig has; this gives it `tokenFile` in a form that it reads again every minute. */
function withTokenFiles(parsed: unknown, folder: string): unknown {
  const config = WithUsers.parse(parsed);
  const users = (config.users ?? []).map((entry) => {
    const tokenFile = entry.user?.tokenFile;
    if (tokenFile === undefined) return entry;
    const provider = { name: 'tokenFile', config: { tokenFile: path.resolve(folder, tokenFile) } };
    return { ...entry, user: { ...entry.user, 'auth-provider': provider } };
  });
  return { ...config, users };
}

async function podConfig(source: KubeConfigSource): Promise<KubeConfig | undefined> {
  const folder = source.serviceAccountDir ?? SERVICE_ACCOUNT;
  const host = source.env['KUBERNETES_SERVICE_HOST'];
  const tokenFile = path.join(folder, 'token');
  if (host === undefined || !(await exists(tokenFile))) return undefined;

  const port = source.env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'in-cluster', server, caFile: path.join(folder, 'ca.crt'), skipTLSVerify: false },
    { name: 'in-cluster', authProvider: { name: 'tokenFile', config: { tokenFile } } },
  );
  const namespace = await readFile(path.join(folder, 'namespace'), 'utf8').catch(() => undefined);
  config.contexts = [
    {
      name: 'in-cluster',
      cluster: 'in-cluster',
      user: 'in-cluster',
      ...(namespace === undefined ? {} : { namespace: namespace.trim() }),
    },
  ];
  config.setCurrentContext('in-cluster');
  return config;
}

function selectContext(config: KubeConfig, wanted: string | undefined): void {
  if (wanted !== undefined) config.setCurrentContext(wanted);
  const name = config.getCurrentContext();
  const context = config.getContextObject(name);
  const known = config.contexts.map((one) => one.name).join(', ') || 'none';
  if (!context) {
    throw new Failure(
      'invalid',
      name
        ? `the kubeconfig has no context "${name}"`
        : 'the kubeconfig does not say which context to use',
      { hint: `choose one with --context; there are: ${known}` },
    );
  }
  if (!config.getCluster(context.cluster)) {
    throw new Failure(
      'invalid',
      `context "${name}" of the kubeconfig names cluster "${context.cluster}", which is not in it`,
    );
  }
}

/** What exec plugins expect to be told, and leave for plain HTTP, which client-node gives only with TLS checks off. */
function prepareCluster(config: KubeConfig): void {
  const cluster = config.getCurrentCluster();
  if (!cluster) return;
  if (cluster.server.startsWith('http:')) {
    config.clusters = config.clusters.map((one) =>
      one.name === cluster.name ? { ...one, skipTLSVerify: true } : one,
    );
  }
  const user = config.getCurrentUser();
  if (!user?.exec) return;
  const exec = ExecConfig.parse(user.exec);
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}),
    },
  };
  const env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
  config.users = config.users.map((one) =>
    one.name === user.name ? { ...one, exec: { ...exec, env } } : one,
  );
}

const ExecConfig = z.looseObject({
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  provideClusterInfo: z.boolean().optional(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});

function clusterInfo(cluster: NonNullable<ReturnType<KubeConfig['getCurrentCluster']>>): object {
  return {
    server: cluster.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.skipTLSVerify,
    'certificate-authority-data': cluster.caData,
    'proxy-url': cluster.proxyUrl,
  };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
