import { beforeEach, vi } from 'vitest';
import type { KubeClientOptions } from '../../src/cluster/http-kube-client.ts';
import { ObjectCache, type ObjectCacheOptions } from '../../src/cluster/object-cache.ts';
import { CONFIG_MAPS } from '../../src/cluster/resources.ts';
import type { KubeObject } from '../../src/model/kube-object.ts';
import { freshApiServers, type FreshApiServer } from './fresh-api-server.ts';

/** An API server for one test, and caches of its ConfigMaps. */
export interface FreshCache extends Pick<FreshApiServer, 'server' | 'scope'> {
  /** `set <key>` and `gone <key>`, as the caches told them. */
  readonly changes: readonly string[];
  readonly startCache: (options?: {
    readonly client?: Partial<KubeClientOptions>;
    readonly cache?: ObjectCacheOptions<KubeObject>;
  }) => Promise<ObjectCache<KubeObject>>;
}

/** Starts another API server before each test of the calling file. */
export function freshCaches(): FreshCache {
  const fresh = freshApiServers();
  let changes: string[] = [];
  beforeEach(() => {
    changes = [];
  });
  return {
    get server() {
      return fresh.server;
    },
    get scope() {
      return fresh.scope;
    },
    get changes() {
      return changes;
    },
    startCache: async (options = {}) => {
      const client = await fresh.connect(options.client);
      const cache = new ObjectCache<KubeObject>({ client, path: CONFIG_MAPS }, options.cache);
      cache.onChange((key, object) => changes.push(`${object ? 'set' : 'gone'} ${key}`));
      cache.start(fresh.scope);
      return cache;
    },
  };
}

export const namesIn = (cache: ObjectCache<KubeObject>): string[] =>
  cache
    .list()
    .map(({ metadata }) => metadata.name)
    .toSorted();

/** Looks until it is so. */
export const eventually = async (check: () => void): Promise<void> => {
  await vi.waitFor(check, { timeout: 10_000, interval: 10 });
};
