import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:tls';
import { Failure } from './failure.ts';
import { proxyAuthorization, type Proxy } from './proxy.ts';

/** An agent whose https connections go through `proxy` by CONNECT (RFC 9110 §9.3.6). */
export function proxyAgent(proxy: Proxy, options: https.AgentOptions): https.Agent {
  const agent = new https.Agent(options);
  type Callback = (error: Error | null, socket?: unknown) => void;
  const createConnection = (at: ConnectionAt, callback: Callback): undefined => {
    tunnel(proxy, at, callback);
  };
  return Object.assign(agent, { createConnection });
}

interface ConnectionAt {
  readonly host: string;
  readonly port: number | string;
  readonly servername?: string;
}

function tunnel(
  proxy: Proxy,
  at: ConnectionAt,
  callback: (error: Error | null, socket?: unknown) => void,
): void {
  const { protocol, hostname, port } = new URL(proxy.url);
  const authority = `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`;
  const authorization = proxyAuthorization(proxy);
  const request = (protocol === 'https:' ? https : http).request({
    host: hostname,
    port: port || (protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    timeout: CONNECT_MS,
    agent: false,
    headers: {
      host: authority,
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
    },
  });
  request.once('timeout', () => {
    request.destroy(new Failure('timeout', `the proxy ${proxy.url} did not answer`));
  });
  request.once('error', (error) => {
    const why = error instanceof Failure ? error : unreachable(proxy, error.message);
    callback(why);
  });
  request.once('connect', (response, socket) => {
    socket.setTimeout(0);
    if (response.statusCode === 200) callback(null, connect({ ...at, socket } as object));
    else {
      socket.destroy();
      callback(refused(proxy, response.statusCode ?? 0));
    }
  });
  request.once('response', ({ statusCode }) => {
    request.destroy();
    callback(refused(proxy, statusCode ?? 0));
  });
  request.end();
}

const CONNECT_MS = 20_000;

const unreachable = ({ url }: Proxy, why: string): Failure =>
  new Failure('unreachable', `the proxy ${url}: ${why}`);

function refused(proxy: Proxy, status: number): Failure {
  if (status !== 407) return unreachable(proxy, `it answered ${status} to CONNECT`);
  return new Failure('denied', `the proxy ${proxy.url} wants other credentials`, {
    hint: 'put username and password into the Secret of spec.proxySecretRef, or into the variable https_proxy',
  });
}
