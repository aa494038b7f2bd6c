import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { pathOfObject, ROLLOUTS } from '../cluster/resources.ts';
import { Failure, messageOf } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf } from '../model/kube-object.ts';
import { isVerdict, type Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import type { Caches } from './cluster-view.ts';
import { rolloutsOf } from './rollout-store.ts';
import { settingsOrNone } from './sync-settings.ts';

/** So many finished Rollouts of one Sync are kept for a forge or a repository that does not take what they have to say. */
const MAX_UNSENT = 2_000;

/**
 * The Rollouts of one Sync that are no longer needed: finished ones beyond the newest `historyLimit`,
 * whose statuses have all been sent, and whose Git notes have been pushed where there are to be any. The
 * newest Rollout, which is the head's, always stays.
 *
 * @param rollouts oldest first
 */
export function rolloutsToPrune(
  rollouts: readonly Rollout[],
  historyLimit: number,
  wantsNotes = false,
): readonly Rollout[] {
  const head = rollouts.at(-1);
  const isNoted = ({ status }: Rollout): boolean => !wantsNotes || status?.noted === true;
  const finished = rollouts.filter(isFinished);
  return finished.slice(0, Math.max(0, finished.length - historyLimit)).filter((rollout, index) => {
    const isTooMany = index < finished.length - MAX_UNSENT;
    return rollout !== head && (isTooMany || (hasSentAll(rollout) && isNoted(rollout)));
  });
}

const isFinished = ({ status }: Rollout): boolean => isVerdict(status?.phase);

const hasSentAll = ({ status }: Rollout): boolean =>
  (status?.outbox ?? []).every(({ sent }) => sent);

/**
 * Deletes what every Sync's history no longer needs; RolloutParts go with their Rollout. What cannot be
 * deleted now stays until the next time.
 */
export async function pruneHistory(
  { client, caches }: { readonly client: KubeClient; readonly caches: Caches },
  scope: Scope,
): Promise<void> {
  for (const sync of caches.syncs.list()) {
    for (const rollout of unneeded(sync, caches)) {
      if (scope.signal.aborted) return;
      await remove(rollout, client, scope);
    }
  }
}

/** A Sync whose spec is wrong keeps everything. */
function unneeded(sync: Sync, caches: Caches): readonly Rollout[] {
  const settings = settingsOrNone(sync);
  if (!settings) return [];
  return rolloutsToPrune(rolloutsOf(settings, caches), settings.historyLimit, settings.notes);
}

async function remove(rollout: Rollout, client: KubeClient, scope: Scope): Promise<void> {
  const { uid, resourceVersion } = rollout.metadata;
  const options = { uid, resourceVersion, propagationPolicy: 'Background' } as const;
  try {
    await client.delete(pathOfObject(ROLLOUTS, rollout), options, scope);
    scope.log.info('old rollout deleted', { rollout: keyOf(rollout) });
  } catch (thrown) {
    const isGone = thrown instanceof KubeError && (thrown.code === 404 || thrown.code === 409);
    if (isGone || scope.signal.aborted) return;
    if (!(thrown instanceof Failure)) throw thrown;
    const reason = messageOf(thrown);
    scope.log.warn('old rollout not deleted', { rollout: keyOf(rollout), reason });
  }
}
