import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { z } from 'zod';
import { Failure, messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import { answerFailure, type ForgeAnswer } from './answer-failure.ts';

export interface ForgeHttpOptions {
  /** Where the API begins: http(s), without credentials. */
  readonly apiBase: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  /** PEM certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
  /** For one call, redirects included. */
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
}

export interface ForgeCall {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below the API's base, with its query. */
  readonly path: string;
  readonly body?: unknown;
}

/**
 * JSON over HTTP to one forge, over connections that are kept. Throws Failure as `Forge` says it; no
 * message holds the token, whatever the other side sends.
 */
export interface ForgeHttp {
  /** The answer, and its headers by lower-case name. */
  call<T>(
    call: ForgeCall,
    schema: z.ZodType<T>,
    scope: Scope,
  ): Promise<{ value: T; headers: ForgeAnswer['headers'] }>;
  /** Closes the connections kept for later. */
  readonly close: () => void;
}

const TIMEOUT_MS = 20_000;
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_REDIRECTS = 3;
/** Below the five seconds after which many servers close an idle connection themselves. */
const IDLE_MS = 4_000;

export function forgeHttp(options: ForgeHttpOptions): ForgeHttp {
  const base = parseBase(options.apiBase);
  const wire = openWire(base, options);
  const hide = hider(options.authorization);
  const failed = (call: ForgeCall, text: string): string =>
    hide(`${call.method} ${base.href}${call.path.split('?')[0] ?? ''}: ${text}`);

  return {
    async call(call, schema, scope) {
      const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
      const limit = { ms: timeoutMs, message: `no answer within ${timeoutMs / 1_000} s` };
      const carryOut = async (signal: AbortSignal): Promise<ForgeAnswer> =>
        followed(wire, base, call, signal);
      const answer = await withDeadline(limit, carryOut, scope).catch((thrown: unknown) => {
        scope.signal.throwIfAborted();
        if (!(thrown instanceof Failure)) {
          throw new Failure('unreachable', failed(call, reasonOf(thrown)));
        }
        throw new Failure(thrown.kind, failed(call, thrown.message), thrown);
      });
      const failure = answerFailure(answer, scope.clock.now());
      if (failure) throw new Failure(failure.kind, failed(call, failure.message), failure);
      const read = schema.safeParse(JSON.parse(answer.body));
      if (read.success) return { value: read.data, headers: answer.headers };
      const [issue] = read.error.issues;
      const where = issue?.path.join('.') ?? '';
      throw new Failure(
        'invalid',
        failed(call, `unexpected answer: ${where}: ${issue?.message ?? ''}`),
        {
          hint: 'Does spec.forge.type name the software that runs there?',
        },
      );
    },
    close: () => {
      wire.agent.destroy();
    },
  };
}

function parseBase(apiBase: string): URL {
  const base = URL.canParse(apiBase) ? new URL(apiBase) : undefined;
  if (
    base === undefined ||
    !/^https?:$/.test(base.protocol) ||
    base.username + base.password !== ''
  ) {
    throw new Failure(
      'invalid',
      'the forge’s API URL is not an http or https URL without credentials',
      {
        hint: 'Write spec.forge.apiUrl like https://git.example.org/api/v1 and put the token in the Secret.',
      },
    );
  }
  base.pathname = base.pathname.replace(/\/+$/, '');
  base.search = '';
  base.hash = '';
  return base;
}

interface Wire {
  readonly agent: HttpAgent;
  readonly request: typeof httpRequest;
  readonly authorization: string;
  readonly maxBodyBytes: number;
}

function openWire(
  base: URL,
  { ca, authorization, maxBodyBytes = MAX_BODY_BYTES }: ForgeHttpOptions,
): Wire {
  const keep = { keepAlive: true, timeout: IDLE_MS, maxSockets: 8 };
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  return base.protocol === 'https:'
    ? {
        agent: new HttpsAgent({ ...keep, ...trust }),
        request: httpsRequest,
        authorization,
        maxBodyBytes,
      }
    : { agent: new HttpAgent(keep), request: httpRequest, authorization, maxBodyBytes };
}

/** The answer after redirects within the forge; the token never goes to another origin. */
async function followed(
  wire: Wire,
  base: URL,
  call: ForgeCall,
  signal: AbortSignal,
): Promise<ForgeAnswer> {
  let url = new URL(base.href.replace(/\/$/, '') + call.path);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    // Each hop is known only from the one before.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await exchange(wire, url, call, signal);
    if (answer.status < 300 || answer.status >= 400) return answer;
    url = redirectTarget(answer, url, call);
  }
  throw new Failure('invalid', `more than ${MAX_REDIRECTS} redirects`);
}

/** Gitea and GitHub answer 301 for a renamed repository, to writes too, and mean the same request at the new place. */
const KEEP_METHOD = [301, 307, 308];

function redirectTarget({ status, headers }: ForgeAnswer, from: URL, { method }: ForgeCall): URL {
  const location = headers['location'] ?? '';
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isSameRequest = KEEP_METHOD.includes(status) || method === 'GET';
  if (target?.origin === from.origin && isSameRequest) return target;
  const to = target?.origin ?? 'nowhere';
  throw new Failure('invalid', `answered ${status}, a redirect to ${to}, which is not followed`, {
    hint: 'Set the URL of the Sync, or spec.forge.apiUrl, to where the forge is now.',
  });
}

async function exchange(
  { agent, request, authorization, maxBodyBytes }: Wire,
  url: URL,
  { method, body }: ForgeCall,
  signal: AbortSignal,
): Promise<ForgeAnswer> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    accept: 'application/json',
    authorization,
    'user-agent': 'kudo-gitops',
    ...(content === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent, method, headers, signal }, resolve).on('error', reject).end(content);
  });
  return {
    status: response.statusCode ?? 0,
    headers: firstValues(response.headers),
    body: await readBounded(response, maxBodyBytes),
  };
}

async function readBounded(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new Failure('invalid', `the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function firstValues(headers: IncomingMessage['headers']): ForgeAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

/** Takes the credential out of a text, in whichever part of it an answer may repeat it. */
function hider(authorization: string): (text: string) => string {
  const secrets = [authorization, ...authorization.split(' ').slice(1)].filter(
    (part) => part !== '',
  );
  return (text) =>
    secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}

/** Node gives connection failures an empty message when several addresses were tried. */
function reasonOf(thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  return messageOf(thrown) || (typeof code === 'string' ? code : 'connection failed');
}
