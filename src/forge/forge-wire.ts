import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { Failure } from '../lib/failure.ts';
import { proxyAgent } from '../lib/proxy-agent.ts';
import { proxyAuthorization, type Proxy } from '../lib/proxy.ts';

/** One call as it goes over the wire. */
export interface WireCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly content?: string | undefined;
}

/** An HTTP answer of a forge. */
export interface ForgeAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface WireOptions {
  readonly protocol: string;
  /** PEM certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
  readonly proxy?: Proxy | undefined;
  readonly maxBodyBytes: number;
}

/** Connections to one forge that are kept from one call to the next. */
export interface ForgeWire {
  /** The answer, after redirects within the forge; the token never goes to another origin. */
  send(call: WireCall, signal: AbortSignal): Promise<ForgeAnswer>;
  close(): void;
}

const MAX_REDIRECTS = 3;
/** Below the five seconds after which many servers close an idle connection themselves. */
const IDLE_MS = 4_000;

/** @throws {Failure} `invalid` for plain http through a proxy that speaks https */
export function openWire(options: WireOptions): ForgeWire {
  const { maxBodyBytes } = options;
  const { agent, request, detour } = wayTo(options);

  async function exchange(call: WireCall, signal: AbortSignal): Promise<ForgeAnswer> {
    const { url, method, headers, content } = call;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const straight = { agent, method, headers, signal };
      request(url, { ...straight, ...detour(url, headers) }, resolve)
        .on('error', reject)
        .end(content);
    });
    return {
      status: response.statusCode ?? 0,
      headers: firstValues(response.headers),
      body: await readBounded(response, maxBodyBytes),
    };
  }

  return {
    async send(call, signal) {
      let { url } = call;
      for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
        // Each hop is known only from the one before.
        // oxlint-disable-next-line no-await-in-loop
        const answer = await exchange({ ...call, url }, signal);
        if (answer.status < 300 || answer.status >= 400) return answer;
        url = redirectTarget(answer, url, call.method);
      }
      throw new Failure('denied', `more than ${MAX_REDIRECTS} redirects`);
    },
    close: () => {
      agent.destroy();
    },
  };
}

interface Way {
  readonly agent: HttpAgent;
  readonly request: typeof httpRequest;
  /** What differs for a request that a proxy passes on as it is. */
  readonly detour: (url: URL, headers: WireCall['headers']) => object;
}

const direct: Way['detour'] = () => ({});

function wayTo({ protocol, ca, proxy }: WireOptions): Way {
  const keep = { keepAlive: true, timeout: IDLE_MS, maxSockets: 8 };
  if (protocol === 'https:') {
    const tls = { ...keep, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) };
    const agent = proxy ? proxyAgent(proxy, tls) : new HttpsAgent(tls);
    return { agent, request: httpsRequest, detour: direct };
  }
  const detour = proxy ? plainDetour(proxy) : direct;
  return { agent: new HttpAgent(keep), request: httpRequest, detour };
}

function plainDetour(proxy: Proxy): Way['detour'] {
  const { protocol, hostname, port } = new URL(proxy.url);
  if (protocol !== 'http:') {
    throw new Failure('invalid', 'plain http does not go through a proxy that speaks https', {
      hint: 'write an http:// address of the proxy, or https:// into spec.url',
    });
  }
  const authorization = proxyAuthorization(proxy);
  const extra = authorization === undefined ? {} : { 'proxy-authorization': authorization };
  return (url, headers) => ({
    hostname,
    port: port || '80',
    path: url.href,
    headers: { ...headers, host: url.host, ...extra },
  });
}

/** Gitea and GitHub answer 301 for a renamed repository, to writes too, and mean the same request at the new place. */
const KEEP_METHOD = [301, 307, 308];

function redirectTarget({ status, headers }: ForgeAnswer, from: URL, method: string): URL {
  const location = headers['location'] ?? '';
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isSameRequest = KEEP_METHOD.includes(status) || method === 'GET';
  if (target?.origin === from.origin && isSameRequest) return target;
  const to = target?.origin ?? 'nowhere';
  // Only a person can say where the forge is; what was to be said is kept till then.
  throw new Failure('denied', `answered ${status}, a redirect to ${to}, which is not followed`, {
    hint: 'Set the URL of the Sync, or spec.forge.apiUrl, to where the forge is now.',
  });
}

async function readBounded(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new Failure('unreachable', `the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function firstValues(headers: IncomingMessage['headers']): ForgeAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
