import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { dump, load } from 'js-yaml';
import { issueServingCertificate } from '../../src/lib/serving-certificate.ts';
import { labelOf } from './request-label.ts';

/** One request of the service on its way out. */
export interface OutboundRequest {
  /** Counts all requests from 1; a watch is one. */
  readonly number: number;
  /** What it does, without names: `PATCH instances`, `WATCH rollouts`, `git ls-refs`. */
  readonly label: string;
  /** Counts the requests of the same label from 1. */
  readonly ordinal: number;
}

/**
 * What becomes of a request: it passes; or the service is killed before the server gets it; or after
 * the server has answered, and the answer is never delivered.
 */
export type Fate = 'passes' | 'before' | 'after';

export interface KillProxyWish {
  /** Of the API server that the service is meant to reach. */
  readonly kubeconfig: string;
  /** Where the proxied kubeconfig is written. */
  readonly proxiedKubeconfig: string;
  /** Base URL of the Git server, which is also the forge. */
  readonly forge: string;
  readonly fateOf: (request: OutboundRequest) => Fate;
  /** Ends the service at once; resolves when it is gone. */
  readonly kill: (point: KillPoint) => Promise<void>;
}

export interface KillPoint extends OutboundRequest {
  readonly fate: 'before' | 'after';
}

/** Two loopback servers that the service talks to in the place of the API server and the forge. */
export interface KillProxy {
  /** In the place of `forge`. */
  readonly forge: string;
  /** How many requests came. */
  readonly requests: () => number;
  /** Where the service was killed, in order. */
  readonly points: readonly KillPoint[];
  readonly close: () => Promise<void>;
}

/**
 * The fates that a seed gives to requests. Every kind of write is killed before its first time and after
 * its second; for the rest the same label and ordinal always get the same fate.
 *
 * @param shareOf how many of the requests with a label end in a kill, 0 to 1
 */
export function seededFates(
  seed: number,
  shareOf: (label: string) => number,
): (request: OutboundRequest) => Fate {
  return ({ label, ordinal }) => {
    if (isWrite(label) && ordinal <= 2) return ordinal === 1 ? 'before' : 'after';
    const digest = createHash('sha256').update(`${String(seed)} ${label} ${String(ordinal)}`);
    const bytes = digest.digest();
    if (bytes.readUInt32BE(0) / 2 ** 32 >= shareOf(label)) return 'passes';
    return bytes.readUInt8(4) % 2 === 0 ? 'before' : 'after';
  };
}

/**
 * Writes are where something can be done twice or be forgotten; reads make most of the requests of a
 * service that has just been started.
 */
export function killShare(label: string): number {
  if (label.endsWith(' instances') && isWrite(label)) return 0.6;
  if (isWrite(label)) return 0.4;
  return label === 'git fetch' ? 0.2 : 0.02;
}

const isWrite = (label: string): boolean => /^(POST|PATCH|PUT|DELETE) /.test(label);

/** Starts the proxy; nothing is killed while another kill is under way. */
export async function startKillProxy(wish: KillProxyWish): Promise<KillProxy> {
  const points: KillPoint[] = [];
  const ordinals = new Map<string, number>();
  let count = 0;
  let dying = false;

  const judge = (label: string): KillPoint | undefined => {
    count += 1;
    if (dying) return undefined;
    const ordinal = (ordinals.get(label) ?? 0) + 1;
    ordinals.set(label, ordinal);
    const request = { number: count, label, ordinal };
    const fate = wish.fateOf(request);
    return fate === 'passes' ? undefined : { ...request, fate };
  };
  const kill = async (point: KillPoint): Promise<void> => {
    if (dying) return;
    dying = true;
    points.push(point);
    await wish.kill(point);
    dying = false;
  };
  const api = await readUpstream(wish.kubeconfig);
  const certificate = await issueServingCertificate(
    { hosts: ['127.0.0.1'], validMs: 24 * 3_600_000 },
    Date.now(),
  );
  const kube = https.createServer(
    { cert: certificate.certPem, key: certificate.keyPem },
    forwarder({ origin: api.server, ca: api.ca }, judge, kill),
  );
  const forge = http.createServer(forwarder({ origin: wish.forge }, judge, kill));
  // A connection that the proxy closed by itself would look like trouble of the cluster.
  for (const server of [kube, forge]) server.keepAliveTimeout = 0;
  const [kubePort, forgePort] = [await listen(kube), await listen(forge)];
  const server = `https://127.0.0.1:${String(kubePort)}`;
  await writeFile(wish.proxiedKubeconfig, api.through(server, certificate.caPem), { mode: 0o600 });
  return {
    forge: `http://127.0.0.1:${String(forgePort)}`,
    requests: () => count,
    points,
    close: async () => {
      await Promise.all([kube, forge].map(closeServer));
    },
  };
}

interface Upstream {
  readonly server: string;
  readonly ca: string;
  readonly through: (server: string, caPem: string) => string;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
}

async function readUpstream(kubeconfig: string): Promise<Upstream> {
  const config = load(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const { cluster } = config.clusters[0] ?? {};
  if (cluster === undefined) throw new Error(`${kubeconfig} names no cluster`);
  return {
    server: cluster.server,
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(),
    through: (server, caPem) => {
      const clusters = config.clusters.map((entry) => ({
        ...entry,
        cluster: { ...entry.cluster, server, 'certificate-authority-data': base64(caPem) },
      }));
      return dump({ ...config, clusters });
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Judge = (label: string) => KillPoint | undefined;
type Kill = (point: KillPoint) => Promise<void>;

function forwarder(
  upstream: { readonly origin: string; readonly ca?: string },
  judge: Judge,
  kill: Kill,
): RequestListener {
  const { Agent } = upstream.ca === undefined ? http : https;
  const agent = new Agent({ keepAlive: true, ...(upstream.ca ? { ca: upstream.ca } : {}) });
  return (request, response) => {
    void pass(request, response).catch(() => response.destroy());
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const label = labelOf(request.method ?? '', request.url ?? '', body);
    const point = judge(label);
    if (point?.fate === 'before') {
      await kill(point);
      response.destroy();
      return;
    }
    const answer = await ask(request, body);
    const isStream = label.startsWith('WATCH ');
    const content = isStream ? undefined : await read(answer);
    if (point) {
      await kill(point);
      answer.destroy();
      response.destroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    if (content) response.end(content);
    else stream(answer, response);
  }

  async function ask(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const url = new URL(request.url ?? '/', upstream.origin);
    const { host: _, ...headers } = request.headers;
    const { method } = request;
    const client = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const outgoing = client.request(url, { method, headers, agent });
      outgoing.once('error', reject).once('response', resolve).end(body);
    });
  }
}

function stream(answer: IncomingMessage, response: ServerResponse): void {
  response.flushHeaders();
  answer.pipe(response);
  answer.once('error', () => response.destroy());
  response.once('close', () => answer.destroy());
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: http.Server | https.Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
