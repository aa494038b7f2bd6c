import type { Scope } from '../lib/scope.ts';
import type { Proxy } from '../lib/proxy.ts';
import type { UnreadFile } from './unread-file.ts';

/** Where a repository is and what may be said to it. Credentials never leave this object for a log. */
export interface GitRemote {
  /** http, https or ssh, without credentials in it. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bearerToken?: string | undefined;
  /** PEM certificates to trust beside the system's. */
  readonly ca?: string | undefined;
  /** For ssh: a private key without passphrase, and the hosts that are trusted (sshd(8)). */
  readonly identity?: string | undefined;
  readonly knownHosts?: string | undefined;
  /** Goes before what the environment says. */
  readonly proxy?: Proxy | undefined;
  /** True when its name may lead to public addresses only: it stands in Git, not in a Sync. */
  readonly isPublicOnly?: boolean | undefined;
}

/** One commit, as its object says. */
export interface GitCommit {
  /** 40 hex digits. */
  readonly oid: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string };
  /** ISO 8601. */
  readonly committedAt: string;
  readonly subject: string;
}

/** A file of a commit. `path` is relative to the repository's root, with `/`. */
export interface GitFile {
  readonly path: string;
  /** The blob's object id. */
  readonly oid: string;
  readonly text: string;
}

/** The files asked for, and what was left out and why (too large, a symbolic link, not UTF-8, a submodule, an LFS pointer). */
export interface GitFiles {
  readonly files: readonly GitFile[];
  readonly skipped: readonly UnreadFile[];
  /** Of the paths asked for, those that the commit does not have. */
  readonly missingPaths: readonly string[];
  /** Tree hash by folder path for every folder met, so that a package can be identified by content. */
  readonly trees: ReadonlyMap<string, string>;
}

/** How much of a tree is read. */
export interface ReadLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

/** A line of the Git note of one commit. It is one JSON object with `key`, without line ends. */
export interface GitNoteLine {
  readonly commit: string;
  /** Takes the place of the line of the same key. */
  readonly key: string;
  readonly line: string;
}

/**
 * Git repositories, read through local bare mirrors that may be thrown away at any time. Throws
 * Failure: `unreachable` (network, 5xx), `denied` (401, 403), `missing` (repository, ref or commit),
 * `invalid` (over a limit, not a Git repository), `timeout`.
 */
export interface GitSource {
  /** One ls-refs: object id by full ref name (`refs/heads/main`), only refs below the prefixes. Tags are peeled. An empty repository gives an empty map. */
  listRefs(
    remote: GitRemote,
    prefixes: readonly string[],
    scope: Scope,
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Makes the commit `oid` at `ref` (without one: wherever the server has it) and its history available
   * locally; no request when it is there already.
   */
  fetch(remote: GitRemote, ref: string | undefined, oid: string, scope: Scope): Promise<void>;
  readCommit(remote: GitRemote, oid: string, scope: Scope): Promise<GitCommit>;
  /** `head` and its first parents, newest first, without `until` and what is behind it, at most `max`. */
  firstParents(
    remote: GitRemote,
    head: string,
    options: { readonly until?: string | undefined; readonly max: number },
    scope: Scope,
  ): Promise<readonly GitCommit[]>;
  /** Every file below the given folders (or the files themselves; `.` or `` is the root), dot-folders aside. */
  readFiles(
    remote: GitRemote,
    oid: string,
    paths: readonly string[],
    limits: ReadLimits,
    scope: Scope,
  ): Promise<GitFiles>;
  /** Paths of files that differ between two commits; all of `to` when `from` is undefined. */
  changedPaths(
    remote: GitRemote,
    from: string | undefined,
    to: string,
    scope: Scope,
  ): Promise<readonly string[]>;
  /** The newest common ancestor, if any. */
  mergeBase(remote: GitRemote, a: string, b: string, scope: Scope): Promise<string | undefined>;
  /** True when `ancestor` is reachable from `descendant`. */
  isAncestor(
    remote: GitRemote,
    ancestor: string,
    descendant: string,
    scope: Scope,
  ): Promise<boolean>;
  /**
   * The notes of `ref` by commit, at most 10,000 of them, those that are too large left out. No notes when
   * there is no such ref.
   */
  readNotes(remote: GitRemote, ref: string, scope: Scope): Promise<ReadonlyMap<string, string>>;
  /**
   * Adds lines to the notes of `ref` in the repository itself and keeps what else stands there, whoever
   * pushes at the same time. Pushes nothing when all lines are there already. Throws Failure `denied`
   * when the repository takes no such push, `conflict` when others were faster all the time.
   */
  addNoteLines(
    remote: GitRemote,
    ref: string,
    lines: readonly GitNoteLine[],
    scope: Scope,
  ): Promise<void>;
  /** Ends the worker. */
  close(): Promise<void>;
}
