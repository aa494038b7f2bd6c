import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../lib/failure.ts';
import type { Api } from './api-context.ts';
import { ApiError, statusOf } from './api-error.ts';
import type { ApiAnswer, ApiRequest } from './api-request.ts';
import type { Fault, FaultHook, RequestRecord } from './faults.ts';
import { answer, PUBLIC_PATHS } from './route.ts';
import { watchErrorText, type Watch } from './watch-objects.ts';

/** What all exchanges of a server share. */
export interface ServerState {
  readonly token: string;
  faults: FaultHook | undefined;
  readonly requests: RequestRecord[];
  readonly requestLogLimit: number;
  /** See {@link ApiServerOptions.expiredAsHttp}. */
  readonly expiredAsHttp: boolean;
  readonly watches: Set<Watch>;
}

/** One request and its answer, from the first byte to the last. Never throws. */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  state: ServerState,
  api: Api,
): Promise<void> {
  const record = remember(request, state);
  const fault = state.faults?.(record);
  try {
    const given = await faulty(fault, api, () => carryOut(request, { fault, state, api }));
    if (given === 'cut') response.destroy();
    else if (given.kind === 'text') sendText(response, given);
    else sendWatch(response, given, state, api);
  } catch (thrown) {
    sendError(response, thrown, { fault, api });
  }
}

/** The answer, late or not at all if the fault wants it so. */
async function faulty(
  fault: Fault | undefined,
  { scope }: Api,
  carry: () => Promise<ApiAnswer>,
): Promise<ApiAnswer | 'cut'> {
  if (fault?.kind === 'delay') await scope.clock.sleep(fault.ms, scope.signal);
  if (fault?.kind !== 'cut') return carry();
  if (fault.when === 'after') await carry();
  return 'cut';
}

function remember(request: IncomingMessage, state: ServerState): RequestRecord {
  const record: RequestRecord = {
    method: request.method ?? '',
    path: request.url ?? '',
    userAgent: request.headers['user-agent'] ?? '',
  };
  state.requests.push(record);
  if (state.requests.length > state.requestLogLimit) state.requests.shift();
  return record;
}

interface Context {
  readonly fault: Fault | undefined;
  readonly state: ServerState;
  readonly api: Api;
}

async function carryOut(
  request: IncomingMessage,
  { fault, state, api }: Context,
): Promise<ApiAnswer> {
  const body = await readBody(request);
  if (fault?.kind === 'status') throw faultError(fault);
  const parsed = parseRequest(request, body);
  if (!PUBLIC_PATHS.includes(parsed.path)) authenticate(request, state);
  return answer(parsed, api);
}

function parseRequest({ method, url, headers }: IncomingMessage, body: Buffer): ApiRequest {
  const { pathname, searchParams } = new URL(url ?? '/', 'https://sandbox');
  const [contentType = ''] = (headers['content-type'] ?? '').split(';');
  return {
    method: method ?? 'GET',
    path: pathname,
    query: searchParams,
    accept: headers.accept ?? '*/*',
    contentType: contentType.trim().toLowerCase(),
    userAgent: headers['user-agent'] ?? '',
    userName: 'admin',
    body,
  };
}

function faultError({ code, message }: Extract<Fault, { kind: 'status' }>): ApiError {
  return new ApiError(code, REASONS[code] ?? '', message ?? 'injected fault');
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function authenticate(request: IncomingMessage, { token }: ServerState): void {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}

const MAX_BODY_BYTES = 3 * 1024 * 1024;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) {
      const message = `Request entity too large: limit is ${MAX_BODY_BYTES}`;
      throw new ApiError(413, 'RequestEntityTooLarge', message);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function sendText(response: ServerResponse, given: Extract<ApiAnswer, { kind: 'text' }>): void {
  const warnings = (given.warnings ?? []).map((text) => `299 - ${JSON.stringify(text)}`);
  if (warnings.length > 0) response.setHeader('warning', warnings);
  response.writeHead(given.code, {
    'content-type': given.contentType ?? 'application/json',
    'content-length': Buffer.byteLength(given.text),
  });
  response.end(given.text);
}

const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

function sendWatch(
  response: ServerResponse,
  given: Extract<ApiAnswer, { kind: 'watch' }>,
  state: ServerState,
  api: Api,
): void {
  const done = new AbortController();
  const signal = AbortSignal.any([api.scope.signal, done.signal]);
  response.on('close', () => {
    done.abort();
  });
  const write = (line: string): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
    response.write(line);
    if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
  };
  const watch = begin(given, write, state);
  if (watch === undefined) {
    response.end();
    return;
  }
  state.watches.add(watch);
  signal.addEventListener('abort', () => {
    state.watches.delete(watch);
    watch.stop();
  });
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const expire = async (): Promise<void> => {
    await api.scope.clock.sleep(given.timeoutMs, signal);
    watch.bookmark();
  };
  expire()
    .catch(() => undefined)
    .finally(() => {
      // A client that reads slowly closes later: nothing is written to it meanwhile.
      done.abort();
      response.end();
    });
}

/** A watch that begins too far back gets one event, an error; the real server answers 200 to it. */
function begin(
  given: Extract<ApiAnswer, { kind: 'watch' }>,
  write: (line: string) => void,
  { expiredAsHttp }: ServerState,
): Watch | undefined {
  try {
    return given.start({ write });
  } catch (thrown) {
    if (expiredAsHttp || !(thrown instanceof ApiError) || thrown.code !== 410) throw thrown;
    write(watchErrorText(thrown));
    return undefined;
  }
}

function sendError(
  response: ServerResponse,
  thrown: unknown,
  { fault, api }: Pick<Context, 'fault' | 'api'>,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = asApiError(thrown, api);
  const seconds = fault?.kind === 'status' ? fault.retryAfterSeconds : undefined;
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds));
  const text = JSON.stringify(statusOf(error));
  sendText(response, { kind: 'text', code: error.code, text });
}

function asApiError(thrown: unknown, { scope }: Api): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (scope.signal.aborted)
    return new ApiError(503, 'ServiceUnavailable', 'the server is stopping');
  scope.log.error('a request failed', { error: thrown });
  return new ApiError(500, 'InternalError', `Internal error occurred: ${messageOf(thrown)}`);
}
