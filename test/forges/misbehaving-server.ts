import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServingCertificate } from '../../src/lib/serving-certificate.ts';
import type { DialectStatus, StatusDialect } from './status-dialects.ts';

/** What goes wrong with one request. */
export interface Misbehaviour {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
  /** The connection ends instead of an answer. */
  readonly cut?: true;
  /** No answer ever. */
  readonly silent?: true;
}

/** A fault of some requests; `isStored` says whether a status arrives nevertheless. */
export interface Fault extends Misbehaviour {
  readonly isStored?: boolean;
}

/** Commit statuses of one forge over HTTPS, which goes wrong for as many requests as a test says. */
export class MisbehavingServer {
  readonly statuses: DialectStatus[] = [];
  dialect: StatusDialect | undefined;
  fault: Fault | undefined;
  /** Requests that still go wrong. */
  faultyRequests = 0;
  #server: Server | undefined;
  #waiting: (() => void)[] = [];

  /** Resolves at the next request that gets no answer: the moment at which a caller's patience may end. */
  nextSilence(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }

  async listen({ certPem, keyPem }: ServingCertificate): Promise<void> {
    const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  }

  get origin(): string {
    const address = this.#server?.address() as AddressInfo | undefined;
    return `https://127.0.0.1:${String(address?.port)}`;
  }

  reset(dialect: StatusDialect): void {
    this.dialect = dialect;
    this.statuses.splice(0);
    this.faultyRequests = 0;
    this.fault = undefined;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let content = '';
    for await (const chunk of request) content += String(chunk);
    const fault = this.#nextFault();
    const { url = '', method } = request;
    const commit = /[0-9a-f]{40}/.exec(url)?.[0] ?? '';
    const isWrite = method === 'POST';
    if (isWrite && fault?.isStored !== false) this.#store(commit, content);
    if (fault) this.#fail(fault, response);
    else if (isWrite) reply(response, 201, {});
    else this.#show(commit, url, response);
  }

  #nextFault(): (Fault & { readonly isStored: boolean }) | undefined {
    if (!this.fault || this.faultyRequests === 0) return undefined;
    this.faultyRequests -= 1;
    return { isStored: false, ...this.fault };
  }

  #store(commit: string, content: string): void {
    const body = JSON.parse(content) as Record<string, unknown>;
    if (this.dialect) this.statuses.push({ commit, ...this.dialect.read(body) });
  }

  #show(commit: string, url: string, response: ServerResponse): void {
    const own = this.statuses.filter((status) => status.commit === commit);
    const shown = this.dialect?.show(own, url);
    if (shown === undefined) reply(response, 404, { message: 'not found' });
    else reply(response, 200, shown);
  }

  #fail(fault: Fault, response: ServerResponse): void {
    misbehave(fault, response);
    if (fault.silent) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function misbehave(fault: Misbehaviour, response: ServerResponse): void {
  if (fault.silent) return;
  if (fault.cut) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(fault.status ?? 200, {
    'content-type': 'application/json',
    ...fault.headers,
  });
  response.end(fault.body ?? JSON.stringify({ message: 'a fault' }));
}
