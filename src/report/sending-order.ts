/** What an outbox has to say, and about which commits. */
interface Outbox {
  /** Commits with something unsent. */
  readonly commits: readonly string[];
}

/**
 * The order in which outboxes are emptied after a forge was away: the newest first, because people look
 * at the newest commit, but what is said about one commit stays in its order.
 *
 * @param outboxes oldest first
 */
export function sendingOrder<T extends Outbox>(outboxes: readonly T[]): readonly T[] {
  const byCommit = new Map<string, number[]>();
  for (const [index, { commits }] of outboxes.entries()) {
    for (const commit of commits) {
      byCommit.set(commit, [...(byCommit.get(commit) ?? []), index]);
    }
  }
  const placed = new Set<number>();
  for (let newest = outboxes.length - 1; newest >= 0; newest--) place(newest);
  return [...placed].flatMap((index) => outboxes[index] ?? []);

  function place(index: number): void {
    if (placed.has(index)) return;
    const about = outboxes[index]?.commits ?? [];
    const before = new Set(about.flatMap((commit) => byCommit.get(commit) ?? []));
    for (const older of [...before].filter((one) => one < index).toSorted((a, b) => a - b)) {
      place(older);
    }
    placed.add(index);
  }
}
