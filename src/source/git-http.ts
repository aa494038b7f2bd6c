import http from 'node:http';
import https from 'node:https';
import { Failure, messageOf } from '../lib/failure.ts';
import { redactText } from '../lib/redact.ts';
import { retryAfterMs } from '../lib/retry-after.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitAgents } from './git-agents.ts';
import type { GitLimits } from './git-limits.ts';
import type { GitRemote } from './git-source.ts';
import type { KnownServer } from './known-server.ts';
import { parseRemoteUrl } from './remote-url.ts';

export interface GitRequest {
  readonly method: 'GET' | 'POST';
  /** What follows the repository's address, such as `/info/refs?service=git-upload-pack`. */
  readonly suffix: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Buffer | undefined;
  /** Largest answer, in bytes. */
  readonly maxBytes: number;
  /** Sees the first bytes of the answer as they grow, until it says that it has seen enough; may throw. */
  readonly inspect?: ((head: Buffer) => boolean) | undefined;
}

export interface GitResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Requests to one repository, over connections that stay open. Credentials go with the first
 * request and only to the host of the remote: a redirect to another host, port or from https to
 * http is refused. Throws Failure for every answer but 200.
 */
export class GitHttp {
  readonly #remote: GitRemote;
  readonly #limits: Pick<GitLimits, 'idleTimeoutMs'>;
  readonly #agents: GitAgents;
  readonly #scope: Pick<Scope, 'signal' | 'clock'>;
  #base: URL;

  constructor(
    remote: GitRemote,
    limits: Pick<GitLimits, 'idleTimeoutMs'>,
    agents: GitAgents,
    scope: Pick<Scope, 'signal' | 'clock'>,
  ) {
    this.#remote = remote;
    this.#limits = limits;
    this.#base = parseRemoteUrl(remote.url);
    this.#agents = agents;
    this.#scope = scope;
  }

  /** The repository's address, without a slash at its end. */
  get url(): string {
    return this.#base.href;
  }

  get server(): KnownServer {
    return this.#agents.serverAt(this.#remote.url);
  }

  async request(request: GitRequest): Promise<GitResponse> {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const response = await this.#sendTwice(request);
      const { location } = response.headers;
      if (!REDIRECTS.has(response.status) || !location) return this.#accept(response);
      this.#follow(location, request.suffix);
    }
    throw new Failure('invalid', `${this.url} redirects in circles`);
  }

  #follow(location: string, suffix: string): void {
    const target = new URL(location, this.#base);
    const isUpgrade = this.#base.protocol === 'http:' && target.protocol === 'https:';
    const isSameHost =
      target.origin === this.#base.origin ||
      (isUpgrade && target.hostname === this.#base.hostname && target.port === '');
    const [path = ''] = suffix.split('?', 1);
    if (!isSameHost || !target.pathname.endsWith(path)) {
      throw new Failure('invalid', `${this.url} redirects to ${target.origin}`, {
        hint: 'Credentials are never sent along a redirect to another host: write the new address into spec.url.',
      });
    }
    if (isUpgrade) {
      throw new Failure('invalid', `${this.url} redirects to https`, {
        hint: 'Write https:// into spec.url.',
      });
    }
    this.#base = new URL(target.pathname.slice(0, target.pathname.length - path.length), target);
  }

  #accept(response: Answer): GitResponse {
    const { status, headers, body } = response;
    if (status === 200) return { headers, body };
    const said = `${this.url} answered ${status}`;
    if (status === 401 || status === 403 || status === 203) {
      throw new Failure('denied', said, {
        hint: 'Check the user name and token in the Secret of spec.secretRef, and that the token may read this repository.',
      });
    }
    if (status === 404 || status === 410) {
      throw new Failure('missing', said, {
        hint: 'Check spec.url. Git hosts also answer like this when a private repository is asked for without the right token.',
      });
    }
    if (status === 429 || status >= 500) {
      const askedMs = retryAfterMs(headers['retry-after'], this.#scope.clock.now());
      throw new Failure('unreachable', said, { retryAfterMs: askedMs || undefined });
    }
    throw new Failure('invalid', `${said}, which is not how a Git server answers`);
  }

  /** A connection kept open may have been closed by the server just now; asking again is safe. */
  async #sendTwice(request: GitRequest): Promise<Answer> {
    try {
      return await this.#send(request);
    } catch (thrown) {
      if (!(thrown instanceof StaleConnection)) throw thrown;
    }
    return this.#send(request);
  }

  #send({ method, suffix, headers, body, maxBytes, inspect }: GitRequest): Promise<Answer> {
    this.#scope.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const module = this.#base.protocol === 'https:' ? https : http;
      const way = this.#agents.wayTo(this.#base, this.#remote);
      const authorization = authorizationOf(this.#remote);
      const sent = module.request(this.url + suffix, {
        method,
        agent: way.agent,
        signal: this.#scope.signal,
        ...(way.viaProxy && { ...way.viaProxy.at, path: this.url + suffix }),
        headers: {
          'user-agent': 'git/kudo-gitops',
          ...headers,
          ...way.viaProxy?.headers,
          ...(authorization !== undefined && { authorization }),
          ...(body && { 'content-length': String(body.length) }),
        },
      });
      const fail = (cause: unknown): void => {
        reject(this.#failureOf(cause, sent.reusedSocket));
      };
      sent.setTimeout(this.#limits.idleTimeoutMs, () => sent.destroy(this.#silence()));
      sent.on('error', fail);
      sent.on('response', (response) => {
        collect(response, { maxBytes, inspect }, `${this.url} sent`).then(
          resolve,
          (cause: unknown) => {
            sent.destroy();
            reject(this.#failureOf(cause, false));
          },
        );
      });
      sent.end(body);
    });
  }

  #silence(): Failure {
    const seconds = this.#limits.idleTimeoutMs / 1000;
    return new Failure('timeout', `${this.url} said nothing for ${seconds} s`);
  }

  #failureOf(cause: unknown, wasReused: boolean): unknown {
    if (this.#scope.signal.aborted) return this.#scope.signal.reason;
    if (cause instanceof Failure) return cause;
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (wasReused && STALE_CODES.has(code)) return new StaleConnection();
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
    return new Failure('unreachable', `${this.url}: ${redactText(messageOf(cause)) || code}`, {
      cause,
      hint: isCertificate
        ? 'Put the certificate authority of the Git server into key ca.crt of the Secret of spec.secretRef.'
        : undefined,
    });
  }
}

interface Answer extends GitResponse {
  readonly status: number;
}

class StaleConnection extends Error {
  override readonly name: string = 'StaleConnection';
}

/** How much of an answer is looked at while it comes. */
const MAX_HEAD_BYTES = 256 * 1024;
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const STALE_CODES = new Set(['ECONNRESET', 'EPIPE']);

/** The header Authorization; undefined without credentials. */
export function authorizationOf(remote: GitRemote): string | undefined {
  if (remote.bearerToken !== undefined) return `Bearer ${remote.bearerToken}`;
  if (remote.username === undefined && remote.password === undefined) return undefined;
  const pair = `${remote.username ?? ''}:${remote.password ?? ''}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function collect(
  response: http.IncomingMessage,
  { maxBytes, inspect }: Pick<GitRequest, 'maxBytes' | 'inspect'>,
  said: string,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isSeen = inspect === undefined || response.statusCode !== 200;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new Failure('invalid', `${said} more than ${maxBytes} bytes`, {
        hint: 'The history is larger than this service reads; keep what describes the cluster in a repository of its own.',
      });
    }
    chunks.push(chunk);
    isSeen ||= bytes > MAX_HEAD_BYTES || inspect?.(Buffer.concat(chunks)) === true;
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}
