/** A kubeconfig file (JSON is YAML) with one cluster, one user and one context, all called `sandbox`. */
export function kubeconfigText(access: {
  readonly url: string;
  readonly token: string;
  readonly caPem: string;
}): string {
  const name = 'sandbox';
  const cluster = {
    server: access.url,
    'certificate-authority-data': Buffer.from(access.caPem).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token: access.token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
