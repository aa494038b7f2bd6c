/** What a repository may cost. Everything that comes from a Git server is untrusted. */
export interface GitLimits {
  /** Longest time for one operation that uses the network, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest silence of a server inside one request, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Largest list of refs, in bytes. */
  readonly maxRefsBytes: number;
  /** Largest pack that is downloaded: the whole history at the first fetch, in bytes. */
  readonly maxPackBytes: number;
  /** Largest object that is ever inflated, in bytes. */
  readonly maxObjectBytes: number;
  /** Sum of the sizes of all objects of one pack, in bytes. */
  readonly maxInflatedBytes: number;
  readonly maxPackObjects: number;
  /** Objects of one download from which native git takes over, where there is one. */
  readonly maxBuiltinObjects: number;
  /** Folders inside folders. */
  readonly maxTreeDepth: number;
  /** Entries of trees that one operation looks at. */
  readonly maxTreeEntries: number;
  /** Commits that one operation looks at. */
  readonly maxCommits: number;
  /** Memory for inflated objects of one mirror, in bytes. */
  readonly cacheBytes: number;
  /** A mirror with more packs or more bytes than this is cloned anew. */
  readonly maxPacks: number;
  readonly maxMirrorBytes: number;
}

const MIB = 1 << 20;

export const DEFAULT_GIT_LIMITS: GitLimits = {
  timeoutMs: 300_000,
  idleTimeoutMs: 60_000,
  maxRefsBytes: 32 * MIB,
  maxPackBytes: 256 * MIB,
  maxObjectBytes: 64 * MIB,
  maxInflatedBytes: 8192 * MIB,
  maxPackObjects: 2_000_000,
  maxBuiltinObjects: 5_000,
  maxTreeDepth: 64,
  maxTreeEntries: 500_000,
  maxCommits: 500_000,
  cacheBytes: 16 * MIB,
  maxPacks: 40,
  maxMirrorBytes: 512 * MIB,
};
