import type { IncomingMessage } from 'node:http';
import { Failure } from '../lib/failure.ts';
import { type Scope, withSignal } from '../lib/scope.ts';
import { withDeadline } from '../lib/with-deadline.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { KubeAccess } from './kube-access.ts';
import { describe, parsedAnswer, readBody, refusal } from './kube-answer.ts';
import {
  type DeleteOptions,
  type KubeClient,
  KubeError,
  type ListOptions,
  type ObjectList,
  type PatchType,
  type ResourcePath,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from './kube-client.ts';
import { toObjectList } from './kube-list.ts';
import { type KubeRequest, KubeTransport } from './kube-transport.ts';
import { listQuery, urlPath, writeQuery } from './kube-url.ts';
import { readWatchEvents } from './watch-stream.ts';

export interface KubeClientOptions {
  readonly userAgent: string;
  /** Longest wait for a whole answer, or for the head of a watch. 30 s unless told. */
  readonly requestTimeoutMs?: number;
  /** Largest answer, and largest event of a watch. 64 MiB unless told. */
  readonly maxBodyBytes?: number;
  /** Longest silence on a watch before it is taken for dead; API servers send a bookmark a minute. 150 s unless told. */
  readonly watchSilenceMs?: number;
}

const DEFAULTS = {
  requestTimeoutMs: 30_000,
  maxBodyBytes: 64 * 1024 * 1024,
  watchSilenceMs: 150_000,
};
const MAX_READ_RETRIES = 3;
const MAX_RETRY_WAIT_MS = 10_000;

const PATCH_CONTENT_TYPE: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/**
 * A client over HTTP connections that stay open. Reads are tried again when the server asks to come
 * back later or when a kept connection turns out to be closed; writes never are, because nobody
 * knows whether they happened.
 */
export function createKubeClient(access: KubeAccess, options: KubeClientOptions): KubeClient {
  return new HttpKubeClient(access, { ...DEFAULTS, ...options });
}

class HttpKubeClient implements KubeClient {
  readonly server: string;
  readonly #transport: KubeTransport;
  readonly #limits: Required<KubeClientOptions>;

  constructor(access: KubeAccess, limits: Required<KubeClientOptions>) {
    this.server = access.server;
    this.#transport = new KubeTransport(access, limits.userAgent);
    this.#limits = limits;
  }

  async get<T extends KubeObject>(path: ResourcePath, scope: Scope): Promise<T> {
    return (await this.#read({ method: 'GET', path: urlPath(path) }, scope)) as T;
  }

  async list<T extends KubeObject>(
    path: ResourcePath,
    options: ListOptions,
    scope: Scope,
  ): Promise<ObjectList<T>> {
    const request = { method: 'GET', path: urlPath(path), query: listQuery(options) } as const;
    return toObjectList<T>(await this.#read(request, scope), describe(request));
  }

  async create<T extends KubeObject>(
    path: ResourcePath,
    body: unknown,
    options: WriteOptions,
    scope: Scope,
  ): Promise<T> {
    return (await this.#write('POST', path, { body, query: writeQuery(options) }, scope)) as T;
  }

  async replace<T extends KubeObject>(
    path: ResourcePath,
    body: unknown,
    options: WriteOptions,
    scope: Scope,
  ): Promise<T> {
    return (await this.#write('PUT', path, { body, query: writeQuery(options) }, scope)) as T;
  }

  async patch<T extends KubeObject>(
    path: ResourcePath,
    patch: { readonly type: PatchType; readonly body: unknown } & WriteOptions,
    scope: Scope,
  ): Promise<T> {
    const contentType = PATCH_CONTENT_TYPE[patch.type];
    const content = { body: patch.body, contentType, query: writeQuery(patch) };
    return (await this.#write('PATCH', path, content, scope)) as T;
  }

  async delete(path: ResourcePath, options: DeleteOptions, scope: Scope): Promise<void> {
    const { uid, resourceVersion, propagationPolicy } = options;
    const hasPreconditions = uid !== undefined || resourceVersion !== undefined;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(hasPreconditions ? { preconditions: { uid, resourceVersion } } : {}),
      propagationPolicy,
    };
    await this.#write('DELETE', path, { body }, scope);
  }

  async *watch<T extends KubeObject>(
    path: ResourcePath,
    options: WatchOptions,
    scope: Scope,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const { timeoutSeconds, ...list } = options;
    const query = {
      ...listQuery(list),
      watch: 'true',
      allowWatchBookmarks: 'true',
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds: timeoutSeconds.toString() }),
    };
    const request = { method: 'GET', path: urlPath(path), query, isStream: true } as const;
    const stop = new AbortController();
    const inner = withSignal(scope, stop.signal);
    try {
      const response = await this.#openWatch(request, inner);
      if (list.resourceVersion !== undefined) yield acceptedAt<T>(list.resourceVersion);
      yield* readWatchEvents<T>(
        response,
        {
          request: describe(request),
          server: this.server,
          maxEventBytes: this.#limits.maxBodyBytes,
          silenceMs: this.#limits.watchSilenceMs,
        },
        inner,
      );
    } finally {
      stop.abort();
    }
  }

  async getRaw(path: string, scope: Scope): Promise<unknown> {
    return this.#read({ method: 'GET', path }, scope);
  }

  async #write(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: ResourcePath,
    content: Pick<KubeRequest, 'query' | 'contentType'> & { readonly body: unknown },
    scope: Scope,
  ): Promise<unknown> {
    const body = JSON.stringify(content.body);
    return this.#send({ ...content, method, path: urlPath(path), body }, scope);
  }

  async #read(request: KubeRequest, scope: Scope): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#send(request, scope);
      } catch (thrown) {
        const waitMs = tries < MAX_READ_RETRIES ? retryWaitMs(thrown) : undefined;
        if (waitMs === undefined) throw thrown;
        await scope.clock.sleep(waitMs, scope.signal);
      }
    }
  }

  async #send(request: KubeRequest, scope: Scope): Promise<unknown> {
    const { requestTimeoutMs } = this.#limits;
    return withDeadline(
      { ms: requestTimeoutMs, message: this.#noAnswer(request) },
      async (signal) => {
        const response = await this.#transport.open(request, signal);
        const body = await readBody(response, this.#bounds, request);
        return parsedAnswer(response, body, request, scope.clock.now());
      },
      scope,
    );
  }

  /** The deadline is for the head alone; `scope` has to stop the stream. */
  async #openWatch(request: KubeRequest, scope: Scope): Promise<IncomingMessage> {
    const head = new AbortController();
    const signal = AbortSignal.any([scope.signal, head.signal]);
    const response = await withDeadline(
      { ms: this.#limits.requestTimeoutMs, message: this.#noAnswer(request) },
      async (late) => {
        late.addEventListener('abort', () => {
          head.abort(late.reason);
        });
        return this.#transport.open(request, signal);
      },
      scope,
    );
    if (response.statusCode === 200) return response;
    const body = await readBody(response, this.#bounds, request);
    throw refusal(response, body, request, scope.clock.now());
  }

  get #bounds() {
    return { server: this.server, maxBytes: this.#limits.maxBodyBytes };
  }

  #noAnswer(request: KubeRequest): string {
    const seconds = this.#limits.requestTimeoutMs / 1_000;
    return `the Kubernetes API server ${this.server} did not answer ${describe(request)} within ${seconds} s`;
  }
}

/** Tells the caller that the server has taken the watch; its own first bookmark may be a minute away. */
function acceptedAt<T extends KubeObject>(resourceVersion: string): WatchEvent<T> {
  const object: KubeObject = { apiVersion: '', kind: '', metadata: { name: '', resourceVersion } };
  return { type: 'BOOKMARK', object: object as T };
}

/** How long to wait before a read is tried again; undefined: not at all. */
function retryWaitMs(thrown: unknown): number | undefined {
  if (thrown instanceof KubeError) {
    if (thrown.code === 429) return Math.min(thrown.retryAfterMs ?? 1_000, MAX_RETRY_WAIT_MS);
    return undefined;
  }
  if (!(thrown instanceof Failure) || thrown.kind !== 'unreachable') return undefined;
  const code = (thrown.cause as { code?: unknown } | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE' ? 0 : undefined;
}
