import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../lib/scope.ts';

/** What goes wrong with requests whose `METHOD /path?query` matches. */
export interface ForgeFault {
  readonly match: RegExp;
  /** How often; for ever when absent. */
  readonly times?: number;
  /** Waits this long first, in milliseconds. */
  readonly delayMs?: number;
  /** Answered instead of doing anything. */
  readonly status?: number;
  /** Seconds, beside `status`. */
  readonly retryAfter?: number;
  /** Closes the connection `before` the request is carried out, or `after` it in place of the answer. */
  readonly cut?: 'before' | 'after';
}

export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Absent until it is answered. */
  status?: number;
}

const MAX_LOGGED = 10_000;

/** Where a test makes requests fail, and what it may count. */
export class ForgeFaults {
  readonly requests: LoggedRequest[] = [];
  #faults: { readonly fault: ForgeFault; left: number }[] = [];

  add(fault: ForgeFault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults = [];
  }

  /** Requests whose `METHOD /path?query` matches. */
  count(match: RegExp): number {
    return this.requests.filter(({ method, path }) => match.test(`${method} ${path}`)).length;
  }

  /** Logs a request and lets a fault have it; true when there is nothing left to do. */
  async intercept(
    request: IncomingMessage,
    response: ServerResponse,
    scope: Scope,
  ): Promise<boolean> {
    const { method = '', url = '' } = request;
    const logged: LoggedRequest = { method, path: url, at: scope.clock.now() };
    this.requests.push(logged);
    if (this.requests.length > MAX_LOGGED) this.requests.shift();
    response.once('finish', () => {
      logged.status = response.statusCode;
    });
    const fault = this.#take(`${method} ${url}`);
    if (!fault) return false;
    if (fault.delayMs !== undefined) await scope.clock.sleep(fault.delayMs, scope.signal);
    return applyFault(fault, request, response);
  }

  #take(line: string): ForgeFault | undefined {
    const entry = this.#faults.find(({ fault, left }) => left > 0 && fault.match.test(line));
    if (entry) entry.left -= 1;
    return entry?.fault;
  }
}

function applyFault(
  fault: ForgeFault,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (fault.cut === 'before') {
    request.socket.destroy();
    return true;
  }
  if (fault.cut === 'after') {
    const hangUp = (): ServerResponse => {
      request.socket.destroy();
      return response;
    };
    Object.assign(response, { writeHead: () => response, write: () => true, end: hangUp });
    return false;
  }
  if (fault.status === undefined) return false;
  request.resume();
  const after = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  response.writeHead(fault.status, { 'content-type': 'application/json', ...after });
  response.end(JSON.stringify({ message: 'fault asked for by a test', url: '' }));
  return true;
}
