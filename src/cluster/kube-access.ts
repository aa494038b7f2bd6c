import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Failure, messageOf } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';

/** The part of a request's options that decides which connections it may use. */
export type TlsIdentity = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>;

/** What one request needs to be let in. */
export interface KubeCredentials {
  readonly tls: TlsIdentity;
  readonly headers: OutgoingHttpHeaders;
  /** Set when the kubeconfig names a proxy. */
  readonly proxyAgent: Agent | undefined;
}

/** One API server and the way in, from one context of a kubeconfig or from inside a pod. */
export interface KubeAccess {
  /** The API server's base URL, without a slash at its end. */
  readonly server: string;
  /** The name of the kubeconfig's context. */
  readonly context: string;
  /** The context's namespace. */
  readonly namespace: string | undefined;
  /**
   * Credentials as they are now; token files and exec plugins are asked again when they have expired.
   *
   * @throws {Failure} `denied` when a file cannot be read or the exec plugin fails
   */
  credentials(): Promise<KubeCredentials>;
  /** New credentials after the server has refused `rejected` with 401; callers at the same time share one renewal. */
  renew(rejected: KubeCredentials): Promise<KubeCredentials>;
}

/** Access by the current context of what `load` gives; `load` is called again when credentials must be renewed. */
export async function accessWith(load: () => Promise<KubeConfig>): Promise<KubeAccess> {
  let config = await load();
  let renewal: Promise<KubeConfig> | undefined;
  const origins = new WeakMap<KubeCredentials, KubeConfig>();

  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Failure('invalid', 'the kubeconfig has no cluster for its context');

  let pending: Promise<KubeCredentials> | undefined;

  async function make(): Promise<KubeCredentials> {
    const current = config;
    const made = await credentialsOf(current);
    origins.set(made, current);
    return made;
  }

  /** Callers at the same time share one run of an exec plugin. */
  async function credentials(): Promise<KubeCredentials> {
    pending ??= make().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    server: cluster.server,
    context: config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    credentials,
    renew: async (rejected) => {
      if (origins.get(rejected) === config) {
        renewal ??= load().finally(() => {
          renewal = undefined;
        });
        config = await renewal;
      }
      return credentials();
    },
  };
}

async function credentialsOf(config: KubeConfig): Promise<KubeCredentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (thrown) {
    const why = redactText(messageOf(thrown)).trim().slice(0, 500);
    throw new Failure('denied', `cannot get credentials for the cluster: ${why}`, {
      hint: 'check the kubeconfig: its certificate and token files, and the command of its exec plugin',
    });
  }
  return {
    tls: tlsIdentity(options),
    headers: { ...(options.headers as OutgoingHttpHeaders), ...basicAuthorization(options.auth) },
    proxyAgent: config.getCurrentCluster()?.proxyUrl ? (options.agent as Agent) : undefined,
  };
}

function tlsIdentity(options: RequestOptions): TlsIdentity {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const all = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function basicAuthorization(auth: string | null | undefined): OutgoingHttpHeaders {
  return auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
}
