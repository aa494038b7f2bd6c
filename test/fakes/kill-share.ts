/**
 * How many of the requests with that label end in a kill. Writes are where something can be done
 * twice or be forgotten; reads make most of the requests of a service that has just been started.
 */
export function killShare(label: string): number {
  if (/^(POST|PATCH) instances$/.test(label)) return 0.7;
  if (/^(POST|PATCH|PUT|DELETE) /.test(label)) return 0.4;
  return label === 'git fetch' ? 0.2 : 0.02;
}
