import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Parsed JSON; absent when there was none. */
  readonly body?: unknown;
}

/** What a request is answered with; `body` is sent as it is when it is a string, otherwise as JSON. */
export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** An HTTP server on loopback that keeps whole requests and answers as the test says. */
export class RecordingServer {
  requests: RecordedRequest[] = [];
  headers: Record<string, string | string[] | undefined>[] = [];
  /** `nth` counts from 0. */
  answer: (response: ServerResponse, nth: number) => void = say();
  #server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const body = text === '' ? {} : { body: JSON.parse(text) as unknown };
      this.headers.push(request.headers);
      this.requests.push({ method: request.method ?? '', path: request.url ?? '', ...body });
      this.answer(response, this.requests.length - 1);
    });
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  forget(): void {
    this.requests = [];
    this.headers = [];
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** One for all tests of a file, which each begin with nothing recorded. */
export function recordingServer(): RecordingServer {
  const server = new RecordingServer();
  beforeAll(() => server.listen());
  beforeEach(() => {
    server.forget();
  });
  afterAll(() => {
    server.close();
  });
  return server;
}

/** Answers the first request with the first answer, and so on; what is not expected gets 599. */
export function say(...answers: readonly CannedAnswer[]): RecordingServer['answer'] {
  return (response, nth) => {
    const { status = 200, headers = {}, body = {} } = answers[nth] ?? { status: 599 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}
