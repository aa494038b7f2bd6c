import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Failure, messageOf } from '../lib/failure.ts';
import type { KubeAccess, KubeCredentials, TlsIdentity } from './kube-access.ts';

/** One HTTP request to the API server. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With a leading slash, without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  /** Streams have connections of their own, so that watches never use up those of calls. */
  readonly isStream?: boolean;
}

interface Pools {
  readonly identity: string;
  readonly calls: http.Agent;
  readonly streams: http.Agent;
}

const MAX_SOCKETS = 32;
const TCP_KEEP_ALIVE_MS = 30_000;

/**
 * Sends requests over connections that stay open: at most 32 for calls, and one for each stream.
 * (client-node opens a connection for every call.)
 */
export class KubeTransport {
  readonly #access: KubeAccess;
  readonly #userAgent: string;
  #pools: Pools;

  constructor(access: KubeAccess, userAgent: string) {
    this.#access = access;
    this.#userAgent = userAgent;
    this.#pools = this.#newPools('', {});
  }

  /**
   * The answer once its head has arrived, whatever its status; the caller reads or destroys the body.
   * A 401 is tried once more with renewed credentials.
   *
   * @throws {Failure} `unreachable` when there is no answer, `denied` when there are no credentials
   */
  async open(request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const credentials = await this.#access.credentials();
    const answer = await this.#exchange(request, credentials, signal);
    if (answer.statusCode !== 401) return answer;
    const renewed = await this.#access.renew(credentials);
    if (sameCredentials(credentials, renewed)) return answer;
    answer.resume();
    return this.#exchange(request, renewed, signal);
  }

  async #exchange(
    request: KubeRequest,
    credentials: KubeCredentials,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const url = new URL(`${this.#access.server}${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const options: https.RequestOptions = {
      method: request.method,
      agent: credentials.proxyAgent ?? this.#agentFor(credentials.tls, request.isStream ?? false),
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(request.body === undefined
          ? {}
          : {
              'content-type': request.contentType ?? 'application/json',
              'content-length': Buffer.byteLength(request.body),
            }),
        ...credentials.headers,
      },
    };
    try {
      return await exchange(url, options, request.body, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw unreachable(this.#access.server, thrown);
    }
  }

  #agentFor(tls: TlsIdentity, isStream: boolean): http.Agent {
    const identity = identityOf(tls);
    if (identity !== this.#pools.identity) {
      const { calls, streams } = this.#pools;
      this.#pools = this.#newPools(identity, tls);
      closeIdle(calls);
      closeIdle(streams);
    }
    return isStream ? this.#pools.streams : this.#pools.calls;
  }

  #newPools(identity: string, tls: TlsIdentity): Pools {
    const Agent = this.#access.server.startsWith('http:') ? http.Agent : https.Agent;
    const options = { ...tls, keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS };
    return {
      identity,
      calls: new Agent({ ...options, maxSockets: MAX_SOCKETS }),
      streams: new Agent({ ...options, maxFreeSockets: 0 }),
    };
  }
}

/** The failure for a connection that could not be made or broke. */
export function unreachable(server: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = `cannot reach the Kubernetes API server ${server}: ${reasonOf(thrown)}`;
  return new Failure('unreachable', message, { cause: thrown });
}

function exchange(
  url: URL,
  options: https.RequestOptions,
  body: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = (url.protocol === 'http:' ? http : https).request(url, options);
    const onAbort = () => {
      request.destroy(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    request.on('close', () => {
      signal.removeEventListener('abort', onAbort);
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** Sockets in use end with their answers; idle ones would stay open for nothing. */
function closeIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

function identityOf(tls: TlsIdentity): string {
  return JSON.stringify(
    Object.entries(tls).map(([name, value]) => [
      name,
      Buffer.isBuffer(value) ? value.toString('latin1') : value,
    ]),
  );
}

function sameCredentials(first: KubeCredentials, second: KubeCredentials): boolean {
  return (
    JSON.stringify(first.headers) === JSON.stringify(second.headers) &&
    identityOf(first.tls) === identityOf(second.tls)
  );
}

/** Node reports a host with several addresses as an AggregateError without a message. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) {
    return thrown.errors.map(messageOf).join(', ') || 'connection failed';
  }
  return messageOf(thrown);
}
