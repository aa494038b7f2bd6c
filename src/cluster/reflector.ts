import { backoffMs, type BackoffLimits } from '../lib/backoff.ts';
import { messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { type KubeClient, KubeError, type ResourcePath, type WatchEvent } from './kube-client.ts';
import { outageLogOf } from './outage-log.ts';

/** Which objects are followed: those of one resource, everywhere or in one namespace. */
export interface ReflectedSource {
  readonly client: KubeClient;
  readonly path: ResourcePath;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** For jitter: a number in [0, 1). */
  readonly random?: () => number;
}

/** Where a reflector puts what it sees. */
export interface ReflectorSink<T extends KubeObject> {
  /** A list begins; its objects come with `replace`. */
  listing(): void;
  /** The whole collection as of `resourceVersion`. */
  replace(objects: readonly T[], resourceVersion: string): void;
  apply(event: WatchEvent<T>): void;
}

/** How a reflector does, so that "the cluster is gone" can be said aloud. */
export interface ReflectorHealth {
  /** Since when, in epoch milliseconds, it hears from the API server without a break; undefined while it does not. */
  readonly connectedSince: number | undefined;
  /** What went wrong last; undefined once it is connected again. */
  readonly lastError: Error | undefined;
  readonly lists: number;
  readonly watches: number;
}

const PAGE_SIZE = 500;
const WATCH_SECONDS = { min: 300, spread: 300 };
const BACKOFF: BackoffLimits = { minMs: 200, maxMs: 30_000 };
/** A watch that lived this long has worked, even if it brought nothing. */
const PROVEN_MS = 5_000;
/** After so many failures in a row a watch starts from a new list: etcd may have been restored. */
const FAILURES_BEFORE_LIST = 5;

/**
 * Keeps a sink equal to the API server's objects: a list, then watches that resume where the last one
 * ended. It never gives up: whatever fails is tried again, later and later, up to 30 s.
 */
export class Reflector<T extends KubeObject> {
  readonly #source: ReflectedSource;
  readonly #sink: ReflectorSink<T>;
  readonly #random: () => number;
  #resourceVersion: string | undefined;
  #failures = 0;
  /** When the server took the watch of this round, in epoch milliseconds. */
  #acceptedAt: number | undefined;
  #health: ReflectorHealth = {
    connectedSince: undefined,
    lastError: undefined,
    lists: 0,
    watches: 0,
  };

  constructor(source: ReflectedSource, sink: ReflectorSink<T>) {
    this.#source = source;
    this.#sink = sink;
    this.#random = source.random ?? Math.random;
  }

  get health(): ReflectorHealth {
    return this.#health;
  }

  /** Follows until the scope stops. */
  async run(scope: Scope): Promise<void> {
    while (!scope.signal.aborted) {
      this.#acceptedAt = undefined;
      try {
        await this.#round(scope);
        this.#failures = this.#hasProven(scope) ? 0 : this.#failures + 1;
      } catch (thrown) {
        if (isStopped(scope)) return;
        this.#noteFailure(thrown, scope);
      }
      if (this.#failures > 0) await this.#pause(scope);
    }
  }

  #hasProven(scope: Scope): boolean {
    return this.#acceptedAt !== undefined && scope.clock.now() - this.#acceptedAt >= PROVEN_MS;
  }

  /** One list if needed, and one watch to its end. */
  async #round(scope: Scope): Promise<void> {
    this.#resourceVersion ??= await this.#list(scope);
    this.#health = { ...this.#health, watches: this.#health.watches + 1 };
    const { client, path } = this.#source;
    const options = {
      ...this.#selectors(),
      resourceVersion: this.#resourceVersion,
      timeoutSeconds: WATCH_SECONDS.min + Math.floor(WATCH_SECONDS.spread * this.#random()),
    };
    let events = 0;
    for await (const event of client.watch<T>(path, options, scope)) {
      this.#acceptedAt ??= scope.clock.now();
      this.#noteConnected(scope);
      this.#take(event);
      events++;
      if (events > 1) this.#failures = 0;
    }
  }

  #take(event: WatchEvent<T>): void {
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
    this.#sink.apply(event);
  }

  async #list(scope: Scope): Promise<string> {
    this.#sink.listing();
    this.#health = { ...this.#health, lists: this.#health.lists + 1 };
    const objects: T[] = [];
    let next: string | undefined;
    for (;;) {
      const page = await this.#source.client.list<T>(
        this.#source.path,
        {
          ...this.#selectors(),
          limit: PAGE_SIZE,
          ...(next === undefined ? {} : { continue: next }),
        },
        scope,
      );
      objects.push(...page.items);
      next = page.continue;
      if (next !== undefined) continue;
      this.#noteConnected(scope);
      this.#sink.replace(objects, page.resourceVersion);
      return page.resourceVersion;
    }
  }

  #selectors(): { labelSelector?: string; fieldSelector?: string } {
    const { labelSelector, fieldSelector } = this.#source;
    return {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
  }

  #noteConnected(scope: Scope): void {
    const connectedSince = this.#health.connectedSince ?? scope.clock.now();
    const { client, path } = this.#source;
    if (this.#health.lastError) outageLogOf(client).recovered(path.plural, scope);
    this.#health = { ...this.#health, connectedSince, lastError: undefined };
  }

  /** A watch that worked and then broke is news only when the next one fails too. */
  #noteFailure(thrown: unknown, scope: Scope): void {
    const hadWorked = this.#hasProven(scope);
    this.#failures = hadWorked ? 1 : this.#failures + 1;
    const isExpired = thrown instanceof KubeError && thrown.code === 410;
    if (isExpired || this.#failures % FAILURES_BEFORE_LIST === 0) this.#resourceVersion = undefined;
    if (isExpired || hadWorked) {
      const reason = messageOf(thrown);
      scope.log.debug('watch broke', { resource: this.#source.path.plural, reason });
      return;
    }
    const lastError = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    this.#health = { ...this.#health, connectedSince: undefined, lastError };
    const { client, path } = this.#source;
    const failure = { resource: path.plural, failures: this.#failures, error: lastError };
    outageLogOf(client).failed(failure, scope);
  }

  async #pause(scope: Scope): Promise<void> {
    const waitMs = backoffMs(this.#failures, BACKOFF, this.#random);
    await scope.clock.sleep(waitMs, scope.signal).catch((thrown: unknown) => {
      if (!scope.signal.aborted) throw thrown;
    });
  }
}

function isStopped(scope: Scope): boolean {
  return scope.signal.aborted;
}
