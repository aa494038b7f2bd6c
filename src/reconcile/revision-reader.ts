import { DesiredCache } from '../desired/desired-cache.ts';
import { desiredHash } from '../desired/desired-hash.ts';
import { findPackagePins } from '../desired/find-package-pins.ts';
import type { PackageLoad, PinnedSource } from '../desired/package-pin.ts';
import { parseAhead } from '../desired/parse-ahead.ts';
import { readDesired } from '../desired/read-desired.ts';
import type { Operator, OperatorVersion } from '../kudo/objects.ts';
import { createPacer } from '../lib/pacer.ts';
import { sha256 } from '../lib/sha256.ts';
import type { Scope } from '../lib/scope.ts';
import type { DesiredInstance, DesiredState } from '../model/desired.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { referenceOf } from '../plan/plan-instance.ts';
import type { GitCommit, GitRemote, GitSource, ReadLimits } from '../source/git-source.ts';
import type { SyncSettings } from './sync-settings.ts';

/** One commit, read whole. */
export interface RevisionState {
  readonly commit: GitCommit;
  /** Full name of the ref that led to it; undefined when it was asked for by its id. */
  readonly ref?: string | undefined;
  readonly desired: DesiredState<Operator, OperatorVersion>;
  /** What the commit says of each Instance, as a hash. */
  readonly hashes: ReadonlyMap<ObjectKey, string>;
  /** True when a package could not be loaded that a later look may bring. */
  readonly isWorthAnotherLook: boolean;
  /** `replaceOperatorVersions` of the Sync. */
  readonly replacesVersions: boolean;
}

/** By `sourceId`. */
export type LoadPackages = (
  pinned: readonly PinnedSource[],
  scope: Scope,
) => Promise<ReadonlyMap<string, PackageLoad>>;

const LIMITS: ReadLimits = {
  maxFiles: 20_000,
  maxFileBytes: 2 * 1024 * 1024,
  maxTotalBytes: 128 * 1024 * 1024,
};

/** Reads what the files of a commit say; the commit must have been fetched. */
export async function readRevision(
  source: GitSource,
  at: {
    readonly remote: GitRemote;
    readonly oid: string;
    readonly ref?: string | undefined;
  },
  settings: Pick<SyncSettings, 'paths' | 'defaultNamespace' | 'replaceOperatorVersions'> & {
    /** What was parsed for the revision before; files that are the same are not parsed again. */
    readonly cache?: DesiredCache | undefined;
    /** Loads packages that live elsewhere; nothing is fetched when absent. */
    readonly packages?: LoadPackages | undefined;
    /** Those of a branch when absent. */
    readonly limits?: ReadLimits | undefined;
  },
  scope: Scope,
): Promise<RevisionState> {
  const { remote, oid, ref } = at;
  const commit = await source.readCommit(remote, oid, scope);
  const { files, skipped, missingPaths, trees } = await source.readFiles(
    remote,
    oid,
    settings.paths,
    settings.limits ?? LIMITS,
    scope,
  );
  const options = {
    paths: settings.paths,
    targetNamespace: settings.defaultNamespace,
    hash: sha256,
    skipped,
    missingPaths,
    trees,
    cache: settings.cache ?? new DesiredCache(),
  };
  const rest = createPacer(scope);
  for (const _ of parseAhead(files, options)) await rest();
  const loads = await settings.packages?.(findPackagePins(files, options), scope);
  const desired = readDesired(files, { ...options, loads });
  const replacesVersions = settings.replaceOperatorVersions;
  const isWorthAnotherLook = [...(loads ?? new Map<string, PackageLoad>()).values()].some(
    (load) => load.kind === 'failed' && load.mayPass,
  );
  const hashes = hashesOf(desired);
  return { commit, ref, desired, hashes, replacesVersions, isWorthAnotherLook };
}

/** Of Instances that stayed the same since the revision before. */
const hashed = new WeakMap<DesiredInstance, { contentHash: string | undefined; hash: string }>();

function hashesOf(
  desired: DesiredState<Operator, OperatorVersion>,
): ReadonlyMap<ObjectKey, string> {
  const hashOf = (instance: DesiredInstance): string => {
    const { namespace, name } = referenceOf(instance);
    const contentHash = desired.operatorVersions.get(`${namespace}/${name}`)?.contentHash;
    const known = hashed.get(instance);
    if (known && known.contentHash === contentHash) return known.hash;
    const hash = desiredHash(instance, contentHash, sha256).slice(0, 16);
    hashed.set(instance, { contentHash, hash });
    return hash;
  };
  return new Map([...desired.instances].map(([key, instance]) => [key, hashOf(instance)]));
}
