import type { FailureKind } from '../lib/failure.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';

/** Which kind of object, e.g. `{ group: 'kudo.dev', version: 'v1beta1', plural: 'instances' }`. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** One object (or, without `name`, a collection) of a resource. */
export interface ResourcePath extends Resource {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

export type PatchType = 'merge' | 'json' | 'strategic';

export interface WriteOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue: string | undefined;
}

export interface WatchOptions extends ListOptions {
  readonly timeoutSeconds?: number;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

/**
 * A Kubernetes API server, real or sandbox; the only way that anything here talks to one. Every
 * method throws {@link KubeError} for an answer of the server that is not a success, and Failure
 * (`unreachable`, `timeout`) when there was none.
 */
export interface KubeClient {
  /** The API server's base URL, for messages. */
  readonly server: string;
  get<T extends KubeObject>(path: ResourcePath, scope: Scope): Promise<T>;
  list<T extends KubeObject>(
    path: ResourcePath,
    options: ListOptions,
    scope: Scope,
  ): Promise<ObjectList<T>>;
  create<T extends KubeObject>(
    path: ResourcePath,
    body: unknown,
    options: WriteOptions,
    scope: Scope,
  ): Promise<T>;
  replace<T extends KubeObject>(
    path: ResourcePath,
    body: unknown,
    options: WriteOptions,
    scope: Scope,
  ): Promise<T>;
  patch<T extends KubeObject>(
    path: ResourcePath,
    patch: { readonly type: PatchType; readonly body: unknown } & WriteOptions,
    scope: Scope,
  ): Promise<T>;
  delete(path: ResourcePath, options: DeleteOptions, scope: Scope): Promise<void>;
  /**
   * Events until the server or the connection ends; the caller (a reflector) resumes. A 410 is thrown
   * as KubeError. With a resourceVersion, the first event is a BOOKMARK of it: the watch is accepted.
   */
  watch<T extends KubeObject>(
    path: ResourcePath,
    options: WatchOptions,
    scope: Scope,
  ): AsyncIterable<WatchEvent<T>>;
  /** Any other GET, e.g. `/version`, `/apis`. */
  getRaw(path: string, scope: Scope): Promise<unknown>;
}

/** An answer of the API server that is not a success. */
export class KubeError extends Failure {
  override readonly name = 'KubeError';
  /** HTTP status code. */
  readonly code: number;
  /** `reason` of the Status object; for KUDO's denials the whole text. */
  readonly reason: string;

  constructor(code: number, reason: string, message: string, retryAfterMs?: number) {
    super(kindOf(code), message, { retryAfterMs });
    this.code = code;
    this.reason = reason;
  }
}

function kindOf(code: number): FailureKind {
  if (code === 404) return 'missing';
  if (code === 409 || code === 410) return 'conflict';
  if (code === 401 || code === 403) return 'denied';
  if (code === 429 || code >= 500) return 'unreachable';
  return 'invalid';
}
