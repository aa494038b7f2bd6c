/**
 * How many of the requests with that label end in a kill. Writes are where something can be done
 * twice or be forgotten; reads make most of the requests of a service that has just been started.
 */
export function killShare(label: string): number {
  if (/^(POST|PATCH|PUT|DELETE) /.test(label)) return 0.4;
  if (label.startsWith('git fetch')) return 0.2;
  return 0.02;
}
