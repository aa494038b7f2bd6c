import type * as z from 'zod';
import { Failure, messageOf } from '../lib/failure.ts';
import type { Proxy } from '../lib/proxy.ts';
import type { Scope } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import { answerFailure } from './answer-failure.ts';
import { fixedAuthorization, type Authorization } from './authorization.ts';
import { openWire, type ForgeAnswer, type WireCall } from './forge-wire.ts';
import { readQuota, type Quota } from './rate-limit.ts';

export interface ForgeHttpOptions {
  /** Where the API begins: http(s), without credentials. */
  readonly apiBase: string;
  /** How calls sign in, or the value of the `Authorization` header itself. */
  readonly authorization: string | Authorization;
  /** Sent with every call beside what a JSON API needs. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM certificates to trust beside the usual ones. */
  readonly ca?: string | undefined;
  readonly proxy?: Proxy | undefined;
  /** For one call, redirects included. */
  readonly timeoutMs?: number;
  readonly maxBodyBytes?: number;
}

export interface ForgeCall {
  readonly method: WireCall['method'];
  /** Below the API's base, with its query. */
  readonly path: string;
  readonly body?: unknown;
}

/**
 * JSON over HTTP to one forge, over connections that are kept. Throws Failure as `Forge` says it; no
 * message holds the token, whatever the other side sends.
 */
export interface ForgeHttp {
  /** The answer, and its headers by lower-case name; an answer without a body (204) is undefined. */
  call<T>(
    call: ForgeCall,
    schema: z.ZodType<T>,
    scope: Scope,
  ): Promise<{ value: T; headers: ForgeAnswer['headers'] }>;
  /** What the forge still allows, as its newest answer said; undefined when it says nothing of it. */
  readonly quota: () => Quota | undefined;
  /** Closes the connections kept for later. */
  readonly close: () => void;
}

const TIMEOUT_MS = 20_000;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * HTTP to one API with one sign-in. Nothing is sent anywhere else, whatever an answer says, and no message has
 * the token in it.
 */
export function forgeHttp(options: ForgeHttpOptions): ForgeHttp {
  const { ca, proxy, maxBodyBytes = MAX_BODY_BYTES, timeoutMs = TIMEOUT_MS } = options;
  const base = parseBase(options.apiBase);
  const wire = openWire({ protocol: base.protocol, ca, proxy, maxBodyBytes });
  const authorization = toAuthorization(options.authorization);
  let quota: Quota | undefined;

  /** Everything that leaves here as a message says which call it was and has no secret in it. */
  const failureIn = (call: ForgeCall, signedWith: string, thrown: unknown): Failure => {
    const what = `${call.method} ${base.href.replace(/\/$/, '')}${call.path.split('?')[0] ?? ''}`;
    const said = (text: string): string => hide(`${what}: ${text}`, signedWith);
    return thrown instanceof Failure
      ? new Failure(thrown.kind, said(thrown.message), thrown)
      : new Failure('unreachable', said(reasonOf(thrown)));
  };

  async function send(call: ForgeCall, signedWith: string, scope: Scope): Promise<ForgeAnswer> {
    const limit = { ms: timeoutMs, message: `no answer within ${timeoutMs / 1_000} s` };
    const wireCall = toWireCall(call, base, { ...options.headers, authorization: signedWith });
    const sent = await withDeadline(limit, (signal) => wire.send(wireCall, signal), scope);
    const answer = call.method === 'DELETE' ? deletionAnswer(sent) : sent;
    const now = scope.clock.now();
    quota = readQuota(answer.headers, now) ?? quota;
    if (answer.status === 401) authorization.refused();
    const failure = answerFailure(answer, now);
    if (failure) throw failure;
    return answer;
  }

  return {
    async call(call, schema, scope) {
      const signedWith = await authorization.value(scope);
      try {
        const answer = await send(call, signedWith, scope);
        return { value: read(answer, schema), headers: answer.headers };
      } catch (thrown) {
        scope.signal.throwIfAborted();
        throw failureIn(call, signedWith, thrown);
      }
    },
    quota: () => quota,
    close: () => {
      wire.close();
    },
  };
}

const toAuthorization = (given: string | Authorization): Authorization =>
  typeof given === 'string' ? fixedAuthorization(given) : given;

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

function toWireCall(
  { method, path, body }: ForgeCall,
  base: URL,
  headers: Readonly<Record<string, string>>,
): WireCall {
  const content = body === undefined ? undefined : JSON.stringify(body);
  return {
    method,
    url: new URL(base.href.replace(/\/$/, '') + path),
    headers: {
      accept: 'application/json',
      'user-agent': 'kudo-gitops',
      ...headers,
      ...(content === undefined
        ? {}
        : {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(content)),
          }),
    },
    content,
  };
}

/** A deletion that went well may say nothing with status 200 (Azure DevOps documents that), as others do with 204. */
const deletionAnswer = (answer: ForgeAnswer): ForgeAnswer =>
  answer.status === 200 && answer.body === '' ? { ...answer, status: 204 } : answer;

function read<T>({ status, body }: ForgeAnswer, schema: z.ZodType<T>): T {
  const result = schema.safeParse(status === 204 ? undefined : JSON.parse(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new Failure('invalid', `unexpected answer: ${where}: ${issue?.message ?? ''}`, {
    hint: 'Does spec.forge.type name the software that runs there?',
  });
}

/** Takes the credential out of a text, in whichever part of it an answer may repeat it. */
function hide(text: string, authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ');
  const basic = /^basic$/i.test(scheme) ? Buffer.from(value, 'base64').toString('utf8') : '';
  const password = basic.slice(basic.indexOf(':') + 1);
  return [authorization, value, basic, password]
    .filter((secret) => secret !== '')
    .reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}

/** Node gives connection failures an empty message when several addresses were tried. */
function reasonOf(thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  return messageOf(thrown) || (typeof code === 'string' ? code : 'connection failed');
}
