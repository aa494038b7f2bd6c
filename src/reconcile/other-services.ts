import { KubeError } from '../cluster/kube-client.ts';
import { ROLLOUTS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import type { PassResult } from '../lib/work-queue.ts';
import { keyOf } from '../model/kube-object.ts';
import { LABEL } from '../model/names.ts';
import { oidOf } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { rolloutsOf } from './rollout-store.ts';
import type { SyncJob } from './sync-job.ts';
import type { SyncSettings } from './sync-settings.ts';

/** Another service was faster: its Rollouts, and the repository, are to be read before anything is decided. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Until the repository, or a watch, has told what the other service did. */
const ASK_AGAIN_MS = 250;

/** What a pass answers that another writer has got ahead of; undefined for any other trouble. */
export function lostRace(
  thrown: unknown,
  job: Pick<SyncJob, 'record' | 'hinted' | 'trouble'>,
): PassResult | undefined {
  if (thrown instanceof Overtaken) {
    job.record = undefined;
    // A repository in trouble is asked again in its own time.
    job.hinted ||= job.trouble === undefined;
    return { kind: 'again', afterMs: ASK_AGAIN_MS };
  }
  if (!(thrown instanceof KubeError) || thrown.code !== 409) return undefined;
  // Somebody wrote it meanwhile: read again, there is nothing to tell.
  job.record = undefined;
  return { kind: 'failed', reason: thrown.message };
}

/**
 * Whether somebody else has begun another revision than `head` since this process last asked the
 * repository: then what was read may be older than theirs, and going on with it could take the cluster back.
 */
export function isOvertaken(
  latest: Rollout | undefined,
  job: Pick<SyncJob, 'record' | 'lookedAfter'>,
  head: string,
): boolean {
  if (!latest || oidOf(latest.spec.revision) === head) return false;
  const key = keyOf(latest);
  return key !== job.record?.key && key !== job.lookedAfter;
}

/**
 * Asks the API server which Rollouts there are: the watch of Instances may tell what another service did
 * before the watch of Rollouts tells that there is one.
 */
export async function readRollouts(
  settings: SyncSettings,
  { client, view }: ReconcileContext,
  scope: Scope,
): Promise<readonly Rollout[]> {
  const path = { ...ROLLOUTS, namespace: settings.namespace };
  const labelSelector = `${LABEL.sync}=${settings.name}`;
  const { items } = await client.list<Rollout>(path, { labelSelector }, scope);
  for (const rollout of items) view.caches.rollouts.update(rollout);
  return rolloutsOf(settings, view.caches);
}
