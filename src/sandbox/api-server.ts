import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issueServingCertificate } from '../lib/serving-certificate.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { mutatingWebhooks } from './admission-webhook.ts';
import type { Api } from './api-context.ts';
import { builtInResources } from './builtin-resources.ts';
import { startControllers, type ControllerOptions } from './controllers.ts';
import type { FaultHook, RequestRecord } from './faults.ts';
import { exchange, type ServerState } from './http-exchange.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { ResourceRegistry } from './resource-registry.ts';
import { ObjectStore } from './store.ts';
import { webhookCaller, type ServiceReference } from './webhook-call.ts';

/** How a sandbox API server differs from the usual one. */
export interface ApiServerOptions extends ControllerOptions {
  /** Bearer token of its only user; a random one when absent. */
  readonly token?: string;
  /** 0 (the default) for a free one. */
  readonly port?: number;
  /** How many writes watches can be resumed over; older ones are answered with 410. */
  readonly historyLimit?: number;
  /** How often watches get a bookmark, if they allow them; a minute when absent. */
  readonly bookmarkIntervalMs?: number;
  /** A watch that begins too far back is answered with HTTP 410 instead of an event in its stream. */
  readonly expiredAsHttp?: boolean;
  /** How many requests {@link SandboxApiServer.requests} remembers. */
  readonly requestLogLimit?: number;
  /** Where a webhook that is registered by its Service really is; undefined when nowhere. */
  readonly resolveService?: (service: ServiceReference) => string | undefined;
  readonly faults?: FaultHook;
}

/** A running Kubernetes API server. */
export interface SandboxApiServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  readonly token: string;
  /** The authority that clients must trust, as PEM. */
  readonly caPem: string;
  /** The newest requests, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** A kubeconfig file for kubectl and everything else. */
  kubeconfig(): string;
  /** Replaces the fault hook; undefined ends all faults. */
  setFaults(hook: FaultHook | undefined): void;
  /** Forgets the history, so that every watch that resumes is answered with 410. */
  compact(): void;
  /** Cuts all connections; clients have to come back. */
  cutConnections(): void;
  stop(): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
const CERTIFICATE_MS = 3_650 * DAY_MS;

/**
 * Starts a Kubernetes API server on 127.0.0.1 with everything in memory: what kubectl, KUDO and this
 * program need of Kubernetes 1.36. Not there: rules in CEL, server-side apply, protobuf, exec and
 * logs, validating webhooks, conversion webhooks. It stops when `scope` is aborted or by `stop()`.
 */
export async function startApiServer(
  options: ApiServerOptions,
  scope: Scope,
): Promise<SandboxApiServer> {
  const stopped = new AbortController();
  const running = withSignal(scope, stopped.signal);
  setMaxListeners(0, running.signal);
  const certificate = await issueServingCertificate(
    { hosts: ['127.0.0.1', 'localhost'], validMs: CERTIFICATE_MS },
    scope.clock.now(),
  );
  const webhooks = webhookCaller();
  const api: Api = {
    store: new ObjectStore(options.historyLimit ?? 10_000),
    registry: new ResourceRegistry(builtInResources()),
    admit: mutatingWebhooks(webhooks.call, options.resolveService ?? (() => undefined)),
    scope: running,
  };
  startControllers(options, api);
  const state = serverState(options);
  const server = createServer(
    { key: certificate.keyPem, cert: certificate.certPem },
    handler(state, api),
  );
  const port = await listen(server, options.port ?? 0);
  startBookmarks(state, options.bookmarkIntervalMs ?? 60_000, running);
  const stop = async (): Promise<void> => {
    stopped.abort();
    webhooks.close();
    await close(server);
  };
  scope.signal.addEventListener('abort', () => void stop(), { once: true });
  const access = { url: `https://127.0.0.1:${port}`, token: state.token, caPem: certificate.caPem };
  return {
    ...access,
    ...controls(state, server, api),
    kubeconfig: () => kubeconfigText(access),
    stop,
  };
}

function serverState(options: ApiServerOptions): ServerState {
  return {
    token: options.token ?? randomBytes(24).toString('hex'),
    faults: options.faults,
    requests: [],
    requestLogLimit: options.requestLogLimit ?? 100_000,
    expiredAsHttp: options.expiredAsHttp ?? false,
    watches: new Set(),
  };
}

function controls(
  state: ServerState,
  server: Server,
  api: Api,
): Pick<SandboxApiServer, 'requests' | 'setFaults' | 'compact' | 'cutConnections'> {
  return {
    requests: state.requests,
    setFaults: (hook) => {
      state.faults = hook;
    },
    compact: () => {
      api.store.compact();
    },
    cutConnections: () => {
      server.closeAllConnections();
    },
  };
}

function handler(
  state: ServerState,
  api: Api,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void exchange(request, response, state, api);
}

async function listen(server: Server, port: number): Promise<number> {
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function startBookmarks({ watches }: ServerState, intervalMs: number, scope: Scope): void {
  const tick = async (): Promise<void> => {
    while (!scope.signal.aborted) {
      await scope.clock.sleep(intervalMs, scope.signal);
      for (const watch of watches) watch.bookmark();
    }
  };
  tick().catch(() => undefined);
}
