/** A commit on a branch as people and conditions see it: `main@sha1:<40 hex>`. */
export type Revision = `${string}@sha1:${string}`;

export function revisionOf(branch: string, oid: string): Revision {
  return `${branch}@sha1:${oid}`;
}

/** The 40 hex digits of a revision. */
export function oidOf(revision: string): string {
  return revision.slice(revision.lastIndexOf(':') + 1);
}

/** The first seven digits, as `git log --oneline` shows them. */
export function shortOid(oid: string): string {
  return oid.slice(0, 7);
}
