/**
 * Whether `first` is an older version of the same resource than `second`. Versions of one resource are
 * growing numbers (Kubernetes says so since 1.35, and it always was so); anything else is never older.
 */
export function isOlder(first: string | undefined, second: string | undefined): boolean {
  if (first === undefined || second === undefined) return false;
  if (!/^\d+$/.test(first) || !/^\d+$/.test(second)) return false;
  if (first.length !== second.length) return first.length < second.length;
  return first < second;
}
