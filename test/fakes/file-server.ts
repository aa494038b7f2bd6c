import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a path answers: bytes, or where it redirects to, or a status. */
export type ServedFile =
  Buffer | string | { readonly location: string } | { readonly status: number };

/** A web server on 127.0.0.1 with files that a test may change. */
export interface FileServer {
  readonly url: string;
  readonly host: string;
  readonly files: Map<string, ServedFile>;
  /** Paths that were asked for. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/** @param tls makes it speak https */
export async function startFileServer(tls?: {
  readonly certPem: string;
  readonly keyPem: string;
}): Promise<FileServer> {
  const files = new Map<string, ServedFile>();
  const requests: string[] = [];
  const answer: RequestListener = (request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const file = files.get(path) ?? { status: 404 };
    if (typeof file === 'string' || Buffer.isBuffer(file)) response.end(file);
    else if ('location' in file) response.writeHead(302, { location: file.location }).end();
    else response.writeHead(file.status).end();
  };
  const server = tls
    ? createTlsServer({ cert: tls.certPem, key: tls.keyPem }, answer)
    : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${tls ? 'https' : 'http'}://${host}`,
    host,
    files,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
