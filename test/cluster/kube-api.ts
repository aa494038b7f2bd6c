import { Agent, request } from 'node:https';
import { waitFor } from './processes.ts';

/** A Kubernetes object as tests handle it. */
export interface TestObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface KubeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type ObjectRef = Pick<TestObject, 'apiVersion' | 'kind'> & {
  readonly name: string;
  readonly namespace?: string;
};

export interface KubeAccess {
  readonly url: string;
  readonly token: string;
  readonly caPem: string;
}

/** What a request may carry beside its method and path. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly contentType?: string;
}

/**
 * The tests' own small Kubernetes client, on purpose independent of `src/cluster`: what the product
 * does is checked with other eyes.
 */
export class KubeApi {
  readonly access: KubeAccess;
  readonly #agent: Agent;
  readonly #resources = new Map<string, Promise<ApiResource[]>>();

  constructor(access: KubeAccess) {
    this.access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 16, ca: access.caPem });
  }

  /** One request; any answer is returned, also a refusal. */
  async request(
    method: string,
    path: string,
    { body, contentType = 'application/json' }: RequestOptions = {},
  ): Promise<KubeAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.access.url), {
        method,
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${this.access.token}`,
          accept: 'application/json',
          ...(text === undefined ? {} : { 'content-type': contentType }),
        },
      });
      outgoing.once('error', reject).once('response', (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('error', reject).once('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parse(answer) });
        });
      });
      outgoing.end(text);
    });
  }

  /** Creates by POST; throws the server's words when it refuses. */
  async create(object: TestObject): Promise<TestObject> {
    const path = await this.collectionPath(object, object.metadata.namespace);
    return succeeded(await this.request('POST', path, { body: object }));
  }

  /** Creates or updates by server-side apply; waits for the kind to be served (a fresh CRD is not, at once). */
  async apply(object: TestObject): Promise<TestObject> {
    const path = await waitFor(
      `${object.kind} in discovery`,
      async () => this.collectionPath(object, object.metadata.namespace),
      { timeoutMs: 20_000 },
    );
    const query = 'fieldManager=cluster-test&force=true';
    return succeeded(
      await this.request('PATCH', `${path}/${object.metadata.name}?${query}`, {
        body: object,
        contentType: 'application/apply-patch+yaml',
      }),
    );
  }

  /** The object, or undefined when there is none. */
  async get(ref: ObjectRef): Promise<TestObject | undefined> {
    const answer = await this.request('GET', await this.objectPath(ref));
    return answer.status === 404 ? undefined : succeeded(answer);
  }

  async list(ref: Omit<ObjectRef, 'name'>): Promise<TestObject[]> {
    const path = await this.collectionPath(ref, ref.namespace);
    const list = succeeded(await this.request('GET', path)) as unknown as { items: TestObject[] };
    return list.items;
  }

  /** A JSON merge patch. */
  async patch(ref: ObjectRef, body: unknown, subresource = ''): Promise<TestObject> {
    const path = `${await this.objectPath(ref)}${subresource === '' ? '' : `/${subresource}`}`;
    const contentType = 'application/merge-patch+json';
    return succeeded(await this.request('PATCH', path, { body, contentType }));
  }

  async delete(ref: ObjectRef): Promise<void> {
    const answer = await this.request('DELETE', await this.objectPath(ref));
    if (answer.status !== 404) succeeded(answer);
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  async objectPath(ref: ObjectRef): Promise<string> {
    return `${await this.collectionPath(ref, ref.namespace)}/${ref.name}`;
  }

  async collectionPath(
    { apiVersion, kind }: Pick<TestObject, 'apiVersion' | 'kind'>,
    namespace: string | undefined,
  ): Promise<string> {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const resource = await this.#resource(base, kind);
    const scope = resource.namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
    return `${base}${scope}/${resource.name}`;
  }

  /** A kind that is not found is asked for again: its CRD may have come meanwhile. */
  async #resource(base: string, kind: string): Promise<ApiResource> {
    const isIt = (candidate: ApiResource): boolean =>
      candidate.kind === kind && !candidate.name.includes('/');
    const known = (await this.#resources.get(base))?.find(isIt);
    if (known !== undefined) return known;
    const fresh = this.#discover(base);
    this.#resources.set(base, fresh);
    const found = (await fresh).find(isIt);
    if (found === undefined) throw new Error(`the API server does not serve ${kind} in ${base}`);
    return found;
  }

  async #discover(base: string): Promise<ApiResource[]> {
    const { status, body } = await this.request('GET', base);
    return status === 200 ? (body as { resources: ApiResource[] }).resources : [];
  }
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function succeeded({ status, body }: KubeAnswer): TestObject {
  if (status >= 200 && status < 300) return body as TestObject;
  const message =
    typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  throw new Error(`the API server answered ${String(status)}: ${String(message)}`);
}
