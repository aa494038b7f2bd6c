import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';

/** What the server does wrong to requests whose path contains `on`. */
export interface GitFault {
  readonly on: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sends this many bytes of the right answer and cuts the connection. */
  readonly cutAfterBytes?: number;
  /** Never answers. */
  readonly silent?: boolean;
}

export interface GitHttpServer {
  /** Address of the server, without a slash at its end. */
  readonly url: string;
  /** What was asked, oldest first. */
  readonly requests: {
    readonly line: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }[];
  fault: GitFault | undefined;
  /** Basic credentials as `user:password`, or `Bearer …`; undefined lets everyone in. */
  credentials: string | undefined;
  /** Protocol version 2 is hidden when false. */
  knowsVersion2: boolean;
  /** Closes every connection, as servers do with idle ones. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Serves the bare repositories below `root` over loopback HTTP, or HTTPS, with `git http-backend`. */
export async function startGitHttpServer(
  root: string,
  tls?: { readonly certPem: string; readonly keyPem: string },
): Promise<GitHttpServer> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(state, root, request, response);
  };
  const http = tls
    ? createTlsServer({ cert: tls.certPem, key: tls.keyPem }, answer)
    : createServer(answer);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const state: GitHttpServer = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: [],
    fault: undefined,
    credentials: undefined,
    knowsVersion2: true,
    dropConnections: () => {
      http.closeAllConnections();
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return state;
}

async function serve(
  state: GitHttpServer,
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await collect(request);
  const { method = '', url = '' } = request;
  const { authorization } = request.headers;
  state.requests.push({ line: `${method} ${url}`, authorization, body: body.toString('latin1') });
  const fault = state.fault && url.includes(state.fault.on) ? state.fault : undefined;
  if (fault?.silent || refuse(state, fault, authorization, response)) return;
  const { status, headers, bytes } = await runBackend(state, root, request, body);
  response.writeHead(status, headers);
  if (fault?.cutAfterBytes === undefined) response.end(bytes);
  else response.write(bytes.subarray(0, fault.cutAfterBytes), () => response.destroy());
}

function refuse(
  { credentials }: GitHttpServer,
  fault: GitFault | undefined,
  authorization: string | undefined,
  response: ServerResponse,
): boolean {
  if (fault?.status !== undefined) {
    response.writeHead(fault.status, fault.headers).end('no');
    return true;
  }
  if (isAllowed(credentials, authorization)) return false;
  response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?');
  return true;
}

async function runBackend(
  { knowsVersion2 }: GitHttpServer,
  root: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; headers: Record<string, string>; bytes: Buffer }> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const protocol = request.headers['git-protocol'];
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      CONTENT_LENGTH: String(body.length),
      REMOTE_USER: 'test',
      ...(knowsVersion2 && typeof protocol === 'string' && { GIT_PROTOCOL: protocol }),
    },
  });
  backend.stdin.on('error', () => undefined);
  backend.stdin.end(body);
  const output = await collect(backend.stdout);
  const split = output.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(
    output
      .toString('latin1', 0, split)
      .split('\r\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  ) as Record<string, string>;
  const status = Number.parseInt(headers['status'] ?? '200', 10);
  return { status, headers, bytes: output.subarray(split + 4) };
}

function isAllowed(wanted: string | undefined, got: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (wanted.startsWith('Bearer ')) return got === wanted;
  return got === `Basic ${Buffer.from(wanted).toString('base64')}`;
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
