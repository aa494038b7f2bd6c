/**
 * How many of the requests with that label end in a kill. Writes are where something can be done
 * twice or be forgotten; reads make most of the requests of a service that has just been started.
 */
export function killShare(label: string): number {
  if (/^(POST|PATCH|PUT|DELETE) /.test(label)) return Number(process.env['KILL_SHARE'] ?? 0.5);
  if (label.startsWith('git fetch')) return 0.3;
  return 0.03;
}
