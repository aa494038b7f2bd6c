import http from 'node:http';
import https from 'node:https';
import { Failure, messageOf } from '../lib/failure.ts';
import type { Proxy } from '../lib/proxy.ts';
import type { Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import { GitAgents } from './git-agents.ts';
import { isNamedHost, requirePublicHost } from './public-hosts.ts';

/** Bounds on one download, redirects included, and the way there. */
export interface DownloadOptions {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Hosts that may be on a private network, as `host` or `host:port`. */
  readonly privateHosts: readonly string[];
  /** Goes before what `env` says. */
  readonly proxy?: Proxy | undefined;
  /** PEM certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
  /** Variables of this process; those that name proxies count. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches a file that somebody else's text names: without credentials, and from public hosts or named ones
 * only, each redirect as well.
 *
 * @throws {Failure} `denied` for a host that is not public, or 401 and 403; `missing` for 404; `invalid` when
 *   it is too large; `timeout`; `unreachable`
 */
export async function download(
  url: string,
  options: DownloadOptions,
  scope: Scope,
): Promise<Buffer> {
  const message = `${url} took longer than ${options.timeoutMs / 1000} s`;
  const agents = new GitAgents(options.env);
  try {
    return await withDeadline(
      { ms: options.timeoutMs, message },
      async (signal) => follow(new URL(url), { ...options, agents }, signal),
      scope,
    );
  } finally {
    agents.close();
  }
}

type Download = DownloadOptions & { readonly agents: GitAgents };

async function follow(first: URL, limits: Download, signal: AbortSignal): Promise<Buffer> {
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await get(url, limits, signal);
    if ('body' in answer) return answer.body;
    const next = URL.canParse(answer.location, url.href)
      ? new URL(answer.location, url)
      : undefined;
    const isSafe =
      next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:');
    if (!next || !isSafe)
      throw new Failure('invalid', `${url.href} redirects to what is no https URL`);
    url = next;
  }
  throw new Failure('invalid', `${first.href} redirects more than ${MAX_REDIRECTS} times`);
}

type Answer = { readonly body: Buffer } | { readonly location: string };

function get(url: URL, limits: Download, signal: AbortSignal): Promise<Answer> {
  const isNamed = isNamedHost(url, limits.privateHosts);
  if (!isNamed) requirePublicHost(url);
  const { request } = url.protocol === 'https:' ? https : http;
  const { agent, viaProxy } = limits.agents.wayTo(url, { ...limits, isPublicOnly: !isNamed });
  const options = {
    agent,
    signal,
    ...(viaProxy && { ...viaProxy.at, path: url.href }),
    headers: { 'user-agent': 'kudo-gitops', ...viaProxy?.headers },
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      reject(
        signal.aborted || cause instanceof Failure ? (cause as Error) : unreachable(url, cause),
      );
    };
    const sent = request(url, options, (response) => {
      accept(url, response, limits)
        .then(resolve, fail)
        .finally(() => sent.destroy());
    });
    sent.on('error', fail);
    sent.end();
  });
}

async function accept(
  url: URL,
  response: http.IncomingMessage,
  { maxBytes }: DownloadOptions,
): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  if (REDIRECTS.has(statusCode) && headers.location !== undefined) {
    return { location: headers.location };
  }
  if (statusCode !== 200) throw refused(url, statusCode);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new Failure('invalid', `${url.href} has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks) };
}

function refused(url: URL, code: number): Failure {
  const said = `${url.href} answered ${code}`;
  if (code === 407) {
    return new Failure('denied', `${url.href}: the proxy wants other credentials`, {
      hint: 'put username and password into the Secret of spec.proxySecretRef, or into the variable http_proxy',
    });
  }
  if (code === 404 || code === 410) return new Failure('missing', said);
  if (code === 401 || code === 403) return new Failure('denied', said);
  return new Failure(code === 429 || code >= 500 ? 'unreachable' : 'invalid', said);
}

function unreachable(url: URL, cause: unknown): Failure {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
  const hint = isCertificate
    ? 'put the certificate authority of its host into key ca.crt of the Secret of spec.secretRef'
    : undefined;
  return new Failure('unreachable', `${url.href}: ${messageOf(cause)}`, { cause, hint });
}
