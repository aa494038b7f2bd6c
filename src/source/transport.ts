/** What to download. */
export interface Wanted {
  /** A ref of the server, or the 40 digits of a commit where the server allows that. */
  readonly what: string;
  /** Where that was a moment ago, when it is a ref: saves asking. */
  readonly oid?: string | undefined;
  /** A local ref whose commit, with all behind it, is there already. */
  readonly have: string;
}

/**
 * A way to one repository, for one operation. Throws Failure: `unreachable`, `denied`, `missing`,
 * `invalid`.
 */
export interface Transport {
  /** Without credentials; for messages. */
  readonly url: string;
  /** One ls-refs: object id by full ref name below the prefixes; tags are peeled. */
  listRefs(prefixes: readonly string[]): Promise<Map<string, string>>;
  /**
   * Downloads what `wanted` names, with its whole history, into the bare repository `gitDir`, less what
   * that has. It is there whole afterwards, or not at all.
   */
  download(gitDir: string, wanted: Wanted): Promise<void>;
  close(): Promise<void>;
}
