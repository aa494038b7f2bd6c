import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { createServingCertificate } from './certificates.ts';
import type { ServingCertificate } from './certificates.ts';
import type { RealCluster } from './cluster.ts';
import { serviceAccountKubeconfig } from './cluster.ts';
import type { TestObject } from './kube-api.ts';
import { freePorts, startProcess, waitFor } from './processes.ts';
import type { RunningProcess } from './processes.ts';

/** KUDO's own manager, running as a process beside the API server. */
export interface KudoManager {
  readonly process: RunningProcess;
  readonly webhookPort: number;
  /** Stops the manager and takes its webhook registration away, so that Instances can be written without it. */
  readonly stop: () => Promise<void>;
}

export interface KudoOptions {
  /**
   * What puts KUDO on a cluster, as `kudo-gitops engine install --dry-run -o yaml` prints it. Its
   * workload is left out (the manager runs as a process instead) and its webhook is pointed at that
   * process. Default: what is in KUDO's own module.
   */
  readonly objects?: readonly TestObject[];
  /** The webhook's certificate; must be good for 127.0.0.1. Default: one of our own. */
  readonly certificate?: ServingCertificate;
  /** Run with this account's rights instead of an administrator's. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

const WEBHOOK_KINDS = new Set(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);
const WORKLOAD_KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Pod']);

/** Puts KUDO on the cluster; when this returns, Instances are admitted and their plans run. */
export async function startKudoManager(
  cluster: RealCluster,
  options: KudoOptions = {},
): Promise<KudoManager> {
  const objects = options.objects ?? (await moduleObjects(cluster));
  const certificate = options.certificate ?? (await createServingCertificate());
  const webhooks = objects.filter(({ kind }) => WEBHOOK_KINDS.has(kind));
  for (const object of objects) {
    if (!WEBHOOK_KINDS.has(object.kind) && !WORKLOAD_KINDS.has(object.kind)) {
      await cluster.api.apply(object);
    }
  }
  const [webhookPort = 0] = await freePorts(1);
  const child = await startManager(cluster, { options, certificate, webhookPort });
  cluster.onStop(child.stop);
  await waitFor('KUDO’s webhook to listen', async () => isListening(webhookPort), {
    process: child,
  });
  for (const webhook of webhooks) {
    await cluster.api.apply(withUrl(webhook, webhookPort, certificate.caPem));
  }
  const stop = async (): Promise<void> => {
    await child.stop();
    for (const { apiVersion, kind, metadata } of webhooks) {
      await cluster.api.delete({ apiVersion, kind, name: metadata.name });
    }
  };
  return { process: child, webhookPort, stop };
}

interface ManagerSettings {
  readonly options: KudoOptions;
  readonly certificate: ServingCertificate;
  readonly webhookPort: number;
}

async function startManager(
  cluster: RealCluster,
  { options, certificate, webhookPort }: ManagerSettings,
): Promise<RunningProcess> {
  const certDir = await mkdtemp(join(cluster.dir, 'kudo-'));
  await writeFile(join(certDir, 'tls.crt'), certificate.certPem);
  await writeFile(join(certDir, 'tls.key'), certificate.keyPem, { mode: 0o600 });
  const kubeconfig =
    options.serviceAccount === undefined
      ? cluster.kubeconfig
      : await serviceAccountKubeconfig(cluster, options.serviceAccount);
  return startProcess({
    name: 'kudo-manager',
    command: join(cluster.tools.kudo, 'kudo-manager'),
    dir: cluster.dir,
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--webhook-host=127.0.0.1',
      `--webhook-port=${String(webhookPort)}`,
      '--metrics-addr=0',
      `--cert-dir=${certDir}`,
    ],
  });
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

interface Webhook {
  readonly clientConfig: {
    readonly url?: string;
    readonly service?: { readonly path?: string };
  };
}

/** A service has no address outside a cluster with a network: the same path at a URL instead. */
function withUrl(configuration: TestObject, port: number, caPem: string): TestObject {
  const webhooks = configuration['webhooks'] as readonly Webhook[];
  const base = `https://127.0.0.1:${String(port)}`;
  return {
    ...configuration,
    webhooks: webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: {
        url: `${base}${pathOf(webhook)}`,
        caBundle: Buffer.from(caPem).toString('base64'),
      },
    })),
  };
}

function pathOf({ clientConfig }: Webhook): string {
  if (clientConfig.url !== undefined) return new URL(clientConfig.url).pathname;
  return clientConfig.service?.path ?? '/';
}

/** The three CRDs of KUDO's module, its namespace, and its webhook in the form a current API server can use. */
async function moduleObjects(cluster: RealCluster): Promise<TestObject[]> {
  const folder = join(cluster.tools.kudo, 'crds');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const crds = await Promise.all(
    files.map(async (file) => load(await readFile(join(folder, file), 'utf8')) as TestObject),
  );
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kudo-system' } };
  return [...crds, namespace, admissionWebhook()];
}

function admissionWebhook(): TestObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'kudo-manager-instance-admission-webhook-config' },
    webhooks: [
      {
        name: 'instance-admission.kudo.dev',
        // KUDO answers v1beta1 reviews only; the API server sends the first version that it knows.
        admissionReviewVersions: ['v1beta1'],
        clientConfig: {
          service: {
            namespace: 'kudo-system',
            name: 'kudo-controller-manager-service',
            path: '/admit-kudo-dev-v1beta1-instance',
          },
        },
        rules: [
          {
            apiGroups: ['kudo.dev'],
            apiVersions: ['v1beta1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['instances'],
            scope: 'Namespaced',
          },
        ],
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        sideEffects: 'None',
      },
    ],
  };
}
