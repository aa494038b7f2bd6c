import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { Failure } from '../lib/failure.ts';

export interface WebServer {
  /** `http://<host>:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Lets an app answer.
 *
 * @param address `host:port`; port 0 takes a free one
 * @throws {Failure} `invalid` when nobody can listen there
 */
export async function serveApp(address: string, app: Hono): Promise<WebServer> {
  const { host, port } = parseAddress(address);
  const listener = getRequestListener(app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const hint = 'choose another one with --listen host:port';
      reject(new Failure('invalid', `cannot listen on ${address}: ${cause.message}`, { hint }));
    });
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://${host}:${String(actual)}`, close: () => closeServer(server) };
}

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(.+):(\d{1,5})$/.exec(address);
  if (!match)
    throw new Failure('invalid', `--listen ${address}: write host:port, such as 0.0.0.0:8080`);
  return { host: match[1] ?? '', port: Number(match[2]) };
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
