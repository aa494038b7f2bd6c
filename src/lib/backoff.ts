/** How long to wait between tries, in milliseconds. */
export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after `failures` (≥ 1) failures in a row: doubling from `minMs` to `maxMs`, of which
 * the upper half is left to chance, so that many who failed together do not come back together.
 *
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: () => number): number {
  const doubled = limits.minMs * 2 ** Math.min(failures - 1, 30);
  const ceiling = Math.min(limits.maxMs, doubled);
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
