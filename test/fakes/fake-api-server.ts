import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueServingCertificate } from '../../src/lib/serving-certificate.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../../src/model/kube-object.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request in the server's place and returns true, or returns false to let it pass. */
export type Fault = (request: SeenRequest, response: ServerResponse) => boolean;

interface Watcher {
  readonly response: ServerResponse;
  silent: boolean;
}

/**
 * An HTTPS server on loopback that lists and watches one collection as an API server does, and goes
 * wrong in the ways a test asks for.
 */
export class FakeApiServer {
  readonly requests: SeenRequest[] = [];
  /** TLS connections accepted so far. */
  connections = 0;
  /** Tokens that are let in. */
  readonly tokens = new Set(['good-token']);
  /** Asked in turn; the first that answers wins. */
  readonly faults: Fault[] = [];
  caPem = '';
  #server: Server | undefined;
  #version = 100;
  #oldest = 0;
  #objects = new Map<ObjectKey, KubeObject>();
  #history: { version: number; type: string; object: KubeObject }[] = [];
  #watchers = new Set<Watcher>();
  #sockets = new Set<Socket>();

  async start(): Promise<void> {
    const certificate = await issueServingCertificate(
      { hosts: ['127.0.0.1'], validMs: 3_600_000 },
      Date.now(),
    );
    this.caPem = certificate.caPem;
    this.#server = createServer({ cert: certificate.certPem, key: certificate.keyPem });
    this.#server.on('request', (request, response) => void this.#handle(request, response));
    this.#server.on('secureConnection', () => {
      this.connections++;
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => {
      this.#server?.listen(0, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    const address = this.#server?.address() as AddressInfo | undefined;
    return `https://127.0.0.1:${address?.port ?? 0}`;
  }

  /** A kubeconfig for this server; `user` is the user's entry. */
  kubeconfig(user: object = { token: 'good-token' }): string {
    const ca = Buffer.from(this.caPem).toString('base64');
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      clusters: [{ name: 'fake', cluster: { server: this.url, 'certificate-authority-data': ca } }],
      users: [{ name: 'fake', user }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'here' } }],
    });
  }

  async stop(): Promise<void> {
    this.resetConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** Stores `object` under the next resourceVersion and tells the watchers. */
  put(object: KubeObject): KubeObject {
    const key = keyOf(object);
    const stored = this.#stamped(object);
    this.#emit(this.#objects.has(key) ? 'MODIFIED' : 'ADDED', stored);
    this.#objects.set(key, stored);
    return stored;
  }

  remove(key: ObjectKey): void {
    const object = this.#objects.get(key);
    this.#objects.delete(key);
    if (object) this.#emit('DELETED', this.#stamped(object));
  }

  /** Forgets all history: watches from an older resourceVersion are answered with 410. */
  compact(): void {
    this.#version++;
    this.#oldest = this.#version;
    this.#history = [];
  }

  /** Sends `event` to all watchers, e.g. an ERROR or a BOOKMARK. */
  send(event: object): void {
    for (const { response } of this.#watchers) response.write(`${JSON.stringify(event)}\n`);
  }

  /** Ends all watches in order, as an API server does after `timeoutSeconds`. */
  endWatches(): void {
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
  }

  /** From now on the open watches bring nothing, as behind a firewall that forgot the connection. */
  muteWatches(): void {
    for (const watcher of this.#watchers) watcher.silent = true;
  }

  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** How many requests were watches, or the other GETs. */
  count(kind: 'watch' | 'list'): number {
    return this.requests.filter(({ query }) => query.has('watch') === (kind === 'watch')).length;
  }

  #stamped(object: KubeObject): KubeObject {
    this.#version++;
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: this.#version.toString() },
    };
  }

  #emit(type: string, object: KubeObject): void {
    this.#history.push({ version: this.#version, type, object });
    for (const { response, silent } of this.#watchers) {
      if (!silent) response.write(`${JSON.stringify({ type, object })}\n`);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = await readRequest(request);
    this.requests.push(seen);
    if (!this.tokens.has(request.headers.authorization?.replace('Bearer ', '') ?? '')) {
      answerStatus(response, 401, 'Unauthorized');
      return;
    }
    if (this.faults.some((fault) => fault(seen, response))) return;
    if (seen.query.has('watch')) this.#watch(seen, response);
    else if (seen.method === 'GET') this.#read(seen, response);
    else answer(response, 200, { echo: seen.body === '' ? null : JSON.parse(seen.body) });
  }

  #watch({ query }: SeenRequest, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion') ?? this.#version);
    if (from < this.#oldest) {
      answerStatus(response, 410, 'Expired');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { version, type, object } of this.#history) {
      if (version > from) response.write(`${JSON.stringify({ type, object })}\n`);
    }
    const watcher = { response, silent: false };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
  }

  #read({ path, query }: SeenRequest, response: ServerResponse): void {
    const objects = [...this.#objects.values()];
    const one = objects.find(({ metadata }) => path.endsWith(`/${metadata.name}`));
    if (one) {
      answer(response, 200, one);
      return;
    }
    const start = Number(query.get('continue') ?? 0);
    const end = start + Number(query.get('limit') ?? objects.length);
    answer(response, 200, {
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      metadata: {
        resourceVersion: this.#version.toString(),
        ...(end < objects.length ? { continue: end.toString() } : {}),
      },
      items: objects.slice(start, end),
    });
  }
}

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  const url = new URL(request.url ?? '/', 'https://fake');
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

/** Answers with `body` as JSON. */
export function answer(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Answers with a Status object, as an API server does when it refuses. */
export function answerStatus(response: ServerResponse, code: number, reason: string): void {
  const message = `the fake server says ${reason}`;
  answer(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message,
    code,
  });
}

/** A fault for the first `times` requests that `matches`. */
export function firstTimes(
  times: number,
  matches: (request: SeenRequest) => boolean,
  fault: (response: ServerResponse) => void,
): Fault {
  let left = times;
  return (request, response) => {
    if (left === 0 || !matches(request)) return false;
    left--;
    fault(response);
    return true;
  };
}
