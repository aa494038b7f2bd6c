import { KubeError, type KubeClient } from '../cluster/kube-client.ts';
import { pathOf, ROLLOUT_PARTS, ROLLOUTS } from '../cluster/resources.ts';
import type { Scope } from '../lib/scope.ts';
import { sha256 } from '../lib/sha256.ts';
import type { ObjectKey } from '../model/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, LABEL } from '../model/names.ts';
import { oidOf, revisionOf } from '../model/revision.ts';
import { rolloutName, type Rollout, type RolloutPart } from '../model/rollout.ts';
import type { Caches } from './cluster-view.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { RevisionState } from './revision-reader.ts';
import { RolloutRecord } from './rollout-record.ts';
import type { SyncSettings } from './sync-settings.ts';

/** The Rollouts of a Sync, oldest first. */
export function rolloutsOf(settings: SyncSettings, { rollouts }: Caches): readonly Rollout[] {
  return rollouts
    .list()
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === settings.namespace &&
        spec.sync === settings.name &&
        metadata.ownerReferences?.some(({ uid }) => uid === settings.uid) === true,
    )
    .toSorted((a, b) => a.spec.sequence - b.spec.sequence);
}

/** A Rollout and its parts, read from the API server, for whoever is about to write it. */
export async function loadRecord(
  key: ObjectKey,
  client: KubeClient,
  scope: Scope,
): Promise<RolloutRecord> {
  const rollout = await client.get<Rollout>(pathOf(ROLLOUTS, key), scope);
  const parts: RolloutPart[] = [];
  // Parts are stored before their number is: there may be more of them than the Rollout says.
  for (let index = 1; ; index++) {
    const part = await getPart(`${key}-p${String(index)}` as ObjectKey, client, scope);
    if (part) parts.push(part);
    else if (index > (rollout.status?.parts ?? 0)) break;
  }
  return new RolloutRecord(rollout, parts);
}

async function getPart(
  key: ObjectKey,
  client: KubeClient,
  scope: Scope,
): Promise<RolloutPart | undefined> {
  try {
    return await client.get<RolloutPart>(pathOf(ROLLOUT_PARTS, key), scope);
  } catch (thrown) {
    if (thrown instanceof KubeError && thrown.code === 404) return undefined;
    throw thrown;
  }
}

/** What a new Rollout is made from. */
export interface NewRollout {
  readonly revision: RevisionState;
  readonly settings: SyncSettings;
  /** Of the same Sync, oldest first. */
  readonly earlier: readonly Rollout[];
}

/**
 * Creates the Rollout object of a revision, and lets the cache know before the watch does, so that the next
 * revision finds it. One of that name that exists already is returned as it is.
 */
export async function createRollout(
  { revision, settings, earlier }: NewRollout,
  context: ReconcileContext,
  scope: Scope,
): Promise<{ rollout: Rollout; isNew: boolean }> {
  const { commit } = revision;
  const attempt = nextAttempt(earlier, commit.oid);
  const { namespace } = settings;
  const previous = earlier.at(-1);
  const name = rolloutName(settings.name, commit.oid, attempt);
  const owner = { apiVersion: API_VERSION, kind: 'Sync', name: settings.name, uid: settings.uid };
  const body = {
    apiVersion: API_VERSION,
    kind: 'Rollout',
    metadata: {
      name,
      namespace,
      labels: { [LABEL.sync]: settings.name },
      ownerReferences: [owner],
    },
    spec: {
      sync: settings.name,
      revision: revisionOf(settings.ref.branch, commit.oid),
      attempt,
      settingsHash: settingsHash(settings),
      sequence: (previous?.spec.sequence ?? 0) + 1,
      author: commit.author.name,
      subject: commit.subject.slice(0, 200),
      committedAt: commit.committedAt,
      ...(previous ? { previousRevision: previous.spec.revision } : {}),
    },
  };
  try {
    const path = { ...ROLLOUTS, namespace };
    const options = { fieldManager: FIELD_MANAGER };
    const created = await context.client.create<Rollout>(path, body, options, scope);
    context.view.caches.rollouts.update(created);
    return { rollout: created, isNew: true };
  } catch (thrown) {
    if (!(thrown instanceof KubeError) || thrown.code !== 409) throw thrown;
    const path = pathOf(ROLLOUTS, `${namespace}/${name}`);
    return { rollout: await context.client.get<Rollout>(path, scope), isNew: false };
  }
}

/** Changes exactly when the same commit may say something else of the cluster. */
export function settingsHash({ url, ref, paths, defaultNamespace }: SyncSettings): string {
  return sha256(JSON.stringify([url, ref, paths, defaultNamespace])).slice(0, 16);
}

/** The number of the next attempt of a commit: one more than the highest there is. */
function nextAttempt(earlier: readonly Rollout[], oid: string): number {
  const attempts = earlier
    .filter(({ spec }) => oidOf(spec.revision) === oid)
    .map(({ spec }) => spec.attempt);
  return Math.max(0, ...attempts) + 1;
}
