import * as z from 'zod';
import type { Scope } from '../lib/scope.ts';
import { type KubeClient, KubeError, type Resource } from './kube-client.ts';

/** How objects of one kind are reached. */
export interface ServedKind extends Resource {
  readonly kind: string;
  readonly isNamespaced: boolean;
}

const REREAD_AFTER_MS = 2_000;

const Version = z.object({ gitVersion: z.string(), major: z.string(), minor: z.string() });
const GroupList = z.object({
  groups: z.array(
    z.object({ name: z.string(), versions: z.array(z.object({ groupVersion: z.string() })) }),
  ),
});
const ResourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** The API server's version, e.g. `v1.36.3`. */
export async function readServerVersion(client: KubeClient, scope: Scope): Promise<string> {
  return Version.parse(await client.getRaw('/version', scope)).gitVersion;
}

/** Every group-version the API server serves, as objects name it: `v1`, `apps/v1`. */
export async function readServedVersions(
  client: KubeClient,
  scope: Scope,
): Promise<ReadonlySet<string>> {
  const list = GroupList.parse(await client.getRaw('/apis', scope));
  const versions = list.groups.flatMap((group) =>
    group.versions.map((version) => version.groupVersion),
  );
  return new Set(['v1', ...versions]);
}

/** Finds resources by apiVersion and kind, and remembers what the API server said. */
export class Discovery {
  readonly #client: KubeClient;
  readonly #groups = new Map<string, { readonly readAt: number; readonly kinds: ServedKinds }>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** How to reach objects of `kind`; undefined when the API server has no such kind. A kind that was missing 2 s ago is looked for again: CRDs come and go. */
  async find(apiVersion: string, kind: string, scope: Scope): Promise<ServedKind | undefined> {
    const known = this.#groups.get(apiVersion);
    const found = known?.kinds.get(kind);
    if (found) return found;
    if (known && scope.clock.now() - known.readAt < REREAD_AFTER_MS) return undefined;
    const kinds = await readKinds(this.#client, apiVersion, scope);
    this.#groups.set(apiVersion, { readAt: scope.clock.now(), kinds });
    return kinds.get(kind);
  }
}

type ServedKinds = ReadonlyMap<string, ServedKind>;

async function readKinds(
  client: KubeClient,
  apiVersion: string,
  scope: Scope,
): Promise<ServedKinds> {
  const [group, version] = apiVersion.includes('/')
    ? [apiVersion.slice(0, apiVersion.indexOf('/')), apiVersion.slice(apiVersion.indexOf('/') + 1)]
    : ['', apiVersion];
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const answer = await client.getRaw(path, scope).catch((thrown: unknown) => {
    if (thrown instanceof KubeError && thrown.code === 404) return { resources: [] };
    throw thrown;
  });
  const { resources } = ResourceList.parse(answer);
  return new Map(
    resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced }) => [
        kind,
        { group, version, plural: name, kind, isNamespaced: namespaced },
      ]),
  );
}
