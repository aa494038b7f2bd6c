import { DesiredCache } from '../desired/desired-cache.ts';
import type { PullRequest } from '../forge/forge.ts';
import { sha256 } from '../lib/sha256.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import type { Caches } from './cluster-view.ts';
import { ownedBy } from './observed-owner.ts';
import type { RevisionState } from './revision-reader.ts';
import { settingsHash, type SyncSettings } from './sync-settings.ts';

interface Known {
  /** The pass's place in the order of all tries. */
  tried: number;
  /** Instances that the head has and the branch has not. */
  added: readonly ObjectKey[];
  /** Undefined when it is to be tried again. */
  fingerprint: string | undefined;
}

type Watched = Pick<Caches, 'instances' | 'operatorVersions'>;

/**
 * What is remembered of the pull requests of one Sync between passes: which need no look, and what their
 * files say. One cache serves all of them, since their heads differ in few files.
 */
export class PreviewMemory {
  readonly cache = new DesiredCache();
  readonly #known = new Map<number, Known>();
  readonly #untouched = new Map<number, { readonly headSha: string; readonly is: boolean }>();
  #tries = 0;

  /** The open ones, least recently tried first, so that none keeps the others waiting; others are forgotten. */
  inOrder(open: readonly PullRequest[]): readonly PullRequest[] {
    const numbers = new Set(open.map(({ number }) => number));
    for (const number of this.#known.keys()) {
      if (!numbers.has(number)) this.#known.delete(number);
    }
    for (const number of this.#untouched.keys()) {
      if (!numbers.has(number)) this.#untouched.delete(number);
    }
    const tried = ({ number }: PullRequest): number => this.#known.get(number)?.tried ?? 0;
    return open.toSorted((a, b) => tried(a) - tried(b) || a.number - b.number);
  }

  /** True when neither the head nor what it is compared with has changed since {@link settle}. */
  isCurrent(pull: PullRequest, baseline: string, caches: Watched): boolean {
    const known = this.#known.get(pull.number);
    if (known?.fingerprint === undefined) return false;
    return known.fingerprint === fingerprint(pull, known.added, baseline, caches);
  }

  /** Whether the head changes nothing that is read; asked once a head. */
  async untouched(
    { number, headSha }: Pick<PullRequest, 'number' | 'headSha'>,
    ask: () => Promise<boolean>,
  ): Promise<boolean> {
    const known = this.#untouched.get(number);
    if (known?.headSha === headSha) return known.is;
    const is = await ask();
    this.#untouched.set(number, { headSha, is });
    return is;
  }

  /** Begins a try: until it is settled the pull request is not up to date. */
  begin({ number }: PullRequest): void {
    this.#tries += 1;
    this.#known.set(number, { tried: this.#tries, added: [], fingerprint: undefined });
  }

  /** Everything is said of the pull request as it was at `baseline`. */
  settle(pull: PullRequest, fingerprints: Pick<Known, 'added' | 'fingerprint'>): void {
    this.#known.set(pull.number, { tried: this.#tries, ...fingerprints });
  }
}

/** What every pull request of a Sync is compared with, as a hash: the branch and what the cluster has of it. */
export function previewBaseline(
  { commit, desired }: RevisionState,
  sync: SyncSettings,
  caches: Watched,
): string {
  const instances = [...desired.instances.keys()].map((key) => caches.instances.get(key));
  const removed = caches.instances.list().filter((instance) => {
    const key = keyOf(instance);
    return !desired.instances.has(key) && ownedBy(sync.uid, key, instance);
  });
  const versions = caches.operatorVersions.list().map(versionOf).toSorted();
  const policy = [sync.prune, sync.pruneLimit, sync.driftPolicy].map(String);
  const observed = [...versions, ...instances.map(versionOf), ...removed.map(versionOf).toSorted()];
  return sha256([commit.oid, settingsHash(sync), ...policy, ...observed].join('\n'));
}

/** Everything that the preview of one head depends on, as a hash. */
export function fingerprint(
  { headSha, fromFork }: Pick<PullRequest, 'headSha' | 'fromFork'>,
  added: readonly ObjectKey[],
  baseline: string,
  { instances }: Watched,
): string {
  const observed = added.map((key) => versionOf(instances.get(key)));
  return sha256([headSha, String(fromFork), baseline, ...observed].join('\n'));
}

function versionOf(object: KubeObject | undefined): string {
  return `${object?.metadata.uid ?? ''} ${object?.metadata.resourceVersion ?? ''}`;
}
