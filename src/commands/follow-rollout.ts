import type { ObjectCache } from '../cluster/object-cache.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { oidOf } from '../model/revision.ts';
import { isVerdict, type Rollout } from '../model/rollout.ts';
import { rolloutLines, statusLines } from './rollout-lines.ts';

const isEnded = ({ status }: Rollout): boolean => isVerdict(status?.phase);

/**
 * Writes what happens to the newest Rollout of a commit, line by line, until its verdict.
 *
 * @param patienceMs how long to wait for the Rollout to appear
 */
export async function followRollout(
  rollouts: ObjectCache<Rollout>,
  { oid, patienceMs }: { readonly oid: string; readonly patienceMs: number },
  write: (line: string) => void,
  scope: Scope,
): Promise<void> {
  const until = scope.clock.now() + patienceMs;
  let seen: Rollout | undefined;
  for (;;) {
    const now = newestOf(rollouts, oid);
    if (now) for (const line of rolloutLines(seen, now)) write(line);
    if (now && isEnded(now)) return;
    if (!now && scope.clock.now() > until) {
      write(`nothing was heard of ${oid.slice(0, 7)} yet: the service looks at its next poll`);
      return;
    }
    seen = now;
    await nextChange(rollouts, scope);
  }
}

function newestOf(rollouts: ObjectCache<Rollout>, oid: string): Rollout | undefined {
  return rollouts
    .list()
    .filter(({ spec }) => oidOf(spec.revision) === oid)
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence)
    .at(-1);
}

/** Resolves at the next change of any Rollout, or after a second. */
async function nextChange(rollouts: ObjectCache<Rollout>, scope: Scope): Promise<void> {
  const changed = new AbortController();
  const stop = rollouts.onChange(() => {
    changed.abort();
  });
  try {
    await scope.clock.sleep(1_000, AbortSignal.any([scope.signal, changed.signal]));
  } catch (thrown) {
    if (!changed.signal.aborted) throw thrown;
  } finally {
    stop();
  }
}

/** Writes everything that happens to any Rollout, statuses included, until the returned function is called. */
export function narrate(rollouts: ObjectCache<Rollout>, write: (line: string) => void): () => void {
  const seen = new Map<string, Rollout>();
  return rollouts.onChange((key, rollout) => {
    if (!rollout) {
      seen.delete(key);
      return;
    }
    const before = seen.get(keyOf(rollout));
    seen.set(key, rollout);
    for (const line of [...rolloutLines(before, rollout), ...statusLines(before, rollout)])
      write(line);
  });
}
