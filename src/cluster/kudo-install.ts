import type { KubeObject } from '../model/kube-object.ts';
import type { Resource } from './kube-client.ts';
import { KUDO_CRDS } from './kudo-crds.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  CUSTOM_RESOURCE_DEFINITIONS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  STATEFUL_SETS,
} from './resources.ts';

// The names are those that `kubectl kudo init` uses (kudoinit/types.go, prereq/webhook.go), so that
// KUDO's own tools find what they look for.
export const KUDO_NAMESPACE = 'kudo-system';
export const KUDO_MANAGER = 'kudo-controller-manager';
export const KUDO_SERVICE = 'kudo-controller-manager-service';
export const KUDO_SECRET = 'kudo-webhook-server-secret';
export const KUDO_WEBHOOK = 'kudo-manager-instance-admission-webhook-config';
export const KUDO_IMAGE = 'kudobuilder/controller:v0.19.0';
/** The host name by which the API server calls the webhook, and for which the certificate must be. */
export const KUDO_HOST = `${KUDO_SERVICE}.${KUDO_NAMESPACE}.svc`;

const SERVICE_ACCOUNT = 'kudo-manager';
const ADMISSION_PATH = '/admit-kudo-dev-v1beta1-instance';
const SELECTOR = { app: 'kudo-manager', 'control-plane': 'controller-manager' };
const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'kudo-gitops' };
const LABELS = { ...SELECTOR, ...MANAGED_BY };

/** An object and where it belongs. */
export interface InstalledObject {
  readonly resource: Resource;
  readonly object: AnyObject;
}

/** An object of any kind with all its fields. */
export type AnyObject = KubeObject & { readonly [field: string]: unknown };

/**
 * Everything KUDO v0.19 needs on Kubernetes ≥ 1.22, in the order in which it can be applied. No key and
 * no certificate is among it: the Secret is empty and the webhook trusts nobody, until
 * `renewKudoCertificate` fills both in.
 */
export function kudoObjects(wish: { readonly image?: string } = {}): readonly InstalledObject[] {
  return [
    ...KUDO_CRDS.map((crd) => ({
      resource: CUSTOM_RESOURCE_DEFINITIONS,
      object: { ...crd, metadata: { ...crd.metadata, labels: MANAGED_BY } } as AnyObject,
    })),
    { resource: NAMESPACES, object: cluster('v1', 'Namespace', KUDO_NAMESPACE) },
    { resource: SERVICE_ACCOUNTS, object: inside('v1', 'ServiceAccount', SERVICE_ACCOUNT) },
    { resource: CLUSTER_ROLE_BINDINGS, object: roleBinding() },
    { resource: SECRETS, object: { ...inside('v1', 'Secret', KUDO_SECRET), type: 'Opaque' } },
    { resource: SERVICES, object: managerService() },
    { resource: STATEFUL_SETS, object: manager(wish.image ?? KUDO_IMAGE) },
    { resource: MUTATING_WEBHOOKS, object: kudoWebhook() },
  ];
}

/** How the API server reaches whoever answers admission reviews. */
export interface WebhookCall {
  /** Certificates to trust, PEM. */
  readonly caPem?: string;
  /** Where to call when it is not KUDO's Service. */
  readonly url?: string;
}

/**
 * The registration of KUDO's admission webhook. `kubectl kudo init` registers it in an API version that
 * ended with Kubernetes 1.21; and KUDO can read nothing but v1beta1 reviews, so that is what is asked for.
 */
export function kudoWebhook(call: WebhookCall = {}): AnyObject {
  const service = {
    name: KUDO_SERVICE,
    namespace: KUDO_NAMESPACE,
    path: ADMISSION_PATH,
    port: 443,
  };
  const clientConfig = {
    ...(call.url === undefined ? { service } : { url: new URL(ADMISSION_PATH, call.url).href }),
    ...(call.caPem === undefined ? {} : { caBundle: toBase64(call.caPem) }),
  };
  return {
    ...cluster('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', KUDO_WEBHOOK),
    webhooks: [
      {
        name: 'instance-admission.kudo.dev',
        clientConfig,
        rules: [
          {
            operations: ['CREATE', 'UPDATE'],
            apiGroups: ['kudo.dev'],
            apiVersions: ['v1beta1'],
            resources: ['instances'],
            scope: 'Namespaced',
          },
        ],
        admissionReviewVersions: ['v1beta1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        timeoutSeconds: 10,
      },
    ],
  };
}

/** Whether an object in the cluster was installed by kudo-gitops. */
export function isManagedByUs({ metadata }: Pick<KubeObject, 'metadata'>): boolean {
  return metadata.labels?.['app.kubernetes.io/managed-by'] === 'kudo-gitops';
}

export function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function cluster(apiVersion: string, kind: string, name: string): AnyObject {
  return { apiVersion, kind, metadata: { name, labels: LABELS } };
}

function inside(apiVersion: string, kind: string, name: string): AnyObject {
  return { apiVersion, kind, metadata: { name, namespace: KUDO_NAMESPACE, labels: LABELS } };
}

/** KUDO applies whatever packages contain, so nothing less than cluster-admin will do (prereq/serviceaccount.go). */
function roleBinding(): AnyObject {
  return {
    ...cluster('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'kudo-manager-rolebinding'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: SERVICE_ACCOUNT, namespace: KUDO_NAMESPACE }],
  };
}

function managerService(): AnyObject {
  return {
    ...inside('v1', 'Service', KUDO_SERVICE),
    spec: {
      selector: SELECTOR,
      ports: [{ name: 'kudo', port: 443, protocol: 'TCP', targetPort: 'webhook-server' }],
    },
  };
}

/**
 * The command is a path inside KUDO's own image, as its `init` writes it (pkg/kudoctl/kudoinit/manager/manager.go).
 * The image runs as root: its program lies in /root and listens on port 443, which cannot be changed.
 */
function manager(image: string): AnyObject {
  const container = {
    name: 'manager',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/root/manager'],
    ports: [{ name: 'webhook-server', containerPort: 443, protocol: 'TCP' }],
    readinessProbe: { tcpSocket: { port: 443 } },
    resources: { requests: { cpu: '100m', memory: '50Mi' } },
    volumeMounts: [{ name: 'cert', mountPath: '/tmp/cert', readOnly: true }],
  };
  return {
    ...inside('apps/v1', 'StatefulSet', KUDO_MANAGER),
    spec: {
      replicas: 1,
      serviceName: KUDO_SERVICE,
      selector: { matchLabels: SELECTOR },
      template: {
        metadata: { labels: SELECTOR },
        spec: {
          serviceAccountName: SERVICE_ACCOUNT,
          terminationGracePeriodSeconds: 10,
          containers: [container],
          volumes: [{ name: 'cert', secret: { secretName: KUDO_SECRET, defaultMode: 0o400 } }],
        },
      },
    },
  };
}
