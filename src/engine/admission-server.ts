import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, messageOf } from '../lib/failure.ts';
import { jsonOrUndefined } from '../lib/json-or-undefined.ts';
import type { Scope } from '../lib/scope.ts';
import { answerReview, type AdmissionWorld } from './answer-review.ts';
import { ADMISSION_PATH } from './webhook-configuration.ts';

/** Where the admission server listens and what it shows of itself. Port 0 takes a free one. */
export interface AdmissionServerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM certificate and key for the name by which the API server calls. */
  readonly certificate: { readonly certPem: string; readonly keyPem: string };
}

/** A running admission server. */
export interface AdmissionServer {
  readonly port: number;
  close(): Promise<void>;
}

/** An AdmissionReview holds an object twice; the API server takes none beyond 3 MiB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Answers AdmissionReviews over HTTPS until it is closed. Throws Failure (`invalid`) when the
 * certificate cannot be used or the address is taken.
 */
export async function startAdmissionServer(
  options: AdmissionServerOptions,
  world: AdmissionWorld,
  scope: Scope,
): Promise<AdmissionServer> {
  const server = await listen(options, (request, response) => {
    handle(request, response, world).catch((thrown: unknown) => {
      const level = scope.signal.aborted ? 'debug' : 'error';
      scope.log[level]('admission review crashed', { reason: messageOf(thrown) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(
  { host, port, certificate }: AdmissionServerOptions,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  try {
    const server = createServer(
      { cert: certificate.certPem, key: certificate.keyPem, requestTimeout: 30_000 },
      handler,
    );
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (thrown) {
    throw new Failure(
      'invalid',
      `the admission server cannot listen on ${host}:${port}: ${messageOf(thrown)}`,
      { cause: thrown, hint: 'choose another port, or check the webhook certificate and key' },
    );
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  world: AdmissionWorld,
): Promise<void> {
  const [path] = (request.url ?? '').split('?');
  if (path === '/healthz') return send(response, 200, 'ok');
  if (path !== ADMISSION_PATH) return send(response, 404, 'not found');
  if (request.method !== 'POST') return send(response, 405, 'AdmissionReviews are POSTed');
  const body = await readBody(request);
  if (body === undefined) return send(response, 413, `longer than ${MAX_BODY_BYTES} bytes`);
  const answer = await answerReview(jsonOrUndefined(body), world);
  if (answer === undefined) return send(response, 400, 'this is no AdmissionReview');
  response.setHeader('content-type', 'application/json');
  return send(response, 200, JSON.stringify(answer));
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status).end(text);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
