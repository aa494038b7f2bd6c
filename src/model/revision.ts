/** A commit as people and conditions see it: `main@sha1:<40 hex>`, `v1.2.0@sha1:…`, or `sha1:…` alone. */
export type Revision = `${string}@sha1:${string}` | `sha1:${string}`;

/** @param ref full or short name of the branch or tag that led to the commit; undefined for none */
export function revisionOf(ref: string | undefined, oid: string): Revision {
  return ref === undefined
    ? `sha1:${oid}`
    : `${ref.replace(/^refs\/(heads|tags)\//, '')}@sha1:${oid}`;
}

/** The 40 hex digits of a revision. */
export function oidOf(revision: string): string {
  return revision.slice(revision.lastIndexOf(':') + 1);
}

/** The first seven digits, as `git log --oneline` shows them. */
export function shortOid(oid: string): string {
  return oid.slice(0, 7);
}
