import { Agent, request as httpsRequest } from 'node:https';

/** What an API server answered. */
export interface RawAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: RawObject;
}

/** JSON as it came; a test reads it with paths it knows. */
export interface RawObject {
  readonly [field: string]: unknown;
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly continue?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string; readonly fieldsV1: object }[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
  readonly items: readonly RawObject[];
}

export interface RawEvent {
  readonly type: string;
  readonly object: RawObject;
}

interface Options {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** HTTPS without any library between the test and the server, so that it sees what goes over the wire. */
export class RawKubeClient {
  readonly #server: { readonly url: string; readonly token: string; readonly caPem: string };
  readonly #agent = new Agent({ keepAlive: true });

  constructor(server: { readonly url: string; readonly token: string; readonly caPem: string }) {
    this.#server = server;
  }

  send(method: string, path: string, options: Options = {}): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const sent = this.#open(method, path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = response.headers['content-type'] === 'application/json';
          resolve({
            code: response.statusCode ?? 0,
            headers: response.headers,
            body: (isJson ? JSON.parse(text) : { text }) as RawObject,
          });
        });
      });
      sent.on('error', reject);
      sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
    });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    return this.send('GET', path, { headers });
  }

  post(path: string, body: unknown): Promise<RawAnswer> {
    return this.send('POST', path, { body });
  }

  patch(
    path: string,
    body: unknown,
    type: 'merge' | 'json' | 'strategic' = 'merge',
  ): Promise<RawAnswer> {
    const name = { merge: 'merge-patch', json: 'json-patch', strategic: 'strategic-merge-patch' };
    return this.send('PATCH', path, { body, contentType: `application/${name[type]}+json` });
  }

  delete(path: string, body?: unknown): Promise<RawAnswer> {
    return this.send('DELETE', path, { body });
  }

  /** Events as they come, until the server ends the stream or the caller breaks off. */
  async *watch(
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): AsyncGenerator<RawEvent> {
    const sent = this.#open('GET', path, { headers });
    sent.end();
    try {
      const response = await new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
        sent.on('response', resolve);
        sent.on('error', reject);
      });
      let rest = '';
      for await (const chunk of response) {
        const lines = (rest + chunk.toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as RawEvent;
      }
    } finally {
      sent.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(
    method: string,
    path: string,
    options: Options,
    onResponse?: Parameters<typeof httpsRequest>[2],
  ): ReturnType<typeof httpsRequest> {
    return httpsRequest(
      `${this.#server.url}${path}`,
      {
        method,
        agent: this.#agent,
        ca: this.#server.caPem,
        headers: {
          authorization: `Bearer ${this.#server.token}`,
          'user-agent': 'raw-test/1.0',
          ...(options.body === undefined
            ? {}
            : {
                'content-type': options.contentType ?? 'application/json',
                'content-length': String(Buffer.byteLength(JSON.stringify(options.body))),
              }),
          ...options.headers,
        },
      },
      onResponse,
    );
  }
}

/** The next `count` events of a watch. */
export async function take(
  events: AsyncIterator<RawEvent>,
  count: number,
): Promise<readonly RawEvent[]> {
  const taken: RawEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
